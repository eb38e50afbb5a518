#pragma once

#include <rill/core/kernels/float_state.h>
#include <rill/core/observer.h>
#include <rill/core/row.h>

// How an op enters the graph: it says its name, and records a row for each input.

namespace rill {

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
  /// For a view of a part of the row's input: `part(x, kept...)` is the same part of a tensor like
  /// the input, to which backward adds the gradient without making the zeros around it.
  template <class Part, class Row>
  Tensor record_part(const Tensor& out, Part, const Row& row) {
    static_assert(std::is_empty_v<Part>,
                  "a part captures nothing: it is given what keep(...) names");
    reads(row.input);
    if (detail::wants_gradient(row.input))
      detail::attach(out, make_node<detail::PartNode<Part, typename Row::Recorded>>(out, row));
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
