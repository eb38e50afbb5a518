#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <rill/core/dtype.h>

// What every number among somebody's options goes through: each function returns the number, or
// throws saying whose it is, what it must be and what was found, as in "LayerNorm: eps must be
// finite and at least 0, found -1".

namespace rill::detail {

// These throw ValueError (a dtype: DTypeError); NaN is refused by all.
double want_finite(std::string_view name, double value);
double want_not_nan(std::string_view name, double value);
/// Finite and at least 0.
double want_not_negative(std::string_view name, double value);
/// Finite and above 0.
double want_positive(std::string_view name, double value);
/// In [0, 1].
double want_share(std::string_view name, double value);
/// In [0, 1): at least 0 and below 1.
double want_share_below_one(std::string_view name, double value);
DType want_floating(std::string_view name, DType value);
int64_t want_at_least(int64_t least, std::string_view name, int64_t value);

/// `index` as a place in `count` things, each a `thing`. Throws IndexError unless in [0, count).
size_t want_index(std::string_view thing, int64_t index, size_t count);

}  // namespace rill::detail
