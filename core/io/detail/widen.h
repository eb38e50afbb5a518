#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <rill/core/io/detail/half.h>

// Elements as they lie in a file, wherever they begin, in a wider type. Each returns whether all
// fit.

namespace rill::detail {

template <class T>
T element_of_file(const char* from, size_t i) {
  T value;
  std::memcpy(&value, from + i * sizeof(T), sizeof(T));
  return value;
}

/// To int64.
template <class Whole>
bool widen_whole(const char* from, void* to, size_t count) {
  auto* out = static_cast<int64_t*>(to);
  bool fits = true;
  for (size_t i = 0; i < count; ++i) {
    const auto value = element_of_file<Whole>(from, i);
    fits &= std::in_range<int64_t>(value);
    out[i] = static_cast<int64_t>(value);
  }
  return fits;
}

/// To float32.
template <class HalfType>
bool widen_half(const char* from, void* to, size_t count) {
  auto* out = static_cast<float*>(to);
  for (size_t i = 0; i < count; ++i) out[i] = HalfType::widen(element_of_file<uint16_t>(from, i));
  return true;
}

}  // namespace rill::detail
