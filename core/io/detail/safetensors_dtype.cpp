#include <rill/core/io/detail/safetensors_dtype.h>
#include <rill/core/io/detail/widen.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace rill::detail {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

bool copy_bools(const char* from, void* to, size_t count) {
  std::memcpy(to, from, count);
  return std::all_of(from, from + count, [](char c) { return c == 0 || c == 1; });
}

constexpr StoredDType dtypes[] = {
    {"F32", 32, float32},
    {"F64", 64, float64},
    {"I64", 64, int64},
    {"BOOL", 8, bool_, copy_bools},
    {"F16", 16, float32, widen_half<Float16>},
    {"BF16", 16, float32, widen_half<BFloat16>},
    {"U8", 8, int64, widen_whole<uint8_t>},
    {"I8", 8, int64, widen_whole<int8_t>},
    {"U16", 16, int64, widen_whole<uint16_t>},
    {"I16", 16, int64, widen_whole<int16_t>},
    {"U32", 32, int64, widen_whole<uint32_t>},
    {"I32", 32, int64, widen_whole<int32_t>},
    {"U64", 64, int64, widen_whole<uint64_t>},
    {"C64", 64},
    {"F8_E4M3", 8},
    {"F8_E5M2", 8},
    {"F8_E8M0", 8},
    {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8},
    {"F6_E2M3", 6},
    {"F6_E3M2", 6},
    {"F4", 4},
};

}  // namespace

const StoredDType* find_stored_dtype(std::string_view name) {
  const auto* const found = std::ranges::find(dtypes, name, &StoredDType::name);
  return found != std::end(dtypes) ? found : nullptr;
}

const StoredDType& stored_dtype_of(DType dtype) {
  return *std::ranges::find_if(dtypes, [&](const StoredDType& one) { return one.dtype == dtype; });
}

}  // namespace rill::detail
