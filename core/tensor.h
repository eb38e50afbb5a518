#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/dtype.h>
#include <rill/core/error.h>
#include <rill/core/memory/refcount.h>
#include <rill/core/memory/storage.h>
#include <rill/core/shape.h>

namespace rill {

class Generator;
class Node;
struct TensorImpl;
class RowIterator;
class Hook;
class Tensor;
struct ValuesAndIndices;

/// What `backward` may be told.
struct BackwardOptions {
  /// Record the backward pass itself, for gradients of gradients.
  bool create_graph = false;
  /// Keep what the graph holds for another backward; implied by create_graph.
  bool retain_graph = false;
};

/// What `register_hook` gives: the number that `remove_hook` takes, and `handle.remove()`, for
/// which it keeps the tensor alive.
struct HookHandle {
  int64_t number;
  Ref<TensorImpl> impl;  // of the tensor
  /// The hook is not called again. A second call does nothing.
  void remove() const;
  operator int64_t() const { return number; }
};

/// A handle to an n-dimensional array of numbers and to its place in the graph of ops.
///
/// Copies of a handle are the same tensor. Views (`view`, `transpose`, `narrow`, ...) are other
/// tensors that share its storage. A default-constructed handle is undefined and holds nothing.
/// A compiler warns where a new tensor is dropped: `x.to(float64);` changes nothing. What works in
/// place returns `const Tensor&`, and may be dropped.
class [[nodiscard]] Tensor {
 public:
  Tensor() noexcept;
  explicit Tensor(Ref<TensorImpl> impl) noexcept;
  Tensor(const Tensor& other) noexcept;
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(const Tensor& other) & noexcept;
  Tensor& operator=(Tensor&& other) & noexcept;
  void operator=(const Tensor&) && = delete;      // x[0].copy_(y) writes into x; w.set_grad(g)
  void operator=(const Tensor&) const& = delete;  // w.copy_(x); to share w: nn::Linear(w)
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator=(Number) const& = delete;  // x.fill_(2), x[0].fill_(2); scalar(2) is a tensor
  ~Tensor();

  /// Uninitialised, row-major. Throws ShapeError (negative size, overflow), OutOfMemoryError.
  static Tensor empty(const Shape& shape, DType dtype = float32);

  bool defined() const { return static_cast<bool>(impl_); }
  explicit operator bool() const = delete;  // x.item<bool>() for one element, any(x), all(x)

  // What it is.
  const Shape& shape() const;
  const Shape& size() const { return shape(); }
  const Shape& sizes() const { return shape(); }
  const Shape& strides() const;
  int dims() const;
  int dim() const { return dims(); }
  int ndim() const { return dims(); }
  /// Size along `dim`; negative counts from the end. Throws IndexError.
  int64_t size(int64_t dim) const;
  int64_t stride(int64_t dim) const;
  int64_t numel() const;
  DType dtype() const;
  bool is_floating_point() const { return is_floating(dtype()); }
  bool is_contiguous() const;
  /// Whether it shares the storage of another tensor by a view op.
  bool is_view() const;
  /// How often its storage was written to in place.
  uint32_t version() const;

  // What it holds.
  /// First element; T must match dtype. Throws DTypeError.
  template <class T>
  [[nodiscard]] T* data() const;
  Tensor data() const = delete;  // x.detach() shares the numbers, x.data<float>() points to them
  template <class T>
  [[nodiscard]] T* data_ptr() const {
    return data<T>();
  }
  void* raw_data() const;
  /// The one element of a tensor of one element, as T. Throws as to_vector, ShapeError otherwise.
  template <class T = double>
  [[nodiscard]] T item() const;
  /// All elements in row-major order, as float, double, bool or a type of whole numbers: converted
  /// as by a cast. Throws ValueError where a whole number is beyond the range of T.
  template <class T = double>
  [[nodiscard]] std::vector<T> to_vector() const;
  /// As PyTorch prints: `tensor([[1., 2.]])`.
  [[nodiscard]] std::string to_string() const;

