#include <rill/core/autograd.h>
#include <rill/core/tensor.h>

#include <algorithm>

// A tensor's place in the graph: leaves, `.grad`, hooks.

namespace rill {
namespace {

/// Where gradients end: stands in the graph for a tensor that was not made by a recorded op.
class Leaf final : public Node {
 public:
  explicit Leaf(const Tensor& tensor) : Node("leaf", tensor) {}
  bool is_leaf() const override { return true; }
  void gradients(const Tensor&, std::span<Tensor>) const override {}
  void release() override {}
};

}  // namespace

bool Tensor::requires_grad() const { return static_cast<bool>(checked()->node); }
bool Tensor::is_leaf() const { return !requires_grad() || impl_->node->is_leaf(); }
Node* Tensor::grad_fn() const { return checked()->node.get(); }
Tensor Tensor::grad() const { return checked()->grad; }

Tensor Tensor::requires_grad_(bool requires_grad) const {
  if (requires_grad == this->requires_grad()) return *this;
  if (!requires_grad && !is_leaf())
    fail<AutogradError>("requires_grad_(false) on the result of ", impl_->node->name(),
                        ": only a leaf can be switched; use detach()");
  if (requires_grad && !is_floating(dtype()))
    fail<DTypeError>("only floating tensors can require a gradient, this one is ", dtype());
  if (!requires_grad) {
    impl_->node->grad_owner_ = nullptr;
    impl_->node.reset();
    return *this;
  }
  impl_->node = Ref<Node>::adopt(new Leaf(*this));
  impl_->node->grad_owner_ = impl_.get();
  return *this;
}

void Tensor::set_grad(const Tensor& grad) const {
  if (grad.defined() && (grad.shape() != shape() || grad.dtype() != dtype()))
    fail<ShapeError>("set_grad: a gradient of ", dtype(), " ", shape(), " is needed, found ",
                     grad.dtype(), " ", grad.shape());
  checked()->grad = grad;
}

void Tensor::retain_grad() const {
  if (!requires_grad()) fail<AutogradError>("retain_grad: the tensor does not require a gradient");
  impl_->node->grad_owner_ = impl_.get();
}

int64_t Tensor::register_hook(std::function<Tensor(const Tensor&)> hook) const {
  if (!requires_grad())
    fail<AutogradError>("register_hook: the tensor does not require a gradient");
  auto& hooks = impl_->node->hooks_;
  if (!hooks) hooks = std::make_unique<std::vector<std::pair<int64_t, Node::Hook>>>();
  const int64_t number = hooks->empty() ? 0 : hooks->back().first + 1;
  hooks->emplace_back(number, std::move(hook));
  return number;
}

void Tensor::remove_hook(int64_t number) const {
  if (!requires_grad() || !impl_->node->hooks_) return;
  std::erase_if(*impl_->node->hooks_, [&](const auto& hook) { return hook.first == number; });
}

Tensor Tensor::detach() const {
  const TensorImpl& from = *checked();
  Tensor out = make_view(*this, from.sizes, from.strides, from.offset);
  out.impl()->is_view = from.is_view;
  out.impl()->is_detached = true;
  out.impl()->seen_recorded_writes = from.seen_recorded_writes;
  return out;
}

void Tensor::swap_data(const Tensor& other) const {
  TensorImpl& to = *checked();
  const TensorImpl& from = *other.checked();
  const bool was_leaf = requires_grad() && is_leaf();
  if (requires_grad() && !was_leaf)
    fail<AutogradError>("swap_data: the tensor is the result of an op");
  if (was_leaf) requires_grad_(false);
  to.dtype = from.dtype;
  to.is_view = from.is_view;
  to.is_detached = from.is_detached;
  to.seen_recorded_writes = from.seen_recorded_writes;
  to.sizes = from.sizes;
  to.strides = from.strides;
  to.offset = from.offset;
  to.numel = from.numel;
  to.storage = from.storage;
  to.grad = Tensor();
  if (was_leaf) requires_grad_(true);
}

}  // namespace rill
