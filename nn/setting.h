#pragma once

#include <cstdint>
#include <string>

#include <rill/core/shape.h>

namespace rill::nn {

/// A setting as a printed layer shows it, as PyTorch does: "p=0.5", "bias=True", "(8, 3)"; without
/// a name the value alone.
struct Setting {
  Setting(const char* name, bool value) : Setting(name, value ? "True" : "False") {}
  Setting(const char* name, int value) : Setting(name, static_cast<int64_t>(value)) {}
  Setting(const char* name, int64_t value);
  Setting(const char* name, double value);
  Setting(const char* name, const Shape& value);
  Setting(const char* name, const char* value);

  std::string text;
};

}  // namespace rill::nn
