#include <rill/core/option.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <rill/core/choice.h>
#include <rill/core/error.h>

namespace rill::detail {
namespace {

double want(bool is_right, std::string_view name, const char* range, double value) {
  if (!is_right) fail<ValueError>(name, " must ", range, ", found ", value);
  return value;
}

}  // namespace

double want_finite(std::string_view name, double value) {
  return want(std::isfinite(value), name, "be finite", value);
}

double want_not_nan(std::string_view name, double value) {
  return want(!std::isnan(value), name, "be a number", value);
}

double want_not_negative(std::string_view name, double value) {
  return want(std::isfinite(value) && value >= 0, name, "be finite and at least 0", value);
}

double want_positive(std::string_view name, double value) {
  return want(std::isfinite(value) && value > 0, name, "be finite and above 0", value);
}

double want_share(std::string_view name, double value) {
  return want(value >= 0 && value <= 1, name, "lie in [0, 1]", value);
}

double want_share_below_one(std::string_view name, double value) {
  return want(value >= 0 && value < 1, name, "be at least 0 and below 1", value);
}

DType want_floating(std::string_view name, DType value) {
  if (!is_floating(value)) fail<DTypeError>(name, " must be floating, not ", value);
  return value;
}

int64_t want_at_least(int64_t least, std::string_view name, int64_t value) {
  if (value < least) fail<ValueError>(name, " must be ", least, " or more, not ", value);
  return value;
}

size_t want_index(std::string_view thing, int64_t index, size_t count) {
  if (index < 0 || static_cast<uint64_t>(index) >= count)
    fail<IndexError>("there is no ", thing, " ", index, ": there are ", count, ", numbered from 0");
  return static_cast<size_t>(index);
}

size_t want_one_of(std::span<const char* const> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  std::string all;
  for (const char* const one : names) all += std::string(all.empty() ? "" : ", ") + one;
  fail<ValueError>("\"", name, "\" is none of ", all);
}

}  // namespace rill::detail
