#pragma once

#include <concepts>

#include <rill/core/tensor.h>

// Numbers between tensors and the C++ types that a program has them in: what tensors do not store
// themselves (int, size_t, ...) goes through int64.

namespace rill {
namespace detail {

template <class T>
concept ElementType = std::same_as<T, float> || std::same_as<T, double> ||
    std::same_as<T, int64_t> || std::same_as<T, bool>;

template <class T>
concept Exchanged = ElementType<T> || std::integral<T>;

Tensor stored(const std::vector<float>& values, const Shape& shape);
Tensor stored(const std::vector<double>& values, const Shape& shape);
Tensor stored(const std::vector<int64_t>& values, const Shape& shape);
Tensor stored(const std::vector<bool>& values, const Shape& shape);

/// The same number as another integer type. Throws ValueError where it is beyond its range.
template <std::integral To, std::integral From>
To whole(From value) {
  const To same = static_cast<To>(value);
  if (static_cast<From>(same) != value || (same < To{}) != (value < From{}))
    fail<ValueError>("a whole number is beyond the range of the type of ", sizeof(To),
                     " bytes that it is to be read as");
  return same;
}
template <std::integral To, std::integral From>
std::vector<To> whole(const std::vector<From>& values) {
  std::vector<To> out;
  out.reserve(values.size());
  for (const From value : values) out.push_back(whole<To>(value));
  return out;
}

}  // namespace detail

template <class T>
std::vector<T> Tensor::to_vector() const {
  static_assert(detail::Exchanged<T>, "numbers are read as float, double, bool or whole numbers");
  if constexpr (detail::ElementType<T>)
    return elements<T>();
  else if constexpr (detail::Exchanged<T>)
    return detail::whole<T>(elements<int64_t>());
}

template <class T>
T Tensor::item() const {
  check_is_one();
  return to_vector<T>()[0];
}

template <class T>
Tensor from_vector(const std::vector<T>& values, const Shape& shape) {
  static_assert(detail::Exchanged<T>, "a tensor is made of float, double, bool or whole numbers");
  if constexpr (detail::ElementType<T>)
    return detail::stored(values, shape);
  else if constexpr (detail::Exchanged<T>)
    return detail::stored(detail::whole<int64_t>(values), shape);
}

}  // namespace rill
