#pragma once

#include <concepts>
#include <span>
#include <string_view>

namespace rill {

namespace detail {
/// The place of `name` among `names`. Throws ValueError, listing them, where it is none of them.
size_t want_one_of(std::span<const char* const> names, std::string_view name);
}  // namespace detail

/// An enumerator, or PyTorch's string for it: `.reduction = Reduction::sum`, `.reduction = "sum"`.
/// `names_of(Enum)`, declared beside the enumeration, are the strings in its order.
template <class Enum>
class Choice {
 public:
  constexpr Choice(Enum value) : value_(value) {}
  /// Throws ValueError, listing the strings, for any other.
  template <std::convertible_to<std::string_view> Name>
  Choice(const Name& name)
      : value_(static_cast<Enum>(detail::want_one_of(names_of(Enum()), name))) {}

  constexpr operator Enum() const { return value_; }

 private:
  Enum value_;
};

}  // namespace rill
