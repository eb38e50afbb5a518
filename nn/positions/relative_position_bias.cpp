#include <rill/nn/positions/relative_position_bias.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/detail/relative_positions.h>
#include <rill/nn/init.h>

namespace rill::nn {
namespace {

/// Half of the buckets hold one distance each, the other half all up to max_distance.
int64_t bucket_of_distance(int64_t n, int64_t buckets, int64_t max_distance) {
  const int64_t exact = buckets / 2;
  if (n < exact) return n;
  const double share = std::log(static_cast<double>(n) / static_cast<double>(exact)) /
                       std::log(static_cast<double>(max_distance) / static_cast<double>(exact));
  // A distance on a threshold must not fall below it by rounding.
  const double steps = std::floor(share * static_cast<double>(buckets - exact) + 1e-9);
  return std::min(buckets - 1, exact + static_cast<int64_t>(steps));
}

int64_t bucket_of(int64_t relative, const RelativePositionBiasOptions& options) {
  relative = std::max(relative, -std::numeric_limits<int64_t>::max());  // so that it has a negative
  if (!options.bidirectional)
    return bucket_of_distance(std::max<int64_t>(-relative, 0), options.num_buckets,
                              options.max_distance);
  const int64_t half = options.num_buckets / 2;
  return (relative > 0 ? half : 0) +
         bucket_of_distance(std::abs(relative), half, options.max_distance);
}

const RelativePositionBiasOptions& checked(const RelativePositionBiasOptions& options) {
  const int64_t per_side = options.bidirectional ? options.num_buckets / 2 : options.num_buckets;
  if (per_side < 2 || options.max_distance <= per_side / 2)
    fail<ValueError>("relative positions: ", options.num_buckets, " buckets",
                     options.bidirectional ? " for both sides" : "", " and max_distance ",
                     options.max_distance,
                     ": a side needs 2 buckets or more, and max_distance "
                     "more than half of them");
  return options;
}

Shape table_shape(int64_t num_heads, const RelativePositionBiasOptions& options) {
  rill::detail::want_at_least(1, "RelativePositionBias: num_heads", num_heads);
  return {checked(options).num_buckets, num_heads};
}

}  // namespace

Tensor relative_position_bucket(const Tensor& relative,
                                const RelativePositionBiasOptions& options) {
  checked(options);
  std::vector<int64_t> buckets = relative.to_vector<int64_t>();
  for (int64_t& bucket : buckets) bucket = bucket_of(bucket, options);
  return from_vector(buckets, relative.shape());
}

RelativePositionBias::RelativePositionBias(int64_t num_heads, RelativePositionBiasOptions options)
    : weight(register_parameter(
          "weight", init::normal_(Tensor::empty(table_shape(num_heads, options)), 0, 0.02))),
      options_(options) {
  set_extra_repr({{"", num_heads},
                  {"num_buckets", options.num_buckets},
                  {"max_distance", options.max_distance},
                  {"bidirectional", options.bidirectional}});
}

Tensor RelativePositionBias::bias(int64_t queries, int64_t keys) const {
  // Each distance is looked up once, then spread over its diagonal.
  const Tensor places = relative_positions(queries, keys) + static_cast<double>(keys);
  const Tensor buckets = relative_position_bucket(arange(-keys, keys), options_);
  return embedding(embedding(weight, buckets), places).permute({2, 0, 1});
}

}  // namespace rill::nn
