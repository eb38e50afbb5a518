#include <rill/nn/positions/segment_embedding.h>

#include <rill/core/error.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/nn/init.h>

namespace rill::nn {

namespace {

Tensor table(int64_t num_segments, int64_t d_model) {
  rill::detail::want_at_least(1, "SegmentEmbedding: num_segments", num_segments);
  rill::detail::want_at_least(1, "SegmentEmbedding: d_model", d_model);
  return init::normal_(Tensor::empty({num_segments, d_model}), 0, 0.02);
}

}  // namespace

SegmentEmbedding::SegmentEmbedding(int64_t d_model, int64_t num_segments)
    : weight(register_parameter("weight", table(num_segments, d_model))) {
  set_extra_repr({{"", d_model}, {"num_segments", num_segments}});
}

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
  rill::detail::want_at_least(1, "segment_ids: num_segments", num_segments);
  const Tensor is_separator = eq(ids, full({}, static_cast<double>(separator), int64)).to(int64);
  const Tensor before = cumsum(is_separator, -1) - is_separator;
  const Tensor last = full({}, static_cast<double>(num_segments - 1), int64);
  return minimum(before, last);
}

}  // namespace rill::nn
