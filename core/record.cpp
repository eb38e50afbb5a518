#include <rill/core/autograd.h>
#include <rill/core/detail/detached.h>
#include <rill/core/inspect/profile.h>

#include <algorithm>
#include <map>
#include <mutex>

// What an op records: the tensors that its rows keep, and the place of its output in the graph.

namespace rill::detail {
namespace {

/// Here, since every program that records an op links this file.
[[maybe_unused]] const bool is_profile_heeded = (profile_if_asked(), true);

/// All dimensions but the last `inner`.
std::span<const int64_t> leading(const Shape& shape, int64_t inner) {
  return std::span(shape.begin(), shape.end())
      .first(static_cast<size_t>(std::max<int64_t>(shape.dims() - inner, 0)));
}

}  // namespace

const char* formula_where_broadcast(const char* formula, const Tensor& input, const Tensor& out,
                                    int64_t inner) {
  if (std::ranges::equal(leading(input.shape(), inner), leading(out.shape(), inner)))
    return formula;
  static std::mutex mutex;
  static auto& summed = *new std::map<const char*, std::string>;  // outlives every graph
  const std::lock_guard lock(mutex);
  std::string& text = summed[formula];
  if (text.empty()) text = std::string(formula) + ", summed over the broadcast";
  return text.c_str();
}

KeptTensor::KeptTensor(const Tensor& tensor, const Tensor& out) : KeptTensor(Constant{tensor}) {
  is_constant_ = false;
  is_output_ = tensor.defined() && tensor.impl() == out.impl();
  if (tensor.defined() && !is_output_) alias_.impl()->node = tensor.impl()->node;
}

KeptTensor::KeptTensor(const Constant& constant) : is_constant_(true) {
  if (!constant.tensor.defined()) return;
  alias_ = make_detached(constant.tensor);
  version_ = constant.tensor.version();
}

Tensor KeptTensor::restore(const Node& node) const {
  if (!alias_.defined()) return alias_;
  if (alias_.version() != version_)
    fail<AutogradError>(node.name(), ": a tensor of shape ", alias_.shape(),
                        " that its gradient needs was changed in place after it was recorded: it "
                        "was at version ",
                        version_, " and is at ", alias_.version(),
                        "; change a clone() instead, or change it after backward");
  if (!is_output_ || !is_grad_enabled()) return alias_;
  Tensor out = make_detached(alias_);
  out.impl()->node = Ref<Node>::share(const_cast<Node*>(&node));
  return out;
}

bool KeptTensor::is_unconnected() const {
  return alias_.defined() && !is_constant_ && !is_output_ && !alias_.impl()->node;
}

bool KeptTensor::is_alias_of(const Tensor& tensor) const {
  return tensor.defined() && alias_.impl()->storage == tensor.impl()->storage &&
         alias_.impl()->offset == tensor.impl()->offset && alias_.shape() == tensor.shape();
}

void check_kept(const KeptTensor& kept, std::span<const Tensor* const> inputs) {
  if (!kept.is_unconnected()) return;
  for (const Tensor* input : inputs)
    if (kept.is_alias_of(*input)) return;
  fail<AutogradError>(
      "a row keeps a tensor that is neither an input of a row, nor the output, nor part of the "
      "graph: gradients of gradients would miss it; write constant(t) where that is right");
}

void refuse_stale_view(const Tensor& view) {
  fail<AutogradError>("a view of shape ", view.shape(),
                      " was taken before an in-place op on the tensor that it views, so its "
                      "gradient would be wrong: take the view again after that op");
}

Ref<Node> node_of(const Tensor& input) {
  return wants_gradient(input) ? input.impl()->node : Ref<Node>();
}

void check_output(const Tensor& out, uint64_t began) {
  if (!is_floating(out.dtype()))
    fail<DTypeError>("only floating outputs can have a gradient, this one is ", out.dtype());
  if (out.impl()->node)
    fail<AutogradError>("the output has a place in the graph already: record a new tensor");
  if (out.impl()->number < began)
    fail<AutogradError>("the output of shape ", out.shape(),
                        " was there before the op began, so it is an input or somebody else's: "
                        "begin with Op, then make the output; record a clone() of an input");
}

void attach(const Tensor& out, Ref<Node> node) {
  if (is_observed()) notify([&](Observer& observer) { observer.on_record(*node); });
  out.impl()->node = std::move(node);
}

}  // namespace rill::detail
