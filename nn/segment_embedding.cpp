#include <rill/nn/segment_embedding.h>

#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/nn/init.h>

namespace rill::nn {

SegmentEmbedding::SegmentEmbedding(int64_t d_model, int64_t num_segments)
    : weight(register_parameter("weight",
                                init::normal_(Tensor::empty({num_segments, d_model}), 0, 0.02))) {}

Tensor SegmentEmbedding::forward(const Tensor& x, const Tensor& segment_ids) const {
  Shape length_only{x.size(-2)};
  Shape all = x.shape();
  all.erase(all.dims() - 1);
  if (segment_ids.shape() != all && segment_ids.shape() != length_only)
    fail<ShapeError>("SegmentEmbedding: segment_ids must be ", all, " or ", length_only, " for x ",
                     x.shape(), ", not ", segment_ids.shape());
  return x + embedding(weight, segment_ids);
}

Tensor segment_ids(const Tensor& ids, int64_t separator, int64_t num_segments) {
  if (num_segments < 1)
    fail<ValueError>("segment_ids: num_segments must be 1 or more, not ", num_segments);
  const Tensor is_separator = eq(ids, full({}, static_cast<double>(separator), int64)).to(int64);
  const Tensor before = cumsum(is_separator, -1) - is_separator;
  const Tensor last = full({}, static_cast<double>(num_segments - 1), int64);
  return minimum(before, last);
}

}  // namespace rill::nn
