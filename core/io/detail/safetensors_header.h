#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include <rill/core/io/detail/safetensors_dtype.h>
#include <rill/core/io/safetensors.h>

namespace rill::detail {

/// Bytes that the header of a safetensors file has at most; all readers hold to it.
inline constexpr uint64_t most_header_bytes = 100'000'000;
/// The name in a header under which the metadata stands.
inline constexpr std::string_view metadata_name = "__metadata__";

/// A tensor as the header describes it.
struct StoredTensor {
  std::string name;
  const StoredDType* dtype = nullptr;
  Shape shape;
  uint64_t begin = 0, end = 0;  // in bytes, after the header
};

/// What the header of a safetensors file says, held to the rules of the format.
struct SafetensorsHeader {
  SafetensorsHeader() = default;
  SafetensorsHeader(SafetensorsHeader&&) = default;
  SafetensorsHeader& operator=(SafetensorsHeader&&) = default;

  std::deque<StoredTensor>
      tensors;  // in the order of the header, and at rest: by_name points to them
  std::unordered_map<std::string_view, const StoredTensor*> by_name;
  Metadata metadata;
  uint64_t data_begin = 0;  // in bytes of the file
};

/// Reads the header of a whole file, which `path` names in errors: 8 bytes that tell how long the
/// header is, the header as JSON, then the numbers. Each tensor must have the bytes of its shape
/// and dtype, and the tensors all bytes behind the header, each once. Throws Error.
SafetensorsHeader read_safetensors_header(const std::string& path, std::string_view file);

}  // namespace rill::detail
