#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <tuple>
#include <type_traits>

#include <rill/core/kernels/float_state.h>
#include <rill/core/node.h>
#include <rill/core/observer.h>
#include <rill/core/tensor.h>

// How gradients flow. An op computes its output and records one row per input: how the gradient of
// the output becomes the gradient of that input. `backward` walks those rows, newest op first.

namespace rill {

namespace detail {
extern constinit thread_local bool grad_enabled;
}

/// Whether ops on this thread record rows.
inline bool is_grad_enabled() { return detail::grad_enabled; }

/// Recording on or off on this thread, for the guard's lifetime.
class GradModeGuard {
 public:
  [[nodiscard]] explicit GradModeGuard(bool enabled)
      : previous_(detail::grad_enabled), outer_(innermost_) {
    detail::grad_enabled = enabled;
    innermost_ = this;
  }
  ~GradModeGuard() {
    if (innermost_ != this) {
      leave_early();
    } else {
      detail::grad_enabled = previous_;
      innermost_ = outer_;
    }
  }
  GradModeGuard(const GradModeGuard&) = delete;
  GradModeGuard& operator=(const GradModeGuard&) = delete;

 private:
  /// A guard that began later is still there: its mode stays, until it ends.
  void leave_early();

  static constinit thread_local GradModeGuard* innermost_;
  bool previous_;
  GradModeGuard* outer_;
};

/// No recording: for evaluation, and for writing to parameters.
class NoGradGuard : public GradModeGuard {
 public:
  [[nodiscard]] NoGradGuard() : GradModeGuard(false) {}
};

/// What `grad` may be told.
struct GradOptions {
  /// d(loss)/d(output) for each output; ones for outputs of one element where it is empty.
  std::vector<Tensor> grad_outputs = {};
  /// Record the backward pass itself, for gradients of gradients.
  bool create_graph = false;
  /// Keep what the graph holds for another backward; implied by create_graph.
  bool retain_graph = false;
  /// An input that the outputs do not depend on gets an undefined gradient instead of an error.
  bool allow_unused = false;
};

/// The gradients of `outputs` (summed) with respect to `inputs`, without touching any `.grad`. Each
/// has memory of its own. Only ops between the two take part: what else belongs to the graph may be
/// freed, or be walked by others. Throws AutogradError where no graph leads from the outputs to an
/// input, and where another backward is walking an op that takes part, around this one or on
/// another thread: graphs on several threads may share leaves, but no results of ops.
[[nodiscard]] std::vector<Tensor> grad(const std::vector<Tensor>& outputs,
                                       const std::vector<Tensor>& inputs,
                                       const GradOptions& options = {});
[[nodiscard]] inline std::vector<Tensor> grad(const Tensor& output,
                                              const std::vector<Tensor>& inputs,
                                              const GradOptions& options = {}) {
  return grad(std::vector{output}, inputs, options);
}
/// Of one input, named without braces: `grad(y, {x})` gives a vector of one gradient.
template <std::same_as<Tensor> Output, std::same_as<Tensor> Input>
Tensor grad(const Output& output, const Input& input, const GradOptions& options = {}) {
  return grad(std::vector{output}, std::vector{input}, options)[0];
}

/// `gradient` summed over the dimensions that broadcasting added or stretched, back to `shape`:
/// the gradient of a bias is a sum over the batch.
Tensor sum_to(const Tensor& gradient, const Shape& shape);

/// A tensor that a row keeps without connecting it to the graph: no gradient of a gradient will
/// flow through it.
struct Constant {
  const Tensor& tensor;
};
inline Constant constant(const Tensor& tensor) { return {tensor}; }

namespace detail {

/// A tensor that a row keeps, with the version it had. An alias: it owns no `.grad`, and the op's
/// own output is kept without its node, so that the graph holds no cycle.
class KeptTensor {
 public:
  KeptTensor(const Tensor& tensor, const Tensor& out);
  KeptTensor(const Constant& constant);
  /// The tensor as it was. Throws AutogradError where it has been written to since. `node` made
  /// the output; it is connected again while gradients of gradients are recorded.
  Tensor restore(const Node& node) const;
  /// Neither constant, nor the output, nor part of the graph.
  bool is_unconnected() const;
  bool is_alias_of(const Tensor& tensor) const;
  void release() { alias_ = Tensor(); }

