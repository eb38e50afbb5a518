#pragma once

#include <array>
#include <utility>

#include <rill/core/autograd.h>
#include <rill/core/ops.h>

// A fused op computes all its gradients in one kernel. Beside that stands its twin, which serves
// gradients of gradients: the op made of plain ops, or a row for each gradient. A test holds the
// two equal.

namespace rill {

/// Which inputs of a fused op want a gradient.
template <size_t N>
using Wanted = std::array<bool, N>;

/// The differentiable inputs of a fused op, in the order of its gradients. An undefined tensor
/// stands for an option that was left out.
template <size_t N>
struct Inputs {
  std::array<const Tensor*, N> tensors;
  std::array<const char*, N> formulas = {};

  /// The same with the formula of each gradient, for the reader.
  template <class... Formulas>
  Inputs with_formulas(Formulas... formula) const {
    static_assert(sizeof...(Formulas) == N, "give a formula for each input");
    return {tensors, {formula...}};
  }
};
template <class... Tensors>
Inputs<sizeof...(Tensors)> inputs(const Tensors&... tensors) {
  return {{&tensors...}};
}

namespace detail {

/// The gradients of the twin's output with respect to `inputs`, recorded; zeros where it does not
/// depend on one.
template <size_t N>
std::array<Tensor, N> gradients_of_twin(const Tensor& twin_out, const std::array<Tensor, N>& inputs,
                                        const Wanted<N>& wanted, const Tensor& dout) {
  std::vector<Tensor> asked;
  for (size_t i = 0; i < N; ++i)
    if (wanted[i]) asked.push_back(inputs[i]);
  const std::vector<Tensor> found =
      grad({twin_out}, asked, {.grad_outputs = {dout}, .create_graph = true, .allow_unused = true});
  std::array<Tensor, N> out;
  for (size_t i = 0, next = 0; i < N; ++i)
    if (wanted[i]) {
      const Tensor& gradient = found[next++];
      out[i] = gradient.defined() ? gradient : zeros_like(inputs[i]);
    }
  return out;
}

template <size_t N, class Backward, class TwinFunction, class... Ts>
class FusedNode final : public Node {
 public:
  FusedNode(const char* name, const Tensor& out, const Inputs<N>& inputs, const Keep<Ts...>& kept)
      : Node(name, out),
        kept_(std::apply([&](const auto&... things) { return Kept(store<Ts>(things, out)...); },
                         kept.things)) {
    for (size_t i = 0; i < N; ++i) {
      const Tensor& input = *inputs.tensors[i];
      wanted_[i] = wants_gradient(input);
      const char* const formula = inputs.formulas[i];
      edges_[i] = {wanted_[i] ? node_of(input) : Ref<Node>(),
                   formula ? formula : "by a fused kernel; see its twin"};
      inputs_[i].emplace(input, out);
    }
    set_inputs(edges_);
    check_all_kept(kept_, inputs.tensors);
  }

  void gradients(const Tensor& dout, std::span<Tensor> into) const override {
    std::array<Tensor, N> found = is_grad_enabled() ? by_twin(dout) : by_kernel(dout);
    for (size_t i = 0; i < N; ++i)
      if (wanted_[i]) into[i] = std::move(found[i]);
  }
  void release() override {
    for (auto& input : inputs_) input->release();
    detail::release(kept_);
  }
  std::vector<Tensor> kept() const override {
    std::vector<Tensor> list;
    for (const auto& input : inputs_)
      if (input->alias().defined()) list.push_back(input->alias());
    list_kept(kept_, list);
    return list;
  }
  Ref<Node> copy() const override { return Ref<Node>::adopt(new FusedNode(*this)); }
  std::optional<Node::Twin> twin() const override {
    std::array<Tensor, N> inputs = restored_inputs();
    for (size_t i = 0; i < N; ++i)
      if (inputs[i].defined()) inputs[i] = inputs[i].detach().requires_grad_(wanted_[i]);
    return Node::Twin{{inputs.begin(), inputs.end()}, call(TwinFunction{}, inputs)};
  }

 private:
  using Kept = std::tuple<Stored<Ts>...>;

  FusedNode(const FusedNode& other)
      : Node(other),
        inputs_(other.inputs_),
        edges_(other.edges_),
        wanted_(other.wanted_),
        kept_(other.kept_) {
    set_inputs(edges_);
  }

