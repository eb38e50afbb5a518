#pragma once

#include <cstdint>
#include <memory>

namespace rill::kernels {

/// Room for n elements, uninitialised, that this thread keeps for the next call with the same Tag.
template <class T, class Tag>
T* scratch(int64_t n) {
  thread_local std::unique_ptr<T[]> memory;
  thread_local int64_t size = 0;
  if (n > size) {
    memory.reset();
    size = 0;
    memory.reset(new T[static_cast<size_t>(n)]);
    size = n;
  }
  return memory.get();
}

}  // namespace rill::kernels