 private:
  Tensor alias_;
  uint32_t version_ = 0;
  bool is_output_ = false;
  bool is_constant_ = false;
};

template <class T>
inline constexpr bool is_tensor_like = std::is_same_v<T, Tensor> || std::is_same_v<T, Constant>;

/// How a kept thing is stored: tensors as KeptTensor, plain values as they are.
template <class T>
using Stored = std::conditional_t<is_tensor_like<T>, KeptTensor, T>;

template <class T, class Argument>
Stored<T> store(const Argument& argument, const Tensor& out) {
  if constexpr (std::is_same_v<T, Tensor>)
    return KeptTensor(argument, out);
  else
    return Stored<T>(argument);
}

template <class T>
decltype(auto) restore(const T& stored, const Node& node) {
  if constexpr (std::is_same_v<T, KeptTensor>)
    return stored.restore(node);
  else
    return static_cast<const T&>(stored);
}

template <class... Kept>
void release(std::tuple<Kept...>& kept) {
  std::apply(
      [](auto&... one) {
        (
            [&] {
              if constexpr (std::is_same_v<std::decay_t<decltype(one)>, KeptTensor>) one.release();
            }(),
            ...);
      },
      kept);
}

void check_kept(const KeptTensor& kept, std::span<const Tensor* const> inputs);

template <class... Kept>
void check_all_kept(const std::tuple<Kept...>& kept, std::span<const Tensor* const> inputs) {
  std::apply(
      [&](const auto&... one) {
        (
            [&] {
              if constexpr (std::is_same_v<std::decay_t<decltype(one)>, KeptTensor>)
                check_kept(one, inputs);
            }(),
            ...);
      },
      kept);
}

[[noreturn]] void refuse_stale_view(const Tensor& view);
/// Throws AutogradError for a view that an in-place op on its base has made stale.
inline void refuse_if_stale(const Tensor& tensor) {
  if (is_stale_view(*tensor.impl())) refuse_stale_view(tensor);
}
/// Whether ops record now, and `input` wants a gradient. Throws as `refuse_if_stale`, even where a
/// stale view wanted none before it became so.
inline bool wants_gradient(const Tensor& input) {
  if (!is_grad_enabled() || !input.defined()) return false;
  refuse_if_stale(input);
  return static_cast<bool>(input.impl()->node);
}
/// The place in the graph of an input of an op; null where `wants_gradient` says no. Throws as
/// that.
Ref<Node> node_of(const Tensor& input);
/// Refuses to record `out` as what an op made that began when tensor `began` was the next to be
/// made: a tensor that has a place in the graph or was there before.
void check_output(const Tensor& out, uint64_t began);
/// Makes `node` the place of `out` in the graph; tells observers.
void attach(const Tensor& out, Ref<Node> node);

}  // namespace detail

/// What `keep` was given, until the row is recorded: tensors by reference, plain values as they
/// are.
template <class... Ts>
struct Keep {
  std::tuple<std::conditional_t<std::is_same_v<Ts, Tensor>, const Tensor&, Ts>...> things;
};

/// What a row's function needs besides the gradient of the output: inputs of the op, its output,
/// `constant(t)`, and plain values (numbers, shapes).
template <class... Ts>
Keep<Ts...> keep(const Ts&... things) {
  static_assert(((!std::is_pointer_v<Ts> && !std::is_array_v<Ts>)&&...),
                "keep takes tensors and plain values: a pointer would dangle until backward");
  return {{things...}};
}

namespace detail {
template <class Function, class... Ts>
struct RecordedRow;

/// What a function is given for a kept thing.
template <class T>
using Restored = std::conditional_t<is_tensor_like<T>, Tensor, const T&>;
/// Whether a row that keeps Ts can have this function.
template <class Function, class... Ts>
inline constexpr bool is_row_function = std::is_empty_v<Function>&&
    std::is_invocable_r_v<Tensor, Function, const Tensor&, Restored<Ts>...>;
}  // namespace detail

/// One line of an op's table of gradients, not yet recorded.
template <class Function, class... Ts>
struct Row {
  using Recorded = detail::RecordedRow<Function, Ts...>;
  const Tensor& input;
  const char* formula;
  Keep<Ts...> kept;
};

/// How the gradient of the output becomes that of `input`: `formula` for the reader, and
/// `function(dout, kept...)` for the machine. The function captures nothing: what it needs stands
/// in `keep(...)`, where the engine sees it.
template <class Function, class... Ts>
Row<Function, Ts...> row(const Tensor& input, const char* formula, Keep<Ts...> kept, Function) {
  static_assert(std::is_empty_v<Function>,
                "a row's function captures nothing: name what it needs in keep(...)");
  static_assert(!std::is_empty_v<Function> || detail::is_row_function<Function, Ts...>,
                "a row's function takes dout and then what keep(...) names, one by one, and "
                "returns a Tensor");
  return {input, formula, std::move(kept)};
}
template <class Function>
Row<Function> row(const Tensor& input, const char* formula, Function function) {
  return row(input, formula, Keep<>{}, function);
}

namespace detail {

/// A row as the graph holds it: nothing at all where its input wants no gradient.
template <class Function, class... Ts>
struct RecordedRow {
  using Kept = std::tuple<Stored<Ts>...>;
  std::optional<Kept> kept;