  std::array<Tensor, N> restored_inputs() const {
    std::array<Tensor, N> out;
    for (size_t i = 0; i < N; ++i) out[i] = inputs_[i]->restore(*this);
    return out;
  }
  template <class Function, class... First>
  decltype(auto) call(Function function, const std::array<Tensor, N>& inputs,
                      const First&... first) const {
    return std::apply(
        [&](const auto&... input) {
          return std::apply(
              [&](const auto&... things) {
                return function(first..., input..., restore(things, *this)...);
              },
              kept_);
        },
        inputs);
  }
  std::array<Tensor, N> by_kernel(const Tensor& dout) const {
    return call(Backward{}, restored_inputs(), dout, wanted_);
  }
  std::array<Tensor, N> by_twin(const Tensor& dout) const {
    std::array<Tensor, N> inputs = restored_inputs();
    for (size_t i = 0; i < N; ++i)
      if (wanted_[i]) inputs[i] = alias(inputs[i]);  // the walk of the twin's graph ends there
    return gradients_of_twin<N>(call(TwinFunction{}, inputs), inputs, wanted_, dout);
  }

  std::array<std::optional<KeptTensor>, N> inputs_;
  std::array<Input, N> edges_;
  Wanted<N> wanted_{};
  Kept kept_;
};

/// The node of an op with rows and a kernel for all of them at once.
template <class Kernel, class... Rows>
class FusedRowsNode final : public RowsNode<Rows...> {
 public:
  using RowsNode<Rows...>::RowsNode;
  Ref<Node> copy() const override { return Ref<Node>::adopt(new FusedRowsNode(*this)); }

  void gradients(const Tensor& dout, std::span<Tensor> into) const override {
    const bool all_wanted =
        std::apply([](const auto&... row) { return (row.kept.has_value() && ...); }, this->rows_);
    if (is_grad_enabled() || !all_wanted) return RowsNode<Rows...>::gradients(dout, into);
    const auto kept =
        std::apply([](const auto&... row) { return std::tuple_cat(as_references(*row.kept)...); },
                   this->rows_);
    std::array<Tensor, sizeof...(Rows)> found = std::apply(
        [&](const auto&... things) { return Kernel{}(dout, restore(things, *this)...); }, kept);
    std::move(found.begin(), found.end(), into.begin());
  }

 private:
  template <class... Kept>
  static auto as_references(const std::tuple<Kept...>& kept) {
    return std::apply([](const auto&... one) { return std::tie(one...); }, kept);
  }
};

}  // namespace detail

/// Records rows, and beside them a kernel that serves where all their inputs want a gradient and
/// no gradients of gradients are being recorded: `kernel(dout, what the rows keep, one by one...)`
/// returns a std::array of the gradients, one for each row. It captures nothing.
template <class Kernel, class... Rows>
Tensor Op::record_with_kernel(const Tensor& out, Kernel, const Rows&... rows) {
  static_assert(std::is_empty_v<Kernel>,
                "a kernel captures nothing: name what it needs in keep(...)");
  reads(rows.input...);
  if ((detail::wants_gradient(rows.input) || ...))
    detail::attach(
        out, make_node<detail::FusedRowsNode<Kernel, typename Rows::Recorded...>>(out, rows...));
  return done(out);
}

/// Records a fused op with N inputs.
/// `backward(dout, wanted, inputs..., kept...)` returns std::array<Tensor, N>: the gradients, left
/// undefined where not wanted. `twin(inputs..., kept...)` computes the output from plain ops.
/// Neither captures anything.
template <class InputsN, class KeptTs, class Backward, class Twin>
Tensor Op::record_fused(const Tensor& out, const InputsN& inputs, const KeptTs& kept, Backward,
                        Twin) {
  static_assert(std::is_empty_v<Backward> && std::is_empty_v<Twin>,
                "a fused op's functions capture nothing: name what they need in keep(...)");
  bool wanted = false;
  for (const Tensor* input : inputs.tensors) {
    reads(*input);
    wanted = wanted || detail::wants_gradient(*input);
  }
  const auto make = [&]<size_t N, class... Ts>(const Inputs<N>& in, const Keep<Ts...>& things) {
    return make_node<detail::FusedNode<N, Backward, Twin, Ts...>>(out, in, things);
  };
  if (wanted) detail::attach(out, make(inputs, kept));
  return done(out);
}

}  // namespace rill
