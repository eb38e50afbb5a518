#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <rill/core/inspect/flow_page.h>
#include <rill/core/inspect/snapshot.h>
#include <rill/core/node.h>
#include <rill/core/observer.h>
#include <rill/core/state_dict.h>

namespace rill::inspect {

/// What `Trace` may be told.
struct TraceOptions {
  /// Tensors of at most so many elements are kept with all their numbers, larger ones with
  /// statistics and a small picture.
  int64_t whole_values = 1024;
  /// Keep what the rows of ops need, so that `terms` and `inside` can ask them after backward has
  /// let go of it.
  bool keep_rows = true;
};

/// A tensor at one moment: an op that writes in place makes another value of the same tensor.
struct TracedValue {
  /// The op that made it; -1 for what came from outside: parameters, data, constants.
  int64_t made_by = -1;
  /// Of a parameter or buffer of the model, else "".
  std::string name;
  bool is_leaf_with_gradient = false;
  Snapshot data;

  /// A gradient that came here, from row `row` of op `op`.
  struct Arrival {
    int64_t op;
    int row;
  };
  /// In the order in which they came; their sum, unless a hook changed it, is `gradient`.
  std::vector<Arrival> arrivals = {};
  /// The gradient that backward began with, or that came from an op before the trace: a summand
  /// too.
  std::optional<Snapshot> start = {};
  /// Complete, after hooks; nothing where none came.
  std::optional<Snapshot> gradient = {};
};

/// An op that ran in forward, with what became of it in backward. Of one with several outputs, as
/// `split` has, each stands there as an op.
struct TracedOp {
  std::string name;
  /// Path of the module whose forward ran it, "" outside any; and the number of that call among all
  /// calls of modules, -1 outside.
  std::string module;
  int64_t call = -1;
  /// The op inside which it ran (`bmm` runs `matmul`), or -1.
  int64_t parent = -1;
  /// Values, in the order in which the op takes them; -1 for an option that was left out.
  std::vector<int64_t> inputs = {};
  /// -1 where it has failed, or gives no single tensor.
  int64_t output = -1;
  double forward_ms = 0, backward_ms = 0;

  /// How the gradient of the output becomes that of an input.
  struct Row {
    int input = -1;       // which of `inputs`; -1 where that is not known
    std::string formula;  // "dout · bᵀ"
    bool is_wanted = false;
    /// What it gave, once backward has been here.
    std::optional<Snapshot> outgoing = {};
  };
  /// Empty where nothing was recorded.
  std::vector<Row> rows = {};

  /// Memory that the graph holds for this op's backward.
  struct Kept {
    int64_t value = -1;  // which one it is, -1 where it is none of the trace's
    int64_t bytes = 0;   // of its storage
    /// An op made it, or the 3 of x * 3, and none before keeps it: it is held by this op's backward
    /// alone, so far.
    bool is_new = false;
  };
  std::vector<Kept> kept = {};
  /// Place in `Trace::passes`, -1 where no gradient came.
  int64_t pass = -1;
  /// Bytes that the graph let go of after this op's pass, no other op's backward needing them.
  int64_t freed_bytes = 0;
};

/// A call of a module's forward.
struct TracedCall {
  std::string path;
  std::string type;     // "Linear"
  int64_t parent = -1;  // the call inside which it ran
  int64_t first_op = 0, last_op = -1;
};

/// One product in the sum that is an element of a gradient.
struct Term {
  int64_t element;    // of the incoming gradient, row-major
  double incoming;    // its value
  double derivative;  // d(outgoing gradient) / d(incoming gradient): that of the op's own formula
  double product;
};

/// Holds the forward and the backward pass of what runs while it watches:
///
///   Trace trace(model);
///   {
///     const ObserverGuard watching(trace);
///     loss = cross_entropy(model(x), y);
///     loss.backward();
///   }
///   trace.page("A step").write("flow.html");
///
/// Ops stand in the order in which they began, and passes of backward in that in which they ran. Of
/// several walks over the same op the last one counts. Ops that rows run in backward are no part
/// of it.
class Trace final : public Observer {
 public:
  explicit Trace(TraceOptions options = {});
  /// With the names of a module's parameters and buffers.
  template <class Model>
  requires requires(const Model& model) { model.named_parameters(); }
  explicit Trace(const Model& model, TraceOptions options = {}) : Trace(options) {
    name(model.named_parameters());
    name(model.named_buffers());
  }
  Trace(Trace&& other) noexcept;
  ~Trace() override;

