#pragma once

#include <rill/core/tensor.h>

namespace rill {

/// What a Tensor handle points to: where its numbers lie, and its place in the graph.
struct TensorImpl {
  RefCount refs;
  const uint64_t number;  // how many were made before, on all threads
  DType dtype;
  bool is_view = false;
  bool is_number = false;  // made by an op for the 3 of x * 3: no program holds it
  // By detach(), or a view of such: its numbers may change, no gradient is wanted.
  bool is_detached = false;
  uint32_t seen_recorded_writes = 0;  // of the storage, when a view was taken
  Shape sizes;
  Shape strides;
  int64_t offset = 0;  // in elements
  int64_t numel = 0;
  Ref<Storage> storage;
  Ref<Node> node;         // the op that made it, or its leaf; null where no gradient is wanted
  Ref<Node> frozen_leaf;  // its leaf, with hooks, while `requires_grad_(false)` holds
  Tensor grad;            // never owned by the graph: what rows keep are aliases without it

  TensorImpl(Ref<Storage> storage, DType dtype, const Shape& sizes, const Shape& strides,
             int64_t offset);
  ~TensorImpl();
  /// Moves to another place in the graph, together with a `retain_grad`.
  void replace_node(Ref<Node> next);
  void exchange_data(TensorImpl& other);
  /// The data, `.grad` and places in the graph of two tensors, hooks included.
  void exchange(TensorImpl& other);
  static void destroy(TensorImpl* impl) noexcept { delete impl; }
  static void* operator new(size_t bytes) { return allocate_small(bytes); }
  static void operator delete(void* block, size_t bytes) { free_small(block, bytes); }
};

namespace detail {
/// The `number` that the next tensor is going to have.
uint64_t next_tensor_number();
}  // namespace detail

/// Whether `impl` is a view that an in-place op on its base, recorded by the graph, has overtaken:
/// it shows numbers whose gradient it does not know of.
inline bool is_stale_view(const TensorImpl& impl) {
  return impl.is_view && !(impl.is_detached && !impl.node) &&
         impl.seen_recorded_writes != impl.storage->recorded_writes.load(std::memory_order_relaxed);
}

/// A tensor over part of `base`'s storage, outside the graph: view ops and `detach` build on it.
Tensor make_view(const Tensor& base, const Shape& sizes, const Shape& strides, int64_t offset);

inline Tensor::Tensor() noexcept = default;
inline Tensor::Tensor(Ref<TensorImpl> impl) noexcept : impl_(std::move(impl)) {}
inline Tensor::Tensor(const Tensor& other) noexcept = default;
inline Tensor::Tensor(Tensor&& other) noexcept = default;
inline Tensor& Tensor::operator=(const Tensor& other) & noexcept = default;
inline Tensor& Tensor::operator=(Tensor&& other) & noexcept = default;
inline Tensor::~Tensor() = default;

}  // namespace rill
