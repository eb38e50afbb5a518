#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace rill {

/// The largest number of dimensions of a tensor.
inline constexpr int max_dims = 8;

/// A whole number that is no bool: what one size, or one dimension, is given as.
template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

/// What would pass for one: `x.sort(true)` does not mean dimension 1.
template <class T>
concept NoWholeNumber = std::same_as<T, bool> || std::floating_point<T>;

/// A short list of sizes, strides or dimension numbers, stored inline (no allocation). One number
/// is a list of one: `zeros(3)`, `x.sum(1)`.
/// Throws ShapeError when more than max_dims entries are given.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> values) : Shape(std::span(values.begin(), values.size())) {}
  template <WholeNumber Number>
  Shape(Number value) : dims_(1) {
    values_[0] = static_cast<int64_t>(value);
  }
  Shape(const std::vector<int64_t>& values) : Shape(std::span<const int64_t>(values)) {}
  template <WholeNumber Number>
  Shape(const std::vector<Number>& values)
      : Shape(std::vector<int64_t>(values.begin(), values.end())) {}
  explicit Shape(std::span<const int64_t> values);
  /// `dims` entries, each equal to `value`.
  static Shape filled(int dims, int64_t value);

  int dims() const { return dims_; }
  size_t size() const { return static_cast<size_t>(dims_); }
  bool empty() const { return dims_ == 0; }
  /// Negative counts from the end. Throws IndexError.
  int64_t operator[](int64_t i) const { return values_[place(i)]; }
  int64_t& operator[](int64_t i) { return values_[place(i)]; }
  int64_t back() const { return values_[static_cast<size_t>(dims_ - 1)]; }
  const int64_t* data() const { return values_.data(); }
  int64_t* data() { return values_.data(); }
  const int64_t* begin() const { return values_.data(); }
  const int64_t* end() const { return values_.data() + dims_; }

  void push_back(int64_t value);
  void insert(int position, int64_t value);
  void erase(int position);

  /// The product of the entries: how many elements a tensor of these sizes has (1 for no dims).
  int64_t numel() const;

  bool operator==(const Shape& other) const;

 private:
  size_t place(int64_t i) const {
    return static_cast<size_t>(i) < size() ? static_cast<size_t>(i) : place_from_end(i);
  }
  size_t place_from_end(int64_t i) const;

  std::array<int64_t, max_dims> values_{};
  int dims_ = 0;
};

/// "[2, 3]".
std::string to_string(const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// Row-major strides, in elements.
Shape contiguous_strides(const Shape& sizes);

/// Refuses negative sizes and element counts that overflow. Throws ShapeError.
void check_sizes(const Shape& sizes, size_t element_size);

/// The shape that NumPy's broadcasting gives `a` and `b`: aligned at the last dimension, where a
/// size of 1 stretches. Throws ShapeError, showing both, where sizes differ.
Shape broadcast_shapes(const Shape& a, const Shape& b);

/// `dim` counted from the front: negative numbers count from the end. A tensor without dims takes
/// 0 and -1. Throws IndexError.
int normalize_dim(int64_t dim, int dims);

/// Each of `dims` counted from the front, sorted. Throws ShapeError when one stands there twice.
Shape normalize_dims(const Shape& dims, int of_dims);

}  // namespace rill
