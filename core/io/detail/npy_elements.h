#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <rill/core/dtype.h>

namespace rill::detail {

/// A type of elements as .npy files have it, and what becomes of it here.
struct NpyType {
  std::string_view descr;
  size_t bytes;
  DType dtype;
  /// Makes `count` elements of `dtype` from those of the file, which fit all; null where both are
  /// the same bytes.
  bool (*convert)(const char* from, void* to, size_t count) = nullptr;
};

/// Throws Error with `path` on a machine that would have to turn the bytes of each number around.
void want_little_endian(const std::string& path);

/// Null where rill has none for it.
const NpyType* npy_type_of(std::string_view descr);

/// The one that is the same as `dtype`.
const NpyType& npy_type_of(DType dtype);

}  // namespace rill::detail