  // Its place in the graph.
  bool requires_grad() const;
  /// Marks a leaf as wanting (or not) a gradient. While it wants none, graphs recorded before leave
  /// it none either; once it wants one again, they do, and its hooks run again. Throws DTypeError
  /// unless floating, AutogradError on the result of an op.
  const Tensor& requires_grad_(bool requires_grad = true) const;
  bool is_leaf() const;
  /// The op that made it, or null.
  Node* grad_fn() const;
  /// The gradient that backward left here; undefined where there is none.
  Tensor grad() const;
  /// Throws ShapeError for another shape or dtype, AutogradError for the tensor itself.
  void set_grad(const Tensor& grad) const;
  /// Keep the gradient of this intermediate result in `.grad` too.
  void retain_grad() const;
  /// `hook` sees the whole gradient of this tensor, of a leaf once its last use has been passed. It
  /// may return another of the same shape (nothing, or an undefined one, keeps it), not write to
  /// it. Hooks run in the order of their registration, before any `.grad` is written. One that
  /// captures its own tensor keeps it alive. Graphs on several threads that share a leaf may call
  /// its hooks at once. The number that is returned is never given again.
  template <class Function>
  HookHandle register_hook(Function hook) const;
  void remove_hook(int64_t number) const;
  /// Gradients of this tensor, added into `.grad` of the leaves that it came from. `gradient` is
  /// d(loss)/d(this); needed unless this has one element. Where a row or a hook throws, no `.grad`
  /// has changed; but the graph can be walked again only with `retain_graph`.
  void backward(const Tensor& gradient = {}, BackwardOptions options = {}) const;
  void backward(BackwardOptions options) const { backward(Tensor(), options); }
  void backward(const Tensor& gradient, bool retain_graph, bool create_graph = false) const {
    backward(gradient, {.create_graph = create_graph, .retain_graph = retain_graph});
  }
  /// The same data, outside the graph.
  Tensor detach() const;
  /// `for (const Tensor& row : x)` goes over x[0], x[1], ... Throw IndexError without dimensions.
  RowIterator begin() const;
  RowIterator end() const;

  // The ops of ops.h, where their parameters are tensors, numbers and shapes: `x.sum(1)` is
  // `sum(x, 1)`.
#include <rill/tensor_members.h>

  Tensor type_as(const Tensor& other) const { return to(other.dtype()); }
  /// The dimension `dim` as several, of which one may be -1.
  Tensor unflatten(int64_t dim, const Shape& sizes) const;
  /// The last two dimensions swapped (of 2 or more).
  Tensor T() const;
  Tensor t() const { return T(); }
  Tensor mT() const { return T(); }
  /// select(0, index).
  Tensor operator[](int64_t index) const;
  /// The rows that an int64 `index` [n] names, or that a mask [size(0)] holds; the elements that a
  /// mask of the same shape holds: a copy, to be read. Where x itself is to change, write
  /// `x.copy_(where(mask, value, x))`.
  Tensor operator[](const Tensor& index) const;

  // In place (inplace.h says what is refused).
  const Tensor& zero_() const;
  const Tensor& fill_(double value) const;
  const Tensor& copy_(const Tensor& source) const;
  /// Drawn from N(mean, std²), or evenly from [low, high), by the default generator.
  const Tensor& normal_(double mean = 0, double std = 1) const;
  const Tensor& uniform_(double low = 0, double high = 1) const;
  const Tensor& add_(const Tensor& other, double alpha = 1) const;
  const Tensor& sub_(const Tensor& other) const;
  const Tensor& mul_(const Tensor& other) const;
  const Tensor& div_(const Tensor& other) const;
  /// x += value · a · b, and x += value · a / b.
  const Tensor& addcmul_(const Tensor& a, const Tensor& b, double value = 1) const {
    return add_(a.mul(b), value);
  }
  const Tensor& addcdiv_(const Tensor& a, const Tensor& b, double value = 1) const {
    return add_(a.div(b), value);
  }
  const Tensor& add_(double value) const;
  const Tensor& sub_(double value) const;
  const Tensor& mul_(double value) const;
  const Tensor& div_(double value) const;
  const Tensor& operator+=(const Tensor& other) const { return add_(other); }
  const Tensor& operator-=(const Tensor& other) const { return sub_(other); }
  const Tensor& operator*=(const Tensor& other) const { return mul_(other); }
  const Tensor& operator/=(const Tensor& other) const { return div_(other); }
  const Tensor& operator+=(double value) const { return add_(value); }
  const Tensor& operator-=(double value) const { return sub_(value); }
  const Tensor& operator*=(double value) const { return mul_(value); }
  const Tensor& operator/=(double value) const { return div_(value); }

  TensorImpl* impl() const { return impl_.get(); }
  /// Makes this very tensor (all handles of it) hold what `other` holds; its `.grad` is dropped,
  /// its hooks stay. How `Module::to` changes a parameter under the handles that layers hold. Where
  /// shape or dtype change, graphs recorded before refuse to run backward to it.
  void swap_data(const Tensor& other) const;

 private:
  TensorImpl* checked() const;
  template <class ElementType>
  std::vector<ElementType> elements() const;
  void check_is_one() const;
  HookHandle add_hook(Ref<Hook> hook) const;
  Ref<TensorImpl> impl_;
};

/// What `max(x, dim)`, `sort` and their like give.
struct [[nodiscard]] ValuesAndIndices {
  Tensor values;
  Tensor indices;  // int64
};

std::ostream& operator<<(std::ostream& out, const Tensor& tensor);
std::ostream& operator<<(std::ostream& out, const ValuesAndIndices& found);

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

// Factories write into int64 as a cast does, towards zero, and throw ValueError for a number beyond
// its range.

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

/// How many tensors (handles' targets, views included) are alive, on all threads.
int64_t live_tensors();

}  // namespace rill

#include <rill/core/tensor/elements.h>
#include <rill/core/tensor/hook.h>
#include <rill/core/tensor/rows.h>
#include <rill/core/tensor/tensor_impl.h>
