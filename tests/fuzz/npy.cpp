// Any bytes as a .npy file: refused by an Error, or read, and then what was read is the same again
// when it is written and read.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <rill/core/error.h>
#include <rill/core/io/detail/npy_elements.h>
#include <rill/core/io/detail/npy_header.h>
#include <rill/core/io/detail/npy_reader.h>

namespace rill {
namespace {

std::string_view bytes_of(const Tensor& tensor) {
  return {static_cast<const char*>(tensor.raw_data()),
          static_cast<size_t>(tensor.numel()) * size_of(tensor.dtype())};
}

void read(std::string_view file) {
  Tensor tensor;
  try {
    tensor = detail::read_npy(file, "input");
  } catch (const Error&) {
    return;
  }
  std::string written =
      detail::npy_preamble(detail::npy_type_of(tensor.dtype()).descr, tensor.shape());
  written += bytes_of(tensor);
  const Tensor again = detail::read_npy(written, "output");
  const bool same = again.dtype() == tensor.dtype() && again.shape() == tensor.shape() &&
                    bytes_of(again) == bytes_of(tensor);
  if (!same) std::abort();
}

}  // namespace
}  // namespace rill

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  rill::read({reinterpret_cast<const char*>(data), size});
  return 0;
}
