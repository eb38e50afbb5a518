#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace rill::testing {

/// A file of safetensors whose header says that it has `length` bytes, whatever it has.
inline std::string safetensors_bytes(uint64_t length, const std::string& header,
                                     const std::string& numbers = "") {
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + numbers;
}

/// A file with this header, and `numbers` zeros behind it.
inline std::string safetensors_bytes(const std::string& header, size_t numbers = 0) {
  return safetensors_bytes(header.size(), header, std::string(numbers, '\0'));
}

}  // namespace rill::testing
