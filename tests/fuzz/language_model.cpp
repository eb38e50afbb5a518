// Any bytes as the options and as the notes of a language model: refused by a ValueError, or read,
// and then the same again when they are written and read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <rill/core/error.h>
#include <rill/nn/detail/language_model_json.h>

namespace rill::nn {
namespace {

template <class Read>
void check(std::string_view json, const Read& read) {
  std::string written;
  try {
    written = detail::text_of(read(json));
  } catch (const ValueError&) {
    return;
  }
  if (detail::text_of(read(written)) != written) std::abort();
}

}  // namespace
}  // namespace rill::nn

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  rill::nn::check(json, rill::nn::detail::read_configuration);
  rill::nn::check(json, rill::nn::detail::read_notes);
  return 0;
}
