#include <rill/core/ops.h>

#include <cmath>
#include <limits>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

/// [length, length], i down and j across, where `holds(i − j)`.
template <class Holds>
Tensor mask_where(double length, Holds holds) {
  const Tensor places = arange(length).to(float32);
  return holds(places.unsqueeze(1) - places);
}

Task my_causal_mask() {
  return {
      .name = "my_causal_mask",
      .title = "the mask that hides the future",
      .parameters = {"length"},
      .results = {"mask"},
      .right = [](double length) { return mask_where(length, [](Tensor x) { return x >= 0; }); },
      .mistakes =
          {{Kind::mask_side, "true is what may be seen: the past, j <= i; here it is the future",
            [](double length) { return mask_where(length, [](Tensor x) { return x < 0; }); }},
           {Kind::transposed, "row i may see the columns j <= i: the lower triangle",
            [](double length) { return mask_where(length, [](Tensor x) { return x <= 0; }); }},
           {Kind::off_by_one, "each place sees itself too: the diagonal is true",
            [](double length) { return mask_where(length, [](Tensor x) { return x > 0; }); }},
           {Kind::off_by_one, "no place sees the next one",
            [](double length) { return mask_where(length, [](Tensor x) { return x >= -1; }); }},
           {Kind::missing_part, "all see all: nothing is hidden",
            [](double length) { return mask_where(length, [](Tensor x) { return x == x; }); }},
           {Kind::missing_part, "all of the past may be seen, not the place itself alone",
            [](double length) { return mask_where(length, [](Tensor x) { return x == 0; }); }},
           {Kind::dtype, "a mask of true and false: a comparison gives one",
            [](double length) {
              return mask_where(length, [](Tensor x) { return (x >= 0).to(float32); });
            }},
           {Kind::dtype, "a mask of true and false, not what is added to the scores",
            [](double length) {
              const double far = std::numeric_limits<double>::infinity();
              return mask_where(length, [far](Tensor x) {
                return where(x >= 0, zeros_like(x), full_like(x, -far));
              });
            }}},
      .cases = {{{2.0}}, {{3.0}}, {{5.0}}}};
}

const double infinity = std::numeric_limits<double>::infinity();

/// Attention in steps; each field is one thing that can be done otherwise.
struct Steps {
  double power = -0.5;  // of d, the scale
  bool flips_mask = false;
  bool has_mask = true;
  double filler = -infinity;
  int64_t dim = -1;  // of softmax
};

Tensor scores_of(const Tensor& q, const Tensor& k, const Steps& steps) {
  return matmul(q, k.T()) * std::pow(static_cast<double>(q.size(-1)), steps.power);
}

Tensor masked(const Tensor& scores, const Tensor& mask, const Steps& steps) {
  if (!steps.has_mask) return scores;
  return scores.masked_fill(steps.flips_mask ? mask : ~mask, steps.filler);
}

Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
              const Steps& steps = {}) {
  return matmul(softmax(masked(scores_of(q, k, steps), mask, steps), steps.dim), v);
}

Mistake wrong_step(Kind kind, const std::string& advice, const Steps& steps) {
  return {kind, advice, [steps](Tensor q, Tensor k, Tensor v, Tensor mask) {
            return attend(q, k, v, mask, steps);
          }};
}

std::vector<Case> attention_cases() {
  const Tensor two = tensor({{true, false}, {true, true}}),
               three = tensor({{true, false, false}, {true, true, false}, {false, true, true}});
  const Tensor wide = tensor({{true, false, true, true}, {false, true, true, false}});
  return {{{tensor({{1.0}, {2.0}}), tensor({{0.5}, {-1.0}}), tensor({{3.0}, {4.0}}), two}},
          {{some({2, 2}, 1), some({2, 2}, 2), some({2, 2}, 3), two}},
          {{some({3, 4}, 4), some({3, 4}, 5), some({3, 2}, 6), three}},
          {{some({3, 3}, 7), some({3, 3}, 8), some({3, 3}, 9), three}},
          {{some({2, 2}, 10), some({4, 2}, 11), some({4, 3}, 12), wide}}};
}

