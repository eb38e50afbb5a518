#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <rill/core/dtype.h>

namespace rill::detail {

/// An element type of safetensors files.
struct StoredDType {
  std::string_view name;
  uint64_t bits;
  /// What it is read as; nothing where rill has no place for it.
  std::optional<DType> dtype = {};
  /// Makes `count` elements of `dtype` from those of the file. False where one is beyond its
  /// range. Null where both are the same bytes.
  bool (*convert)(const char* from, void* to, size_t count) = nullptr;
};

/// The type of that name; null where safetensors has none.
const StoredDType* find_stored_dtype(std::string_view name);
/// The type that holds what a tensor of `dtype` does.
const StoredDType& stored_dtype_of(DType dtype);

}  // namespace rill::detail
