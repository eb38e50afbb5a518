#pragma once

#include <concepts>
#include <cstddef>
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

namespace detail {
template <class T>
concept Nothing = std::same_as<T, std::nullptr_t> || std::same_as<T, std::nullopt_t>;
}  // namespace detail

/// What `backward` may be told.
struct BackwardOptions {
  /// Keep what the graph holds for another backward; implied by create_graph.
  bool retain_graph = false;
  /// Record the backward pass itself, for gradients of gradients.
  bool create_graph = false;
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
  template <detail::Nothing Null>
  Tensor(Null) = delete;  // {}: an undefined tensor; x.defined() asks
  Tensor& operator=(const Tensor& other) & noexcept;
  Tensor& operator=(Tensor&& other) & noexcept;
  void operator=(const Tensor&) && = delete;      // x[0].copy_(y) writes into x; w.set_grad(g)
  void operator=(const Tensor&) const& = delete;  // w.copy_(x); to share w: nn::Linear(w)
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator=(Number) const& = delete;  // x.fill_(2), x[0].fill_(2); scalar(2) is a tensor
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator=(Number) && = delete;            // x[0].fill_(2), x[0].copy_(y)
  void operator=(const auto&) const&& = delete;  // x.copy_(where(mask, y, x))
  ~Tensor();

  /// Uninitialised, row-major. Throws ShapeError (negative size, overflow), OutOfMemoryError.
  static Tensor empty(const Shape& shape, DType dtype = float32);

  bool defined() const { return static_cast<bool>(impl_); }
  explicit operator bool() const = delete;  // x.item<bool>() for one element, any(x), all(x)
  template <class Number>
  requires std::is_arithmetic_v<Number>
  explicit operator Number() const = delete;  // x.item<float>(), for one element

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
  /// `hook` sees the whole gradient of this tensor, of a leaf once its last part has arrived. It
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
    backward(gradient, {.retain_graph = retain_graph, .create_graph = create_graph});
  }
  template <class = void>
  void backward(...) const = delete;  // y.backward({.retain_graph = true}), y.backward(gradient)
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
  /// The row, or the rows, that an int64 `index` [] or [n] names, those that a mask [size(0)]
  /// holds, the elements that a mask of the same shape holds: a copy.
  const Tensor operator[](const Tensor& index) const;  // const, so that nothing is written to it
  Tensor operator[](std::initializer_list<int64_t>) const = delete;  // x[0][1], x[tensor({0, 1})]
  template <class = void>
  Tensor operator[](std::initializer_list<Tensor>) const = delete;  // x.gather(1, index)
  Tensor operator[](NoWholeNumber auto) const = delete;             // x[0], x[mask]

  // In place (inplace.h says what is refused).
  const Tensor& zero_() const;
  const Tensor& fill_(double value) const;
  const Tensor& fill_(const Tensor&) const = delete;  // x.copy_(y)
  const Tensor& copy_(const Tensor& source) const;
  const Tensor& copy_(double) const = delete;  // x.fill_(2)
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
  // Not of x[index], which is a copy: of what is const and no variable.
#define RILL_WRITES(symbol, method)                                                   \
  const Tensor& operator symbol(const Tensor& other) const& { return method(other); } \
  const Tensor& operator symbol(double value) const& { return method(value); }        \
  const Tensor& operator symbol(const Tensor& other)&& { return method(other); }      \
  const Tensor& operator symbol(double value)&& { return method(value); }
  RILL_WRITES(+=, add_)
  RILL_WRITES(-=, sub_)
  RILL_WRITES(*=, mul_)
  RILL_WRITES(/=, div_)
#undef RILL_WRITES
  void operator+=(const Tensor&) const&& = delete;  // x.copy_(where(mask, x + y, x))
  void operator+=(double) const&& = delete;         // x.copy_(where(mask, x + y, x))
  void operator-=(const Tensor&) const&& = delete;  // x.copy_(where(mask, x - y, x))
  void operator-=(double) const&& = delete;         // x.copy_(where(mask, x - y, x))
  void operator*=(const Tensor&) const&& = delete;  // x.copy_(where(mask, x * y, x))
  void operator*=(double) const&& = delete;         // x.copy_(where(mask, x * y, x))
  void operator/=(const Tensor&) const&& = delete;  // x.copy_(where(mask, x / y, x))
  void operator/=(double) const&& = delete;         // x.copy_(where(mask, x / y, x))

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
  /// 0 gives the values, 1 the indices, as in Python. Throws IndexError.
  Tensor operator[](int64_t i) const;
};

std::ostream& operator<<(std::ostream& out, const Tensor& tensor);
std::ostream& operator<<(std::ostream& out, const ValuesAndIndices& found);

/// How many tensors (handles' targets, views included) are alive, on all threads.
int64_t live_tensors();

}  // namespace rill

#include <rill/core/tensor/elements.h>
#include <rill/core/tensor/factories.h>
#include <rill/core/tensor/hook.h>
#include <rill/core/tensor/rows.h>
#include <rill/core/tensor/tensor_impl.h>
