#include <rill/nn/detail/relative_positions.h>

#include <rill/core/error.h>
#include <rill/core/ops.h>

namespace rill::nn {

Tensor relative_positions(int64_t queries, int64_t keys) {
  if (queries < 0 || queries > keys)
    fail<ShapeError>("the queries are the last of the keys: ", queries, " queries of ", keys,
                     " keys cannot be");
  return arange(keys) - arange(keys - queries, keys).unsqueeze(1);
}

}  // namespace rill::nn
