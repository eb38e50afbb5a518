#pragma once

#include <rill/core/tensor.h>

// What makes tensors of numbers. They write into int64 as a cast does, towards zero, and throw
// ValueError for a number beyond its range.

namespace rill {

/// Numbers nested up to any depth, as in `tensor({{1.0, 2.0}, {3.0, 4.0}})`.
class NestedList {
 public:
  template <class Number>
  requires std::is_arithmetic_v<Number> NestedList(Number value)
      : value_(static_cast<double>(value)),
        is_number_(true),
        is_bool_(std::is_same_v<Number, bool>) {
    if constexpr (std::is_integral_v<Number>) {
      whole_ = static_cast<int64_t>(value);
      is_whole_ = std::is_signed_v<Number> || whole_ >= 0;
    }
  }
  NestedList(std::initializer_list<NestedList> items) : items_(items) {}

  bool is_number() const { return is_number_; }
  double value() const { return value_; }
  /// Whether the number was given as an integer that int64 holds: then `whole()` is exact where
  /// `value()`, beyond 2^53, is not.
  bool is_whole() const { return is_whole_; }
  int64_t whole() const { return whole_; }
  /// Whether it was given as an integer that int64 does not hold; `whole()` is then 2^64 less.
  bool is_beyond_int64() const { return !is_whole_ && whole_ < 0; }
  bool is_bool() const { return is_bool_; }
  const std::vector<NestedList>& items() const { return items_; }

