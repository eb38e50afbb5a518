// Any bytes as a safetensors file: refused by an Error, or read within their bounds, and then what
// was read is written and read again.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <rill/core/io/detail/safetensors_header.h>
#include <rill/core/io/detail/safetensors_layout.h>
#include <rill/core/io/safetensors.h>

#include "scratch.h"

namespace rill {
namespace {

using fuzz::want;

bool is_header_read(std::string_view file) {
  try {
    const detail::SafetensorsHeader header = detail::read_safetensors_header("input", file);
    for (const detail::StoredTensor& tensor : header.tensors)
      want(tensor.begin <= tensor.end && tensor.end <= file.size() - header.data_begin);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string written(const StateDict& state) {
  std::vector<detail::EncodedTensor> encoded;
  for (const auto& [name, tensor] : state) encoded.push_back(detail::encode(name, tensor, {}));
  const detail::SafetensorsLayout layout("output", encoded, {});
  std::string file;
  for (const std::string_view piece : layout.pieces()) file += piece;
  return file;
}

void load(const std::string& path) {
  StateDict state;
  try {
    const SafetensorsFile file(path);
    for (const std::string& name : file.names()) state.push_back({name, file.load(name)});
  } catch (const Error&) {
    return;  // a dtype or a value that rill has no place for
  }
  const std::string bytes = written(state);
  const detail::SafetensorsHeader again = detail::read_safetensors_header("output", bytes);
  want(again.tensors.size() == state.size());
  for (const auto& [name, tensor] : state) want(again.by_name.at(name)->shape == tensor.shape());
}

void read(std::string_view file) {
  static const fuzz::Scratch scratch;
  if (is_header_read(file)) load(scratch.holding(file));
}

/// The same with the length that the header has: few changes of a file leave it right.
std::string with_length(std::string_view file) {
  const std::string_view behind = file.substr(sizeof(uint64_t));
  const uint64_t length = behind.rfind('}') + 1;  // 0 where there is none
  std::string out(sizeof(length), '\0');
  std::memcpy(out.data(), &length, sizeof(length));
  return out.append(behind);
}

}  // namespace
}  // namespace rill

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  rill::read(file);
  if (size >= sizeof(uint64_t)) rill::read(rill::with_length(file));
  return 0;
}
