#include <rill/core/inplace.h>
#include <rill/core/ops.h>
#include <rill/core/ops/kernel_call.h>
#include <rill/core/tensor.h>

// The methods that people chain are the free functions of ops.h and inplace.h.

namespace rill {

Tensor Tensor::view(const Shape& shape) const { return rill::view(*this, shape); }
Tensor Tensor::reshape(const Shape& shape) const { return rill::reshape(*this, shape); }
Tensor Tensor::transpose(int64_t dim0, int64_t dim1) const {
  return rill::transpose(*this, dim0, dim1);
}
Tensor Tensor::T() const { return rill::transpose(*this, -2, -1); }
Tensor Tensor::permute(const Shape& dims) const { return rill::permute(*this, dims); }
Tensor Tensor::narrow(int64_t dim, int64_t start, int64_t length) const {
  return rill::narrow(*this, dim, start, length);
}
Tensor Tensor::slice(int64_t dim, int64_t start, int64_t end, int64_t step) const {
  return rill::slice(*this, dim, start, end, step);
}
Tensor Tensor::select(int64_t dim, int64_t index) const { return rill::select(*this, dim, index); }
Tensor Tensor::squeeze() const { return rill::squeeze(*this); }
Tensor Tensor::squeeze(int64_t dim) const { return rill::squeeze(*this, dim); }
Tensor Tensor::unsqueeze(int64_t dim) const { return rill::unsqueeze(*this, dim); }
Tensor Tensor::expand(const Shape& shape) const { return rill::expand(*this, shape); }
Tensor Tensor::flatten(int64_t start_dim, int64_t end_dim) const {
  return rill::flatten(*this, start_dim, end_dim);
}
std::vector<Tensor> Tensor::split(int64_t size, int64_t dim) const {
  return rill::split(*this, size, dim);
}
std::vector<Tensor> Tensor::split(const std::vector<int64_t>& sizes, int64_t dim) const {
  return rill::split(*this, sizes, dim);
}
std::vector<Tensor> Tensor::chunk(int64_t chunks, int64_t dim) const {
  return rill::chunk(*this, chunks, dim);
}

Tensor Tensor::clone() const { return rill::clone(*this); }
Tensor Tensor::contiguous() const { return rill::contiguous(*this); }
Tensor Tensor::to(DType dtype) const { return rill::to(*this, dtype); }

Tensor Tensor::pow(double exponent) const { return rill::pow(*this, exponent); }
Tensor Tensor::exp() const { return rill::exp(*this); }
Tensor Tensor::log() const { return rill::log(*this); }
Tensor Tensor::sqrt() const { return rill::sqrt(*this); }
Tensor Tensor::abs() const { return rill::abs(*this); }
Tensor Tensor::tanh() const { return rill::tanh(*this); }
Tensor Tensor::sigmoid() const { return rill::sigmoid(*this); }
Tensor Tensor::relu() const { return rill::relu(*this); }
Tensor Tensor::clamp(double min, double max) const { return rill::clamp(*this, min, max); }
Tensor Tensor::masked_fill(const Tensor& mask, double value) const {
  return rill::masked_fill(*this, mask, value);
}
Tensor Tensor::matmul(const Tensor& other) const { return rill::matmul(*this, other); }
Tensor Tensor::sum() const { return rill::sum(*this); }
Tensor Tensor::sum(const Shape& dims, bool keepdim) const {
  return rill::sum(*this, dims, keepdim);
}
Tensor Tensor::mean() const { return rill::mean(*this); }
Tensor Tensor::mean(const Shape& dims, bool keepdim) const {
  return rill::mean(*this, dims, keepdim);
}
Tensor Tensor::var(const Shape& dims, double correction, bool keepdim) const {
  return rill::var(*this, dims, correction, keepdim);
}
Tensor Tensor::max() const { return rill::max(*this); }
Tensor Tensor::min() const { return rill::min(*this); }
Tensor Tensor::argmax() const { return rill::argmax(*this); }
Tensor Tensor::argmax(int64_t dim, bool keepdim) const { return rill::argmax(*this, dim, keepdim); }
Tensor Tensor::softmax(int64_t dim) const { return rill::softmax(*this, dim); }
Tensor Tensor::log_softmax(int64_t dim) const { return rill::log_softmax(*this, dim); }

const Tensor& Tensor::zero_() const { return rill::zero_(*this); }
const Tensor& Tensor::fill_(double value) const { return rill::fill_(*this, value); }
const Tensor& Tensor::copy_(const Tensor& source) const { return rill::copy_(*this, source); }
const Tensor& Tensor::add_(const Tensor& other, double alpha) const {
  return rill::add_(*this, other, alpha);
}
const Tensor& Tensor::add_(double value) const {
  return rill::add_(*this, detail::scalar_like(*this, value));
}
const Tensor& Tensor::sub_(const Tensor& other) const { return rill::sub_(*this, other); }
const Tensor& Tensor::mul_(const Tensor& other) const { return rill::mul_(*this, other); }
const Tensor& Tensor::mul_(double value) const {
  return rill::mul_(*this, detail::scalar_like(*this, value));
}
const Tensor& Tensor::div_(const Tensor& other) const { return rill::div_(*this, other); }

}  // namespace rill
