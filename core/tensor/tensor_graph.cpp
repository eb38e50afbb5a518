#include <rill/core/autograd.h>
#include <rill/core/detail/detached.h>
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

/// A tensor that owned itself by way of `.grad`s would never be freed.
void refuse_cycle(const TensorImpl& owner, const Tensor& grad) {
  const TensorImpl* next = grad.impl();
  while (next && next != &owner && !owner.refs.is_sole()) next = next->grad.impl();
  if (next == &owner)
    fail<AutogradError>("set_grad: a tensor of shape ", owner.sizes,
                        " cannot be its own gradient, nor that of its gradient: give a clone()");
}

/// Refuses what has no place in the graph, or no longer the right one.
void check_place(const Tensor& tensor, const char* call) {
  const bool is_wanted = tensor.requires_grad();
  detail::refuse_if_stale(tensor);
  if (!is_wanted) fail<AutogradError>(call, ": the tensor does not require a gradient");
}

}  // namespace

void TensorImpl::replace_node(Ref<Node> next) {
  const Node::EndsLock lock;
  if (node && node->grad_owner_.load() == this) {
    node->grad_owner_ = nullptr;
    next->grad_owner_ = this;
  }
  std::swap(node, next);
}

void Node::hand_over(TensorImpl& from, TensorImpl& to) {
  if (grad_owner_.load() == &from) grad_owner_ = &to;
}

void Node::give_way_to(Ref<Node> next, Ref<Node>& place) {
  const Node::EndsLock lock;
  std::swap(hooks_, next->hooks_);
  next->grad_owner_ = grad_owner_.exchange(nullptr);
  lose(Lost::replaced);
  std::swap(place, next);
}

void TensorImpl::exchange_data(TensorImpl& other) {
  std::swap(dtype, other.dtype);
  std::swap(is_view, other.is_view);
  std::swap(is_detached, other.is_detached);
  std::swap(seen_recorded_writes, other.seen_recorded_writes);
  std::swap(sizes, other.sizes);
  std::swap(strides, other.strides);
  std::swap(offset, other.offset);
  std::swap(numel, other.numel);
  std::swap(storage, other.storage);
}

void TensorImpl::exchange(TensorImpl& other) {
  const Node::EndsLock lock;
  exchange_data(other);
  std::swap(grad, other.grad);
  for (const auto place : {&TensorImpl::node, &TensorImpl::frozen_leaf}) {
    std::swap(this->*place, other.*place);
    if (Node* mine = (this->*place).get()) mine->hand_over(other, *this);
    if (Node* theirs = (other.*place).get()) theirs->hand_over(*this, other);
  }
}

bool Tensor::requires_grad() const { return static_cast<bool>(checked()->node); }
bool Tensor::is_leaf() const { return !requires_grad() || impl_->node->is_leaf(); }
Node* Tensor::grad_fn() const { return checked()->node.get(); }
Tensor Tensor::grad() const { return checked()->grad; }

const Tensor& Tensor::requires_grad_(bool requires_grad) const {
  if (requires_grad == this->requires_grad()) return *this;
  if (!requires_grad && !is_leaf())
    fail<AutogradError>("requires_grad_(false) on the result of ", impl_->node->name(),
                        ": only a leaf can be switched; use detach()");
  if (requires_grad && !is_floating(dtype()))
    fail<DTypeError>("only floating tensors can require a gradient, this one is ", dtype());
  Ref<Node> leaf;
  if (requires_grad && !impl_->frozen_leaf) leaf = Ref<Node>::adopt(new Leaf(*this));
  const Node::EndsLock lock;
  if (leaf) {
    leaf->grad_owner_ = impl_.get();
    impl_->node = std::move(leaf);
  } else {
    std::swap(impl_->node, impl_->frozen_leaf);  // one of them is null
  }
  return *this;
}

void Tensor::set_grad(const Tensor& grad) const {
  if (grad.defined() && (grad.shape() != shape() || grad.dtype() != dtype()))
    fail<ShapeError>("set_grad: a gradient of ", dtype(), " ", shape(), " is needed, found ",
                     grad.dtype(), " ", grad.shape());
  refuse_cycle(*checked(), grad);
  Tensor next = grad;
  const Node::EndsLock lock;
  std::swap(impl_->grad, next);
}

void Tensor::retain_grad() const {
  check_place(*this, "retain_grad");
  impl_->node->grad_owner_ = impl_.get();
}

HookHandle Tensor::add_hook(Ref<Hook> hook) const {
  check_place(*this, "register_hook");
  static std::atomic<int64_t> next_number{0};
  const int64_t number = next_number++;
  auto first = std::make_unique<Node::Hooks>();
  const Node::EndsLock lock;
  std::unique_ptr<Node::Hooks>& hooks = impl_->node->hooks_;
  if (!hooks) hooks = std::move(first);
  hooks->emplace_back(number, std::move(hook));
  return {number, impl_};
}

void HookHandle::remove() const { Tensor(impl).remove_hook(number); }

void Tensor::remove_hook(int64_t number) const {
  for (const Ref<Node>* place : {&checked()->node, &impl_->frozen_leaf}) {
    if (!*place) continue;
    Ref<Hook> removed;  // freed after the lock
    const Node::EndsLock lock;
    std::unique_ptr<Node::Hooks>& hooks = (*place)->hooks_;
    if (!hooks) continue;
    const auto found = std::ranges::find(*hooks, number, &Node::Hooks::value_type::first);
    if (found == hooks->end()) continue;
    removed = std::move(found->second);
    hooks->erase(found);
    if (hooks->empty()) hooks.reset();
  }
}

Tensor detail::make_detached(const Tensor& base) {
  const TensorImpl& from = *base.impl();
  Tensor out = make_view(base, from.sizes, from.strides, from.offset);
  out.impl()->is_view = from.is_view;
  out.impl()->is_detached = true;
  return out;
}

Tensor Tensor::detach() const {
  checked();
  if (!is_observed()) return detail::make_detached(*this);
  Op op("detach");  // an op to whoever watches: it is where a path is cut
  op.reads(*this);
  return op.done(detail::make_detached(*this));
}

void Tensor::swap_data(const Tensor& other) const {
  if (requires_grad() && !is_leaf())
    fail<AutogradError>("swap_data: the tensor is the result of an op");
  other.checked();
  const Tensor data = detail::make_detached(other);
  data.impl()->is_detached = other.impl()->is_detached;
  Ref<Node>& leaf = impl_->node ? impl_->node : impl_->frozen_leaf;
  Ref<Node> next;
  if (leaf && (leaf->shape() != data.shape() || leaf->dtype() != data.dtype()))
    next = Ref<Node>::adopt(new Leaf(data));
  set_grad({});
  impl_->exchange_data(*data.impl());
  if (next) leaf->give_way_to(std::move(next), leaf);
}

}  // namespace rill
