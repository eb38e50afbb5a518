#include <rill/core/error.h>
#include <rill/core/shape.h>

#include <algorithm>
#include <ostream>

namespace rill {

Shape::Shape(std::span<const int64_t> values) {
  if (values.size() > static_cast<size_t>(max_dims))
    fail<ShapeError>("a tensor has at most ", max_dims, " dimensions, got ", values.size());
  std::copy(values.begin(), values.end(), values_.begin());
  dims_ = static_cast<int>(values.size());
}

Shape Shape::filled(int dims, int64_t value) {
  Shape shape;
  for (int i = 0; i < dims; ++i) shape.push_back(value);
  return shape;
}

void Shape::push_back(int64_t value) { insert(dims_, value); }

void Shape::insert(int position, int64_t value) {
  if (dims_ == max_dims) fail<ShapeError>("a tensor has at most ", max_dims, " dimensions");
  std::copy_backward(values_.begin() + position, values_.begin() + dims_,
                     values_.begin() + dims_ + 1);
  values_[static_cast<size_t>(position)] = value;
  ++dims_;
}

void Shape::erase(int position) {
  std::copy(values_.begin() + position + 1, values_.begin() + dims_, values_.begin() + position);
  --dims_;
}

size_t Shape::place_from_end(int64_t i) const {
  if (i < -dims_ || i >= dims_)
    fail<IndexError>("shape ", *this, " has no entry ", i, ": there are ", dims_);
  return static_cast<size_t>(i + dims_);
}

int64_t Shape::numel() const {
  uint64_t count = 1;  // unsigned: 0 where a size is 0, whatever the others come to
  for (const int64_t size : *this) count *= static_cast<uint64_t>(size);
  return static_cast<int64_t>(count);
}

bool Shape::operator==(const Shape& other) const {
  return dims_ == other.dims_ && std::equal(begin(), end(), other.begin());
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (int i = 0; i < shape.dims(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_string(shape); }

Shape contiguous_strides(const Shape& sizes) {
  Shape strides = sizes;
  uint64_t step = 1;  // unsigned: may wrap where a size is 0, and no stride is ever followed
  for (int i = sizes.dims() - 1; i >= 0; --i) {
    strides.data()[i] = static_cast<int64_t>(step);
    step *= static_cast<uint64_t>(std::max<int64_t>(sizes.data()[i], 1));
  }
  return strides;
}

void check_sizes(const Shape& sizes, size_t element_size) {
  bool is_empty = false;
  for (const int64_t size : sizes) {
    if (size < 0) fail<ShapeError>("sizes cannot be negative: found ", size, " in ", sizes);
    is_empty = is_empty || size == 0;
  }
  if (is_empty) return;
  int64_t bytes = static_cast<int64_t>(element_size);
  for (const int64_t size : sizes)
    if (__builtin_mul_overflow(bytes, size, &bytes))
      fail<ShapeError>("a tensor of shape ", sizes, " with ", element_size,
                       " bytes an element has more bytes than 2^63");
}

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  const Shape& longer = a.dims() >= b.dims() ? a : b;
  const Shape& shorter = a.dims() >= b.dims() ? b : a;
  Shape out = longer;
  const int shift = longer.dims() - shorter.dims();
  for (int i = 0; i < shorter.dims(); ++i) {
    int64_t& size = out[shift + i];
    if (size == 1)
      size = shorter[i];
    else if (shorter[i] != 1 && shorter[i] != size)
      fail<ShapeError>("cannot broadcast ", a, " with ", b, ": sizes ", size, " and ", shorter[i],
                       " differ; aligned at the last dimension, sizes must be equal or 1");
  }
  return out;
}

int normalize_dim(int64_t dim, int dims) {
  const int64_t range = std::max(dims, 1);
  if (dim < -range || dim >= range)
    fail<IndexError>("dimension ", dim, " is out of range for a tensor of ", dims,
                     " dimensions: expected ", -range, " to ", range - 1);
  return static_cast<int>(dim < 0 ? dim + range : dim);
}

Shape normalize_dims(const Shape& dims, int of_dims) {
  Shape out = dims;
  for (int i = 0; i < dims.dims(); ++i) out[i] = normalize_dim(dims[i], of_dims);
  std::sort(out.data(), out.data() + out.dims());
  for (int i = 1; i < out.dims(); ++i)
    if (out[i] == out[i - 1])
      fail<ShapeError>("dimension ", out[i], " stands twice in ", dims, " of a tensor of ", of_dims,
                       " dimensions");
  return out;
}

}  // namespace rill
