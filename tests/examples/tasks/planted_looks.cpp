#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

Forms my_causal_mask() {
  return {"my_causal_mask",
          {[](int64_t n) {
             return tril(ones({n, n})) == 1;
           },
           [](int64_t n) { return arange(double(n)) <= arange(double(n)).unsqueeze(1); },
           [](int64_t n) {
             return ~(triu(ones({n, n}), 1) > 0);
           },
           [](int64_t n) {
             std::vector<float> numbers;
             for (int64_t i = 0; i < n; ++i)
               for (int64_t j = 0; j < n; ++j) numbers.push_back(j <= i ? 1.0f : 0.0f);
             return from_vector(numbers, {n, n}) > 0.5;
           }},
          {{Kind::mask_side,
            [](int64_t n) {
              return triu(ones({n, n}), 1) == 1;
            }},
           {Kind::transposed,
            [](int64_t n) {
              return triu(ones({n, n})) == 1;
            }},
           {Kind::off_by_one,
            [](int64_t n) {
              return tril(ones({n, n}), -1) == 1;
            }},
           {Kind::off_by_one,
            [](int64_t n) {
              return tril(ones({n, n}), 1) == 1;
            }},
           {Kind::dtype,
            [](int64_t n) {
              return tril(ones({n, n}));
            }},
           {Kind::missing_part,
            [](int64_t n) {
              return ones({n, n}) == 1;
            }},
           {Kind::dtype, [](int64_t n) {
              return triu(full({n, n}, -INFINITY), 1);
            }}}};
}

Forms my_attention() {
  return {"my_attention",
          {[](Tensor q, Tensor k, Tensor v, Tensor mask) {
             return scaled_dot_product_attention(q, k, v, {.attn_mask = mask});
           },
           [](Tensor q, Tensor k, Tensor v, Tensor mask) {
             const Tensor scores = matmul(q / std::sqrt(double(q.size(1))), k.transpose(0, 1));
             return softmax(where(mask, scores, -1e9), 1).matmul(v);
           },
           [](Tensor q, Tensor k, Tensor v, Tensor mask) {
             const Tensor scores = matmul(q, k.T()) / std::sqrt(double(q.size(1)));
             const Tensor e = exp(scores - scores.amax(1, true)) * mask.to(float32);
             return matmul(e / e.sum(1, true), v);
           }},
          {{Kind::mask_side,
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const Tensor scores = matmul(q, k.T()) / std::sqrt(double(q.size(1)));
              return softmax(scores.masked_fill(mask, -INFINITY), 1).matmul(v);
            }},
           {Kind::factor,
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              return softmax(matmul(q, k.T()).masked_fill(~mask, -INFINITY), 1).matmul(v);
            }},
           {Kind::factor,
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const Tensor scores = matmul(q, k.T()) / double(q.size(1));
              return softmax(scores.masked_fill(~mask, -INFINITY), 1).matmul(v);
            }},
           {Kind::axis,
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const Tensor scores = matmul(q, k.T()) / std::sqrt(double(q.size(1)));
              return softmax(scores.masked_fill(~mask, -INFINITY), 0).matmul(v);
            }},
           {Kind::wrong_place,
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const Tensor scores = matmul(q, k.T()) / std::sqrt(double(q.size(1)));
              return (softmax(scores, 1) * mask.to(float32)).matmul(v);
            }},
           {Kind::wrong_place,
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const Tensor scores = matmul(q, k.T()) / std::sqrt(double(q.size(1)));
              return softmax(scores * mask.to(float32), 1).matmul(v);
            }},
           {Kind::transposed,
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const Tensor scores = matmul(q, k) / std::sqrt(double(q.size(1)));
              return softmax(scores.masked_fill(~mask, -INFINITY), 1).matmul(v);
            }},
           {Kind::missing_part, [](Tensor q, Tensor k, Tensor v,
                                   Tensor) { return scaled_dot_product_attention(q, k, v); }},
           {Kind::detached, [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const Tensor scores = matmul(q, k.T()) / std::sqrt(double(q.size(1)));
              return softmax(scores.masked_fill(~mask, -INFINITY), 1).detach().matmul(v);
            }}}};
}

}  // namespace

std::vector<Forms> looks() { return {my_causal_mask(), my_attention()}; }

}  // namespace planted
