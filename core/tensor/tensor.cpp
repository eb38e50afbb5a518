#include <rill/core/autograd.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>
#include <rill/core/tensor.h>

#include <atomic>

namespace rill {
namespace {
std::atomic<uint64_t> made{0};
std::atomic<uint64_t> freed{0};

/// Another thread's backward may give it one meanwhile.
Tensor take_grad(TensorImpl& owner) {
  const Node::EndsLock lock;
  return std::exchange(owner.grad, Tensor());
}
}  // namespace

TensorImpl::TensorImpl(Ref<Storage> storage, DType dtype, const Shape& sizes, const Shape& strides,
                       int64_t offset)
    : number(made.fetch_add(1, std::memory_order_relaxed)),
      dtype(dtype),
      sizes(sizes),
      strides(strides),
      offset(offset),
      numel(sizes.numel()),
      storage(std::move(storage)) {}

TensorImpl::~TensorImpl() {
  freed.fetch_add(1, std::memory_order_relaxed);
  for (const Ref<Node>* place : {&node, &frozen_leaf})
    if (*place && (*place)->grad_owner_.load(std::memory_order_relaxed) == this) {
      const Node::EndsLock lock;
      (*place)->grad_owner_ = nullptr;
    }
  // A chain of `.grad`s of `.grad`s, without recursion.
  while (grad.defined() && grad.impl()->refs.is_sole()) grad = take_grad(*grad.impl());
}

int64_t live_tensors() {
  const uint64_t gone = freed.load(std::memory_order_relaxed);
  return static_cast<int64_t>(made.load(std::memory_order_relaxed) - gone);
}

uint64_t detail::next_tensor_number() { return made.load(std::memory_order_relaxed); }

Tensor make_view(const Tensor& base, const Shape& sizes, const Shape& strides, int64_t offset) {
  auto* impl = new TensorImpl(base.impl()->storage, base.dtype(), sizes, strides, offset);
  impl->is_view = true;
  impl->is_detached = base.impl()->is_detached;
  impl->seen_recorded_writes = impl->storage->recorded_writes.load(std::memory_order_relaxed);
  return Tensor(Ref<TensorImpl>::adopt(impl));
}

Tensor Tensor::empty(const Shape& shape, DType dtype) {
  check_sizes(shape, size_of(dtype));
  auto storage = Storage::allocate(static_cast<size_t>(shape.numel()) * size_of(dtype));
  return Tensor(Ref<TensorImpl>::adopt(
      new TensorImpl(std::move(storage), dtype, shape, contiguous_strides(shape), 0)));
}

TensorImpl* Tensor::checked() const {
  if (!impl_)
    fail<Error>(
        "the tensor is undefined: it was never given a value (a grad() is undefined until backward "
        "has reached its tensor, and after zero_grad)");
  return impl_.get();
}

const Shape& Tensor::shape() const { return checked()->sizes; }
const Shape& Tensor::strides() const { return checked()->strides; }
int Tensor::dims() const { return checked()->sizes.dims(); }
int64_t Tensor::numel() const { return checked()->numel; }
DType Tensor::dtype() const { return checked()->dtype; }
bool Tensor::is_view() const { return checked()->is_view; }
uint32_t Tensor::version() const {
  return checked()->storage->version.load(std::memory_order_relaxed);
}

int64_t Tensor::size(int64_t dim) const {
  if (dims() == 0) fail<IndexError>("size(", dim, ") of a tensor without dimensions");
  return shape()[normalize_dim(dim, dims())];
}

int64_t Tensor::stride(int64_t dim) const { return strides()[normalize_dim(dim, dims())]; }

bool Tensor::is_contiguous() const {
  if (numel() == 0) return true;
  const int64_t *const sizes = impl_->sizes.data(), *const strides = impl_->strides.data();
  int64_t step = 1;
  for (int i = dims() - 1; i >= 0; --i) {
    const int64_t size = sizes[i];
    if (size != 1 && strides[i] != step) return false;
    step *= size;
  }
  return true;
}

void* Tensor::raw_data() const {
  return static_cast<char*>(checked()->storage->data) +
         static_cast<size_t>(impl_->offset) * size_of(impl_->dtype);
}

template <class T>
T* Tensor::data() const {
  if (dtype() != dtype_of<T>)
    fail<DTypeError>("data: asked for ", dtype_of<T>, ", the tensor is ", dtype());
  return static_cast<T*>(raw_data());
}
template float* Tensor::data() const;
template double* Tensor::data() const;
template int64_t* Tensor::data() const;
template bool* Tensor::data() const;

template <class Stored>
std::vector<Stored> Tensor::elements() const {
  const NoGradGuard no_grad;
  const Tensor flat = rill::to(*this, dtype_of<Stored>).contiguous();
  const Stored* first = flat.data<Stored>();
  return std::vector<Stored>(first, first + flat.numel());
}
template std::vector<float> Tensor::elements() const;
template std::vector<double> Tensor::elements() const;
template std::vector<int64_t> Tensor::elements() const;
template std::vector<bool> Tensor::elements() const;

void Tensor::check_is_one() const {
  if (numel() != 1)
    fail<ShapeError>("item: a tensor of shape ", shape(), " has ", numel(),
                     " elements, exactly one is needed");
}

}  // namespace rill
