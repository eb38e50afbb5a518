#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>

namespace rill {

/// The element types of a tensor: float32 for training, float64 for checking gradients, int64 for
/// ids and indices, bool_ for masks (one byte an element).
enum class DType : uint8_t { float32, float64, int64, bool_ };

inline constexpr DType float32 = DType::float32;
inline constexpr DType float64 = DType::float64;
inline constexpr DType int64 = DType::int64;
inline constexpr DType bool_ = DType::bool_;

/// Only floating types can carry gradients.
constexpr bool is_floating(DType dtype) {
  return dtype == DType::float32 || dtype == DType::float64;
}

/// Bytes of one element.
constexpr size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return 4;
    case DType::float64: return 8;
    case DType::int64: return 8;
    case DType::bool_: return 1;
  }
  return 0;
}

/// "float32", "float64", "int64" or "bool".
constexpr const char* name_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return "float32";
    case DType::float64: return "float64";
    case DType::int64: return "int64";
    case DType::bool_: return "bool";
  }
  return "unknown";
}

/// Writes the name.
std::ostream& operator<<(std::ostream& out, DType dtype);

template <class T>
struct dtype_of_t;
template <>
struct dtype_of_t<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct dtype_of_t<double> {
  static constexpr DType value = DType::float64;
};
template <>
struct dtype_of_t<int64_t> {
  static constexpr DType value = DType::int64;
};
template <>
struct dtype_of_t<bool> {
  static constexpr DType value = DType::bool_;
};

/// The dtype that stores a C++ element type.
template <class T>
inline constexpr DType dtype_of = dtype_of_t<T>::value;

}  // namespace rill