  RecordedRow(const Row<Function, Ts...>& row, const Tensor& out, bool wanted) {
    if (wanted)
      kept = std::apply([&](const auto&... things) { return Kept(store<Ts>(things, out)...); },
                        row.kept.things);
  }

  void gradient(const Node& node, const Tensor& dout, Tensor& into) const {
    if constexpr (is_row_function<Function, Ts...>)  // row() has said what is wrong otherwise
      if (kept)
        into = std::apply(
            [&](const auto&... things) { return Function{}(dout, restore(things, node)...); },
            *kept);
  }
  void release() {
    if (kept) detail::release(*kept);
  }
};

/// The node of an op whose rows are known at compile time.
template <class... Rows>
class RowsNode : public Node {
 public:
  template <class... Specs>
  RowsNode(const char* name, const Tensor& out, const Specs&... specs)
      : Node(name, out),
        inputs_{Input{node_of(specs.input), specs.formula}...},
        rows_{Rows(specs, out, wants_gradient(specs.input))...} {
    set_inputs(inputs_);
    check_kept_of_rows(std::array<const Tensor*, sizeof...(Specs)>{&specs.input...});
  }

  void gradients(const Tensor& dout, std::span<Tensor> into) const override {
    size_t i = 0;
    std::apply([&](const auto&... row) { (row.gradient(*this, dout, into[i++]), ...); }, rows_);
  }
  void release() override {
    std::apply([](auto&... row) { (row.release(), ...); }, rows_);
  }

 private:
  void check_kept_of_rows(std::span<const Tensor* const> inputs) const {
    std::apply(
        [&](const auto&... row) { ((row.kept ? check_all_kept(*row.kept, inputs) : void()), ...); },
        rows_);
  }

  std::array<Input, sizeof...(Rows)> inputs_;

 protected:
  std::tuple<Rows...> rows_;
};

/// The node of an op with any number of rows of one form, as `cat` has.
template <class RecordedRow>
class RowListNode final : public Node {
 public:
  template <class Spec>
  RowListNode(const char* name, const Tensor& out, const std::vector<Spec>& specs)
      : Node(name, out) {
    std::vector<const Tensor*> tensors;
    for (const Spec& spec : specs) {
      inputs_.push_back({node_of(spec.input), spec.formula});
      rows_.emplace_back(spec, out, wants_gradient(spec.input));
      tensors.push_back(&spec.input);
    }
    set_inputs(inputs_);
    for (const RecordedRow& row : rows_)
      if (row.kept) check_all_kept(*row.kept, tensors);
  }

