#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace rill::detail {

/// The end of an index's path.
inline constexpr std::string_view index_suffix = ".safetensors.index.json";

/// For each tensor the name of the part in which it is.
using PartOfTensor = std::map<std::string, std::string>;

/// Reads {"metadata": anything, "weight_map": {"name": "file"}}. A file must be named without a
/// folder, so that an index leads to nothing but its neighbours. Throws Error, which names `path`.
PartOfTensor parse_safetensors_index(const std::string& path, std::string_view text);
PartOfTensor read_safetensors_index(const std::string& path);

/// What is read so.
std::string index_text(const PartOfTensor& part_of, int64_t total_bytes);

}  // namespace rill::detail
