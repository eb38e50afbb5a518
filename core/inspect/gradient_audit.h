#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include <rill/core/observer.h>
#include <rill/core/state_dict.h>

namespace rill::inspect {

namespace detail {
struct StepRecord;
}

/// What may be wrong with the gradients of a step.
enum class GradientFault {
  cut,           // an op in between lets no gradient through
  partly_cut,    // of several uses of a parameter one is cut off
  unused,        // nothing that the loss depends on read the parameter
  unregistered,  // a tensor that gets a gradient and belongs to no module
  zeros,         // a gradient came, and all of it is 0
  dead_units,    // most units of a ReLU give 0 for every input
  unused_rows,   // rows of a table whose index did not occur
  not_finite,    // NaN or infinite
  vanishing,     // what reaches the first layers is a small part of what the last ones get
  exploding,     // and the other way round
};

struct GradientFinding {
  GradientFault fault;
  /// Those that it concerns, by name.
  std::vector<std::string> parameters = {};
  /// The op at which the path was cut, or that is to blame: "detach"; "" where it is not known.
  std::string op = {};
  /// The path of the module that ran it, "" outside any.
  std::string module = {};
  /// What is wrong and what to do, in a sentence or two.
  std::string text = {};
  /// To be known, and no fault: a table of words has rows that one batch does not use.
  bool is_note = false;
};

/// Watches a training step, and tells which parameters got no gradient that could train them, where
/// the path was cut, and what to do:
///
///   GradientAudit audit(model);
///   {
///     const ObserverGuard watching(audit);
///     loss = cross_entropy(model(x), y);
///     loss.backward();
///   }
///   std::cout << audit.text();  // "all 52 parameters have gradients"
///
/// It must see the forward pass: what `detach` or NoGradGuard have cut off is in no graph. Watch
/// one step; it keeps no tensors but the parameters, and reads each result and gradient once.
/// Parameters with `requires_grad_(false)` are frozen on purpose and no fault.
class GradientAudit final : public Observer {
 public:
  explicit GradientAudit(const std::vector<NamedTensor>& parameters);
  template <class Model>
  requires requires(const Model& model) { model.named_parameters(); }
  explicit GradientAudit(const Model& model) : GradientAudit(model.named_parameters()) {}
  ~GradientAudit() override;
  GradientAudit(GradientAudit&&) noexcept;
  GradientAudit(const GradientAudit&) = delete;
  GradientAudit& operator=(const GradientAudit&) = delete;

  /// Tensors whose gradients are wanted though they are no parameters: inputs, for a saliency map.
  void expect(const std::vector<Tensor>& inputs);
  /// Takes the graph that led to `loss` for what has run.
  void read_graph(const Tensor& loss);

  /// The gravest first, notes last.
  std::vector<GradientFinding> findings() const;
  /// Whether there are none but notes.
  bool is_well() const;
  /// A line where all is well, else one for each finding.
  std::string text() const;

  void on_begin(const char* op) override;
  void on_end(const char* op, const Tensor& out) override;
  void on_output(const char* op, const Tensor& out, std::span<const Tensor> inputs) override;
  void on_record(const Node& node) override;
  void on_enter(const Named& module) override;
  void on_leave(const Named& module) override;
  void on_begin_walk() override;
  void on_end_walk() override;
  void on_begin(const Node& node) override;
  void on_gradient(const Node& node, int row, const Tensor& incoming,
                   const Tensor& outgoing) override;
  void on_accumulate(const Node& node, const Tensor& gradient) override;
  void on_finish(const Node& node, const Tensor& gradient) override;
  using Observer::on_end;

 private:
  std::unique_ptr<detail::StepRecord> record_;
};

/// Writes the text.
std::ostream& operator<<(std::ostream& out, const GradientAudit& audit);

/// The same after `loss.backward()`, from the graph that it leaves and from `.grad`: tells which
/// parameters got none, zeros or NaN, but not where their path was cut, which no graph holds.
GradientAudit gradient_audit(const Tensor& loss, const std::vector<NamedTensor>& parameters);
template <class Model>
requires requires(const Model& model) { model.named_parameters(); }
GradientAudit gradient_audit(const Tensor& loss, const Model& model) {
  return gradient_audit(loss, model.named_parameters());
}

}  // namespace rill::inspect