Task my_attention() {
  return {
      .name = "my_attention",
      .title = "attention with a mask",
      .parameters = {"q", "k", "v", "mask"},
      .results = {"output"},
      .right = [](Tensor q, Tensor k, Tensor v, Tensor mask) { return attend(q, k, v, mask); },
      .mistakes =
          {wrong_step(Kind::mask_side, "mask is true where a key may be seen: the others get −inf",
                      {.flips_mask = true}),
           wrong_step(Kind::missing_part, "the mask has no part here yet", {.has_mask = false}),
           wrong_step(Kind::factor, "the scores are divided by √d", {.power = 0}),
           wrong_step(Kind::factor, "the scores are divided by √d, not by d", {.power = -1}),
           wrong_step(Kind::factor, "the scores are divided by √d, not multiplied", {.power = 0.5}),
           wrong_step(Kind::axis, "softmax goes along a row, over the keys; here over the queries",
                      {.dim = 0}),
           wrong_step(Kind::wrong_place, "e⁰ is 1, so a score of 0 still counts: hide it by −inf",
                      {.filler = 0}),
           wrong_step(Kind::wrong_place, "−1 still counts: a hidden score is −inf", {.filler = -1}),
           {Kind::wrong_place, "hidden before softmax, so that the rest sums to 1; here after it",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              return matmul(softmax(scores_of(q, k, {}), -1).masked_fill(~mask, 0.0), v);
            }},
           {Kind::missing_part, "softmax makes weights of the scores",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              return matmul(scores_of(q, k, {}).masked_fill(~mask, 0.0), v);
            }},
           {Kind::missing_part, "these are the weights; they go to v by a matrix product",
            [](Tensor q, Tensor k, Tensor, Tensor mask) {
              return softmax(masked(scores_of(q, k, {}), mask, {}), -1);
            }},
           {Kind::transposed, "rows of q meet rows of k: q kᵀ",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) { return attend(q, k.T(), v, mask); }},
           {Kind::transposed, "q kᵀ has a row for each query; here k qᵀ, one for each key",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) { return attend(k, q, v, mask); }},
           {Kind::transposed, "the weights go to v as they are, not transposed",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              return matmul(softmax(masked(scores_of(q, k, {}), mask, {}), -1).T(), v);
            }},
           {Kind::transposed, "row i of the mask is of query i: it is not transposed",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) { return attend(q, k, v, mask.T()); }},
           {Kind::exchanged, "the scores are q kᵀ, and the weights go to v",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) { return attend(q, v, k, mask); }},
           {Kind::exchanged, "the scores are q kᵀ, not q vᵀ",
            [](Tensor q, Tensor, Tensor v, Tensor mask) { return attend(q, v, v, mask); }},
           {Kind::exchanged, "the weights go to v, not to k",
            [](Tensor q, Tensor k, Tensor, Tensor mask) { return attend(q, k, k, mask); }},
           {Kind::wrong_place, "√d divides the scores, before softmax",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              return attend(q, k, v, mask, {.power = 0}) /
                     std::sqrt(static_cast<double>(q.size(-1)));
            }},
           {Kind::factor, "d is the width of q and k, not their number",
            [](Tensor q, Tensor k, Tensor v, Tensor mask) {
              const double number = static_cast<double>(k.size(0));
              const Tensor scores = scores_of(q, k, {.power = 0}) / std::sqrt(number);
              return matmul(softmax(masked(scores, mask, {}), -1), v);
            }}},
      .cases = attention_cases(),
      .flows = true};
}

}  // namespace

std::vector<Task> attention() { return {my_causal_mask(), my_attention()}; }

}  // namespace tasks
