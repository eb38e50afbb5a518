#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <rill/core/dtype.h>
#include <rill/core/shape.h>

namespace rill {

// One type for the library and all that use it, also where they hide their symbols.
#pragma GCC visibility push(default)

/// What every exception of rill derives from. The message begins with the path of the module and
/// the name of the op in which it arose: "blocks.0.attn.out_proj: matmul: cannot multiply ...".
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Sizes or strides do not fit.
class ShapeError : public Error {
  using Error::Error;
};
/// An element type that the operation does not take, or two that differ.
class DTypeError : public Error {
  using Error::Error;
};
/// A dimension, element, class or token number out of range.
class IndexError : public Error {
  using Error::Error;
};
/// An option outside its range.
class ValueError : public Error {
  using Error::Error;
};
/// A misuse of the graph: a stale input, a second backward, an in-place write to a leaf.
class AutogradError : public Error {
  using Error::Error;
};
/// Memory could not be had; names the bytes asked for.
class OutOfMemoryError : public Error {
  using Error::Error;
};

#pragma GCC visibility pop

namespace detail {
inline void append(std::string& out, std::string_view text) { out += text; }
inline void append(std::string& out, const char* text) { out += text; }
inline void append(std::string& out, const std::string& text) { out += text; }
inline void append(std::string& out, const Shape& shape) { out += to_string(shape); }
inline void append(std::string& out, DType dtype) { out += name_of(dtype); }
inline void append(std::string& out, bool value) { out += value ? "true" : "false"; }
void append(std::string& out, double value);
inline void append(std::string& out, float value) { append(out, static_cast<double>(value)); }
template <class Integer>
requires std::is_integral_v<Integer>
void append(std::string& out, Integer value) { out += std::to_string(value); }
/// "module.path: op: ", as far as there are any.
std::string error_prefix();
}  // namespace detail

/// Throws ErrorType with the parts (text, numbers, shapes, dtypes) joined behind the module path
/// and op name.
template <class ErrorType, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::string message = detail::error_prefix();
  (detail::append(message, parts), ...);
  throw ErrorType(message);
}

}  // namespace rill
