#include <rill/core/io/detail/npy_elements.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>

#include <rill/core/error.h>
#include <rill/core/io/detail/widen.h>

namespace rill::detail {
namespace {

constexpr NpyType types[] = {
    {"<f4", 4, float32},
    {"<f8", 8, float64},
    {"<i8", 8, int64},
    {"|b1", 1, bool_},
    {"<f2", 2, float32, widen_half<Float16>},
    {"<i4", 4, int64, widen_whole<int32_t>},
    {"<i2", 2, int64, widen_whole<int16_t>},
    {"|i1", 1, int64, widen_whole<int8_t>},
    {"<u4", 4, int64, widen_whole<uint32_t>},
    {"<u2", 2, int64, widen_whole<uint16_t>},
    {"|u1", 1, int64, widen_whole<uint8_t>},
};

}  // namespace

void want_little_endian(const std::string& path) {
  if constexpr (std::endian::native != std::endian::little)
    fail<Error>(path, ": .npy files are read and written on little-endian machines alone");
}

const NpyType* npy_type_of(std::string_view descr) {
  const auto* found = std::find_if(std::begin(types), std::end(types),
                                   [&](const NpyType& type) { return type.descr == descr; });
  return found == std::end(types) ? nullptr : found;
}

const NpyType& npy_type_of(DType dtype) {
  return *std::find_if(std::begin(types), std::end(types),
                       [&](const NpyType& type) { return type.dtype == dtype && !type.convert; });
}

}  // namespace rill::detail