  void gradients(const Tensor& dout, std::span<Tensor> into) const override {
    for (size_t i = 0; i < rows_.size(); ++i) rows_[i].gradient(*this, dout, into[i]);
  }
  void release() override {
    for (RecordedRow& row : rows_) row.release();
  }

 private:
  std::vector<Input> inputs_;
  std::vector<RecordedRow> rows_;
};

}  // namespace detail

/// Names an op for its duration (in errors, to observers) and records its rows.
class Op {
 public:
  [[nodiscard]] explicit Op(const char* name) : name_(name), outer_(current_) {
    current_ = this;
    if (is_observed()) begin();
  }
  ~Op() {
    current_ = outer_;
    if (is_observed() || seen_) end();
  }
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;

  /// Tells observers of inputs that no row names: masks, indices, and all of an op without rows.
  template <class... Tensors>
  void reads(const Tensors&... inputs) {
    if (is_observed()) (see(inputs), ...);
  }

  /// `out`, made part of the graph where recording is on and an input of a row wants a gradient.
  /// Throws AutogradError when a row keeps a tensor that the graph cannot differentiate through
  /// and that is not marked `constant(t)`, and when `out` was not made since this op began: an
  /// input, or another's data, is no output (its `detach()` or `clone()` is).
  template <class... Rows>
  Tensor record(const Tensor& out, const Rows&... rows) {
    reads(rows.input...);
    connect(out, rows...);
    return done(out);
  }
  /// The same for any number of rows of one form.
  template <class Function, class... Ts>
  Tensor record(const Tensor& out, const std::vector<Row<Function, Ts...>>& rows) {
    bool wanted = false;
    for (const auto& row : rows) {
      reads(row.input);
      wanted = wanted || detail::wants_gradient(row.input);
    }
    if (wanted)
      detail::attach(
          out, make_node<detail::RowListNode<detail::RecordedRow<Function, Ts...>>>(out, rows));
    return done(out);
  }
  /// With a kernel that computes the gradients of all rows at once. See fused.h.
  template <class Kernel, class... Rows>
  Tensor record_with_kernel(const Tensor& out, Kernel kernel, const Rows&... rows);
  /// For a fused op: all its gradients at once, and a twin of plain ops. See fused.h.
  template <class Inputs, class Kept, class Backward, class Twin>
  Tensor record_fused(const Tensor& out, const Inputs& inputs, const Kept& kept, Backward backward,
                      Twin twin);

  /// For an op without a gradient (comparisons, argmax): tells observers of its output.
  const Tensor& done(const Tensor& out) {
    if (is_observed()) tell(out);
    return out;
  }
  /// Makes `out` part of the graph as `record` does, and tells nobody yet: for in-place ops.
  template <class... Rows>
  void connect(const Tensor& out, const Rows&... rows) {
    if ((detail::wants_gradient(rows.input) || ...))
      detail::attach(out, make_node<detail::RowsNode<typename Rows::Recorded...>>(out, rows...));
  }

  /// The innermost op running on this thread, or null.
  static const Op* current() { return current_; }
  const char* name() const { return name_; }

 private:
  friend struct Backward;
  template <class NodeType, class... Parts>
  Ref<Node> make_node(const Tensor& out, const Parts&... parts) const {
    detail::check_output(out, began_);
    return Ref<Node>::adopt(new NodeType(name_, out, parts...));
  }

  struct Seen;
  void begin();
  void end() noexcept;
  Seen& seen();
  void see(const Tensor& input);
  void tell(const Tensor& out);

  static constinit thread_local const Op* current_;
  const kernels::FloatState state_{kernels::Denormals::are_kept};  // of what it computes itself
  const char* name_;
  const Op* outer_;
  uint64_t began_ = detail::next_tensor_number();
  Seen* seen_ = nullptr;  // only for observers
};

}  // namespace rill
