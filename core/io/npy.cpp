#include <rill/core/io/npy.h>

#include <array>

#include <rill/core/file.h>
#include <rill/core/io/detail/npy_elements.h>
#include <rill/core/io/detail/npy_header.h>
#include <rill/core/io/detail/npy_reader.h>
#include <rill/core/io/detail/read_file.h>
#include <rill/core/ops.h>

namespace rill {

Tensor load_npy(const std::string& path) {
  return detail::read_npy(detail::ReadFile(path).bytes(), path);
}

void save_npy(const std::string& path, const Tensor& tensor) {
  detail::want_little_endian(path);
  const Tensor elements = contiguous(tensor.detach());
  const DType dtype = elements.dtype();
  const std::string preamble =
      detail::npy_preamble(detail::npy_type_of(dtype).descr, elements.shape());
  const std::string_view bytes(static_cast<const char*>(elements.raw_data()),
                               static_cast<size_t>(elements.numel()) * size_of(dtype));
  replace_file(path, std::array{std::string_view(preamble), bytes});
}

}  // namespace rill
