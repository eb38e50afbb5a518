#include <rill/core/autograd.h>
#include <rill/core/error.h>
#include <rill/core/scope.h>

#include <cstdio>

namespace rill::detail {

void append(std::string& out, double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  out += text;
}

std::string error_prefix() {
  std::string prefix = Scope::current_path();
  if (!prefix.empty()) prefix += ": ";
  if (const Op* op = Op::current()) prefix += std::string(op->name()) + ": ";
  return prefix;
}

}  // namespace rill::detail