  /// Names tensors that belong to no module, what ops gave among them, before or after the trace
  /// has seen them.
  void name(const std::vector<NamedTensor>& tensors);

  const std::vector<TracedOp>& ops() const { return ops_; }
  const std::vector<TracedValue>& values() const { return values_; }
  const std::vector<TracedCall>& calls() const { return calls_; }
  /// Ops in the order in which backward passed them.
  const std::vector<int64_t>& passes() const { return passes_; }

  /// How element `element` (row-major) of the gradient that row `row` of op `op` gave out came to
  /// be: products whose sum it is, those that are 0 left out, the largest first. Asks the op's own
  /// row, which is linear in the incoming gradient. Throws ValueError where no gradient has passed
  /// that row or its rows are not kept, IndexError for an element that is not there, AutogradError
  /// where a tensor that the row needs has been changed in place since (by an optimizer's step).
  std::vector<Term> terms(int64_t op, int row, int64_t element) const;

  /// What fused op `op` (attention, layer norm, cross-entropy) is made of: a trace of its twin of
  /// plain ops, with the numbers of this run and the gradients that the same incoming gradient
  /// gives. Null for an op that is not fused, whose rows are not kept, or that was not recorded.
  std::shared_ptr<const Trace> inside(int64_t op) const;

  /// A page on which the trace is watched; <rill/core/inspect/flow_page.h> says what it throws.
  FlowPage page(const std::string& title) const;

  void on_begin(const char* op) override;
  void on_end(const char* op, const Tensor& out) override;
  void on_output(const char* op, const Tensor& out, std::span<const Tensor> inputs) override;
  void on_enter(const Named& module) override;
  void on_leave(const Named& module) override;
  void on_record(const Node& node) override;
  void on_begin_walk() override;
  void on_end_walk() override;
  void on_begin(const Node& node) override;
  void on_end(const Node& node) override;
  void on_gradient(const Node& node, int row, const Tensor& incoming,
                   const Tensor& outgoing) override;
  void on_accumulate(const Node& node, const Tensor& gradient) override;
  void on_finish(const Node& node, const Tensor& gradient) override;
  void on_release(const Node& node) override;

 private:
  /// An op that is running.
  struct Running {
    int64_t op;
    int64_t start;               // in nanoseconds
    const Node* node = nullptr;  // what it has recorded so far
  };
  /// What the trace needs of an op beside what it shows.
  struct Hidden {
    Ref<Node> node;   // a copy
    Tensor incoming;  // the gradient that came in
    std::vector<int64_t> kept_roots;
    mutable std::shared_ptr<const Trace> inside;
  };

  bool is_forward() const { return walks_ == 0; }
  int64_t value_of(const Tensor& tensor, int64_t made_by);
  int64_t output_of(const Tensor& out, int64_t op, std::span<const Tensor> inputs);
  int64_t add(TracedOp op);
  void begin_next_output();
  void note_place(const Tensor& tensor, int64_t value);
  void note_inputs(TracedOp& op, const Tensor& out, std::span<const Tensor> inputs);
  void note_rows(TracedOp& op, const Node& node, std::span<const Tensor> inputs);
  void note_kept(int64_t op, const Node& node, const Tensor& out, std::span<const Tensor> inputs);
  int64_t op_of(const Node& node) const;
  void forget_pass(int64_t op);
  TracedValue* value_at(const Node& node);
  const Hidden& want_rows(int64_t op) const;

  TraceOptions options_;
  std::vector<TracedOp> ops_;
  std::vector<Hidden> hidden_;  // of each op
  std::vector<TracedValue> values_;
  std::vector<int64_t> roots_;  // of each value the one whose memory it shows
  std::vector<TracedCall> calls_;
  std::vector<int64_t> passes_;
  struct Index;
  std::unique_ptr<Index> index_;  // of tensors and nodes
  std::vector<Running> running_;
  std::vector<int64_t> running_calls_;
  int walks_ = 0;
  int64_t walk_ = 0;                     // how many have begun
  std::vector<int64_t> value_walk_;      // in which of them a gradient last came to a value
  TracedValue::Arrival passing_{-1, 0};  // the row that gave the last gradient
  int64_t pass_start_ = 0;
};

}  // namespace rill::inspect
