#pragma once

#include <array>
#include <optional>
#include <tuple>
#include <type_traits>

#include <rill/core/grad_mode.h>
#include <rill/core/node.h>
#include <rill/core/tensor.h>

// One line of an op's table of gradients: what `row` is given, what it keeps until backward, and
// the nodes that hold such lines in the graph.

namespace rill {

Tensor sum_to(const Tensor& gradient, const Shape& shape);  // see <rill/core/autograd.h>

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
  const Tensor& alias() const { return alias_; }
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

template <class... Kept>
void list_kept(const std::tuple<Kept...>& kept, std::vector<Tensor>& into) {
  const auto list = [&](const auto& one) {
    if constexpr (std::is_same_v<std::decay_t<decltype(one)>, KeptTensor>)
      if (one.alias().defined()) into.push_back(one.alias());
  };
  std::apply([&](const auto&... one) { (list(one), ...); }, kept);
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
/// The formula of a row, and that its gradient is summed where `input` was broadcast to all of
/// `out` but its last `inner` dimensions.
const char* formula_where_broadcast(const char* formula, const Tensor& input, const Tensor& out,
                                    int64_t inner);
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
  std::optional<int64_t> inner = {};  // of broadcast_row
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

/// A row's function, and then the sum over what an input of this shape was repeated along.
template <class Function>
struct SummedTo {
  template <class... Things>
  Tensor operator()(const Tensor& dout, const Shape& shape, const Things&... things) const {
    return sum_to(Function{}(dout, things...), shape);
  }
};

}  // namespace detail

/// A row of an input that may have been broadcast to the shape of the output, or to all of it but
/// the last `inner` dimensions (2 for a product of matrices). Where it was, what `function` gives
/// is summed over that, and the formula says so.
template <class Function, class... Ts>
Row<detail::SummedTo<Function>, Shape, Ts...> broadcast_row(const Tensor& input,
                                                            const char* formula, Keep<Ts...> kept,
                                                            Function function, int64_t inner = 0) {
  static_cast<void>(row(input, formula, kept, function));  // checks them
  return {input, formula, {std::tuple_cat(std::tuple(input.shape()), kept.things)}, inner};
}
template <class Function>
auto broadcast_row(const Tensor& input, const char* formula, Function function) {
  return broadcast_row(input, formula, Keep<>{}, function);
}

namespace detail {

template <class Row>
Input input_of(const Row& row, const Tensor& out) {
  Ref<Node> node = node_of(row.input);
  const bool may_be_summed = node && row.inner;
  return {std::move(node), may_be_summed
                               ? formula_where_broadcast(row.formula, row.input, out, *row.inner)
                               : row.formula};
}

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
  void list_kept(std::vector<Tensor>& into) const {
    if (kept) detail::list_kept(*kept, into);
  }
};

/// The node of an op whose rows are known at compile time.
template <class... Rows>
class RowsNode : public Node {
 public:
  template <class... Specs>
  RowsNode(const char* name, const Tensor& out, const Specs&... specs)
      : Node(name, out),
        inputs_{input_of(specs, out)...},
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
  std::vector<Tensor> kept() const override {
    std::vector<Tensor> list;
    std::apply([&](const auto&... row) { (row.list_kept(list), ...); }, rows_);
    return list;
  }
  Ref<Node> copy() const override { return Ref<Node>::adopt(new RowsNode(*this)); }

 protected:
  RowsNode(const RowsNode& other) : Node(other), inputs_(other.inputs_), rows_(other.rows_) {
    set_inputs(inputs_);
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

/// The node of a view of a part of its input; `Part` is given a tensor like the input and what the
/// row keeps.
template <class Part, class Recorded>
class PartNode final : public RowsNode<Recorded> {
 public:
  using RowsNode<Recorded>::RowsNode;
  Tensor part_of(const Tensor& total) const override {
    return std::apply([&](const auto&... kept) { return Part{}(total, kept...); },
                      *std::get<0>(this->rows_).kept);
  }
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
      inputs_.push_back(input_of(spec, out));
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
  std::vector<Tensor> kept() const override {
    std::vector<Tensor> list;
    for (const RecordedRow& row : rows_) row.list_kept(list);
    return list;
  }
  Ref<Node> copy() const override { return Ref<Node>::adopt(new RowListNode(*this)); }

 private:
  RowListNode(const RowListNode& other) : Node(other), inputs_(other.inputs_), rows_(other.rows_) {
    set_inputs(inputs_);
  }

  std::vector<Input> inputs_;
  std::vector<RecordedRow> rows_;
};

}  // namespace detail

}  // namespace rill