 private:
  double value_ = 0;
  int64_t whole_ = 0;
  bool is_number_ = false;
  bool is_whole_ = false;
  bool is_bool_ = false;
  std::vector<NestedList> items_;
};

/// What a factory may be told in braces: `zeros({2, 3}, {.requires_grad = true})`.
struct TensorOptions {
  /// What the factory makes by itself unless given.
  std::optional<DType> dtype = {};
  bool requires_grad = false;
};

namespace detail {
Tensor tensor_of(const NestedList& list, std::optional<DType> dtype);
}

/// A tensor from nested lists, or without dimensions from a number: int64 where all numbers are
/// whole numbers of C++, bool where all are bools, float32 otherwise, unless `dtype` says
/// otherwise. Throws ShapeError where the lists are ragged, ValueError where int64 cannot hold a
/// whole number.
Tensor tensor(std::initializer_list<NestedList> values, std::optional<DType> dtype = {});
template <class Number>
requires std::is_arithmetic_v<Number> Tensor tensor(Number value, std::optional<DType> dtype = {}) {
  return detail::tensor_of(NestedList(value), dtype);
}
/// A tensor without dimensions.
Tensor scalar(double value, DType dtype = float32);
/// A tensor [values.size()], or of `shape`: float32, float64 and bool as given, whole numbers as
/// int64. Throws ShapeError where the count of values is not that of the shape, ValueError for a
/// number beyond the range of int64.
template <class T>
Tensor from_vector(const std::vector<T>& values, const Shape& shape);
template <class T>
Tensor from_vector(const std::vector<T>& values) {
  return from_vector(values, static_cast<int64_t>(values.size()));
}

/// from_vector, converted where a dtype is given.
template <class T>
Tensor tensor(const std::vector<T>& values, std::optional<DType> dtype = {}) {
  const Tensor made = from_vector(values);
  return dtype ? made.to(*dtype) : made;
}

/// Tensor::empty.
Tensor empty(const Shape& shape, DType dtype = float32);
Tensor zeros(const Shape& shape, DType dtype = float32);
Tensor ones(const Shape& shape, DType dtype = float32);
Tensor full(const Shape& shape, double value, DType dtype = float32);
inline Tensor empty_like(const Tensor& other) { return empty(other.shape(), other.dtype()); }
Tensor zeros_like(const Tensor& other);
Tensor ones_like(const Tensor& other);
Tensor full_like(const Tensor& other, double value);
/// start, start + step, ... below end: int64 where all three are whole, float32 where one is not,
/// unless `dtype` says otherwise. Throws ValueError where no numbers lead there, or too many, and
/// where int64 would have to cut a start or a step that is not whole.
Tensor arange(double start, double end, double step = 1, std::optional<DType> dtype = {});
inline Tensor arange(double end, std::optional<DType> dtype = {}) {
  return arange(0, end, 1, dtype);
}
/// `steps` values from start to end, both included.
Tensor linspace(double start, double end, int64_t steps, DType dtype = float32);
Tensor eye(int64_t n, int64_t m = -1, DType dtype = float32);

/// Uniform in [0, 1).
Tensor rand(const Shape& shape, Generator& generator, DType dtype = float32);
Tensor rand(const Shape& shape, DType dtype = float32);
/// Normal, mean 0, standard deviation 1.
Tensor randn(const Shape& shape, Generator& generator, DType dtype = float32);
Tensor randn(const Shape& shape, DType dtype = float32);
/// N(mean, std²).
Tensor normal(double mean, double std, const Shape& shape);
Tensor rand_like(const Tensor& other);
Tensor randn_like(const Tensor& other);
/// Integers in [low, high), int64.
Tensor randint(int64_t low, int64_t high, const Shape& shape, Generator& generator);
Tensor randint(int64_t low, int64_t high, const Shape& shape);
inline Tensor randint(int64_t high, const Shape& shape) { return randint(0, high, shape); }
/// The numbers 0 ... n - 1 in random order, int64.
Tensor randperm(int64_t n, Generator& generator);
Tensor randperm(int64_t n);

// Sizes one by one: zeros(2, 3) is zeros({2, 3}); and options in braces.
#define RILL_OF_SIZES(name)                                                                    \
  template <WholeNumber A, WholeNumber B, WholeNumber... More>                                 \
  Tensor name(A a, B b, More... more) {                                                        \
    return name(Shape{int64_t(a), int64_t(b), int64_t(more)...});                              \
  }                                                                                            \
  inline Tensor name(const Shape& shape, const TensorOptions& options) {                       \
    return name(shape, options.dtype.value_or(float32)).requires_grad_(options.requires_grad); \
  }
RILL_OF_SIZES(empty)
RILL_OF_SIZES(zeros)
RILL_OF_SIZES(ones)
RILL_OF_SIZES(rand)
RILL_OF_SIZES(randn)
#undef RILL_OF_SIZES
inline Tensor full(const Shape& shape, double value, const TensorOptions& options) {
  return full(shape, value, options.dtype.value_or(float32)).requires_grad_(options.requires_grad);
}
inline Tensor tensor(std::initializer_list<NestedList> values, const TensorOptions& options) {
  return tensor(values, options.dtype).requires_grad_(options.requires_grad);
}
#define RILL_LIKE(name)                                                                         \
  inline Tensor name##_like(const Tensor& other, DType dtype) {                                 \
    return name(other.shape(), dtype);                                                          \
  }                                                                                             \
  inline Tensor name##_like(const Tensor& other, const TensorOptions& options) {                \
    return name(other.shape(), {options.dtype.value_or(other.dtype()), options.requires_grad}); \
  }
RILL_LIKE(empty)
RILL_LIKE(zeros)
RILL_LIKE(ones)
RILL_LIKE(rand)
RILL_LIKE(randn)
#undef RILL_LIKE
inline Tensor full_like(const Tensor& other, double value, const TensorOptions& options) {
  return full(other.shape(), value,
              TensorOptions{options.dtype.value_or(other.dtype()), options.requires_grad});
}
inline Tensor arange(double end, const TensorOptions& options) {
  return arange(end, options.dtype).requires_grad_(options.requires_grad);
}
template <class Number>
requires std::is_arithmetic_v<Number> Tensor tensor(Number value, const TensorOptions& options) {
  return tensor(value, options.dtype).requires_grad_(options.requires_grad);
}

}  // namespace rill
