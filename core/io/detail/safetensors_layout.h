#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rill/core/io/safetensors.h>

namespace rill::detail {

/// Throws ValueError: "cannot write PATH: ...".
template <class... Parts>
[[noreturn]] void refuse_to_write(const std::string& path, const Parts&... parts) {
  fail<ValueError>("cannot write ", path, ": ", parts...);
}

/// A tensor as a file stores it.
struct EncodedTensor {
  std::string_view name;
  std::string_view dtype;
  size_t element_bytes = 0;
  Shape shape;
  std::string_view bytes;  // row-major; of one of the next two
  Tensor numbers;
  std::vector<uint16_t> halves;
};

/// `name` must outlive what is returned.
EncodedTensor encode(std::string_view name, const Tensor& tensor,
                     std::optional<HalfFloat> floats_as);

/// What a file of these tensors consists of. The header has them in their order; their numbers
/// stand with the longest elements first, so that each begins at a multiple of its own.
class SafetensorsLayout {
 public:
  /// Throws ValueError where a text is no UTF-8, and where the header would be too long. The path
  /// is for errors.
  SafetensorsLayout(const std::string& path, std::span<const EncodedTensor> tensors,
                    const Metadata& metadata);
  SafetensorsLayout(const SafetensorsLayout&) = delete;
  SafetensorsLayout& operator=(const SafetensorsLayout&) = delete;

  /// Header and numbers, in order. They stay with this and the tensors.
  const std::vector<std::string_view>& pieces() const { return pieces_; }

 private:
  std::string header_;
  std::vector<std::string_view> pieces_;
};

}  // namespace rill::detail
