// Any bytes as a checkpoint: refused by an Error, or loaded, and then saved and loaded again to the
// same bytes. Their last bytes become the right checksum: hardly any would come past it.
#include <cstdint>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <rill/core/error.h>
#include <rill/core/io/checkpoint.h>
#include <rill/core/io/detail/checksum.h>

#include "scratch.h"

namespace rill {
namespace {

using fuzz::want;

std::string contents_of(const std::string& path) {
  std::string bytes;
  char part[4096];
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  want(descriptor >= 0);
  for (ssize_t count; (count = ::read(descriptor, part, sizeof(part))) > 0;)
    bytes.append(part, static_cast<size_t>(count));
  ::close(descriptor);
  return bytes;
}

void load(std::string_view file) {
  static const fuzz::Scratch scratch({"output", "again"});
  try {
    save_checkpoint(scratch.path("output"), load_checkpoint(scratch.holding(file)));
  } catch (const Error&) {
    return;
  }
  save_checkpoint(scratch.path("again"), load_checkpoint(scratch.path("output")));
  want(contents_of(scratch.path("output")) == contents_of(scratch.path("again")));
}

std::string with_checksum(std::string_view file) {
  detail::Checksum checksum;
  checksum.add(file);
  const auto value = checksum.value();
  return std::string(file).append(value.data(), value.size());
}

}  // namespace
}  // namespace rill

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using rill::detail::Checksum;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  if (size < Checksum::size)
    rill::load(file);
  else
    rill::load(rill::with_checksum(file.substr(0, size - Checksum::size)));
  return 0;
}
