#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rill::inspect::detail {

/// Bytes as text (RFC 4648, with padding).
std::string base64(std::span<const unsigned char> bytes);

/// The elements' bytes, in the order in which they lie in memory.
template <class T>
std::string base64_of(const std::vector<T>& elements) {
  return base64(
      {reinterpret_cast<const unsigned char*>(elements.data()), elements.size() * sizeof(T)});
}

inline std::string packed_indices(const std::vector<uint32_t>& indices) {
  return base64_of(indices);
}

}  // namespace rill::inspect::detail
