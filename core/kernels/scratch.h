#pragma once

#include <cstdint>

#include <rill/core/memory/storage.h>

namespace rill::kernels {

/// Room for n elements, uninitialised, while it lives.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t n) : storage_(Storage::allocate(static_cast<size_t>(n) * sizeof(T))) {}
  T* data() const { return static_cast<T*>(storage_->data); }

 private:
  Ref<Storage> storage_;
};

}  // namespace rill::kernels
