#include <cmath>

#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/scope.h>
#include <spdlog/fmt/fmt.h>

namespace rill::detail {

void append(std::string& out, double value) {
  out += std::isnan(value) ? "nan" : fmt::format("{:.9g}", value);
}

std::string error_prefix() {
  std::string prefix = Scope::current_path();
  if (!prefix.empty()) prefix += ": ";
  if (const Op* op = Op::current()) prefix += std::string(op->name()) + ": ";
  return prefix;
}

}  // namespace rill::detail
