// Any bytes as the index of a safetensors file in parts: refused by an Error, or it leads to files
// beside it alone, and is read again as it is written.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <rill/core/error.h>
#include <rill/core/io/detail/safetensors_index.h>

namespace {

void want(bool holds) {
  if (!holds) std::abort();
}

void read(std::string_view text) {
  using namespace rill::detail;
  PartOfTensor part_of;
  try {
    part_of = parse_safetensors_index("input", text);
  } catch (const rill::Error&) {
    return;
  }
  for (const auto& [name, file] : part_of)
    want(!file.empty() && file.find('/') == std::string::npos && file != "..");
  want(parse_safetensors_index("output", index_text(part_of, 0)) == part_of);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  read({reinterpret_cast<const char*>(data), size});
  return 0;
}
