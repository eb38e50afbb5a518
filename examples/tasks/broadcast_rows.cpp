#include <rill/core/ops.h>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

Task bias_row() {
  std::vector<Case> cases{{{tensor({{1.0}, {2.0}}), tensor({5.0})}},
                          {{tensor({{1.0, 2.0}, {3.0, 5.0}}), tensor({0.5, -1.0})}},
                          {{some({4, 3}, 1), some({3}, 2)}},
                          {{some({3, 3}, 3), some({3}, 4)}},
                          {{some({2, 4, 3}, 5), some({3}, 6)}}};
  const auto rows = [](const Tensor& dout) { return dout.reshape({-1, dout.size(-1)}); };
  return {
      .name = "bias_row",
      .title = "the gradient of a bias",
      .parameters = {"dout", "b"},
      .results = {"gradient of b"},
      .right = [rows](Tensor dout, Tensor) { return rows(dout).sum(0); },
      .mistakes =
          {{Kind::missing_sum, "b stands in every row: what comes back from the rows is summed",
            [](Tensor dout, Tensor) { return dout; }},
           {Kind::mean_for_sum, "b has its whole part in every row: the rows are summed",
            [rows](Tensor dout, Tensor) { return rows(dout).mean(0); }},
           {Kind::mean_for_sum, "b has its whole part in every row: the rows are summed",
            [](Tensor dout, Tensor) { return dout.mean(0); }},
           {Kind::axis, "the rows are summed, so that one number a column stays; this sums a row",
            [](Tensor dout, Tensor) { return dout.sum(-1); }},
           {Kind::axis, "the rows are summed, so that one number a column stays; this sums a row",
            [](Tensor dout, Tensor) { return dout.sum(1); }},
           {Kind::axis, "the rows are summed, so that one number a column stays; this sums a row",
            [rows](Tensor dout, Tensor) { return rows(dout).sum(1); }},
           {Kind::axis, "the rows are summed, so that one number a column stays; this sums all",
            [](Tensor dout, Tensor b) { return expand(dout.sum(), b.shape()); }},
           {Kind::axis, "the rows are summed, so that one number a column stays; this sums all",
            [](Tensor dout, Tensor) { return dout.sum(); }},
           {Kind::missing_sum, "with [batch, length, d] both the batch and the length are summed",
            [](Tensor dout, Tensor) { return dout.sum(0); }},
           {Kind::overwrites, "this is the last row alone: each row's part is added to the others'",
            [rows](Tensor dout, Tensor) { return rows(dout)[-1]; }},
           {Kind::missing_sum, "this is the first row alone: all are summed",
            [rows](Tensor dout, Tensor) { return rows(dout)[0]; }},
           {Kind::input_for_output, "a sum is linear: its gradient does not depend on b",
            [rows](Tensor dout, Tensor b) { return rows(dout).sum(0) * b; }},
           {Kind::missing_part, "how many rows there are; the chain rule sums their dout",
            [rows](Tensor dout, Tensor b) {
              return full(b.shape(), static_cast<double>(rows(dout).size(0)));
            }},
           {Kind::sign, "b is added, so dout keeps its sign",
            [rows](Tensor dout, Tensor) { return -rows(dout).sum(0); }}},
      .cases = cases};
}

Task scale_rows() {
  std::vector<Case> cases{{{tensor({{3.0, 4.0}}), tensor({{1.0, 2.0}}), tensor({{2.0}})}},
                          {{tensor({{1.0, 2.0}, {3.0, 4.0}}), tensor({{5.0, 6.0}, {7.0, 9.0}}),
                            tensor({{2.0}, {-1.0}})}},
                          {{some({2, 3}, 1), some({2, 3}, 2), some({2, 1}, 3)}},
                          {{some({4, 2}, 4), some({4, 2}, 5), some({4, 1}, 6)}}};
  const auto right_x = [](const Tensor& dout, const Tensor& s) { return dout * s; };
  return {
      .name = "scale_rows",
      .title = "the gradients of a product that broadcasts",
      .parameters = {"dout", "x", "s"},
      .results = {"gradient of x", "gradient of s"},
      .right =
          [right_x](Tensor dout, Tensor x, Tensor s) {
            return Tensors{right_x(dout, s), (dout * x).sum(1, true)};
          },
      .mistakes = {{Kind::missing_sum,
                    "s was stretched over a row: what comes back along it is summed",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), dout * x};
                    }},
                   {Kind::mean_for_sum, "what comes back along a row is summed",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), (dout * x).mean(1, true)};
                    }},
                   {Kind::axis, "s was stretched along the rows, dimension 1: the sum is over that",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), (dout * x).sum(0, true)};
                    }},
                   {Kind::axis, "s was stretched along the rows, dimension 1: the sum is over that",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), (dout * x).sum(0)};
                    }},
                   {Kind::axis, "each row has a sum of its own; this sums all",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), expand((dout * x).sum(), s.shape())};
                    }},
                   {Kind::shape, "the sum must keep its dimension: sum(1, true) is [n, 1], as s is",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), (dout * x).sum(1)};
                    }},
                   {Kind::missing_part, "the sum is of dout · x, not of dout alone",
                    [right_x](Tensor dout, Tensor, Tensor s) {
                      return Tensors{right_x(dout, s), dout.sum(1, true)};
                    }},
                   {Kind::missing_part, "the sum is of dout · x, not of x alone",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), x.sum(1, true)};
                    }},
                   {Kind::exchanged, "each factor's slope is the other one: x gets dout · s",
                    [](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{dout * x, (dout * s).sum(1, true)};
                    }},
                   {Kind::exchanged, "first the gradient of x, then that of s",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{(dout * x).sum(1, true), right_x(dout, s)};
                    }},
                   {Kind::missing_part, "x is multiplied by s, and so is its gradient",
                    [](Tensor dout, Tensor x, Tensor) {
                      return Tensors{dout, (dout * x).sum(1, true)};
                    }},
                   {Kind::missing_part, "the slope alone; the chain rule multiplies it by dout",
                    [](Tensor, Tensor x, Tensor s) {
                      return Tensors{expand(s, x.shape()), x.sum(1, true)};
                    }},
                   {Kind::wrong_place, "dout and x are multiplied first, and then summed",
                    [right_x](Tensor dout, Tensor x, Tensor s) {
                      return Tensors{right_x(dout, s), dout.sum(1, true) * x.sum(1, true)};
                    }}},
      .cases = cases};
}

Task two_paths_row() {
  std::vector<Case> cases{{{tensor({1.0}), tensor({2.0})}},
                          {{tensor({2.0, -1.0}), tensor({0.5, 3.0})}},
                          {{some({2, 3}, 1), some({2, 3}, 2)}}};
  return {.name = "two_paths_row",
          .title = "paths that join: the gradient of x · x + 3 x",
          .parameters = {"dout", "x"},
          .results = {"gradient of x"},
          .right = [](Tensor dout, Tensor x) { return dout * (2.0 * x + 3.0); },
          .mistakes = {{Kind::overwrites,
                        "the last path's part stands alone; what the paths bring is added",
                        [](Tensor dout, Tensor) { return dout * 3.0; }},
                       {Kind::overwrites, "x · x has two x, and each brings dout · x: added, 2 x",
                        [](Tensor dout, Tensor x) { return dout * (x + 3.0); }},
                       {Kind::overwrites,
                        "one of the paths' parts is lost; what the paths bring is added",
                        [](Tensor dout, Tensor x) { return dout * x; }},
                       {Kind::missing_part, "the path through 3 x brings its part too",
                        [](Tensor dout, Tensor x) { return dout * 2.0 * x; }},
                       {Kind::missing_part, "the path through 3 x brings dout · 3, not 3 alone",
                        [](Tensor dout, Tensor x) { return dout * 2.0 * x + 3.0; }},
                       {Kind::missing_part, "the slope alone; the chain rule multiplies it by dout",
                        [](Tensor, Tensor x) { return 2.0 * x + 3.0; }},
                       {Kind::input_for_output, "the slope of 3 x is 3",
                        [](Tensor dout, Tensor x) { return dout * (2.0 * x + 3.0 * x); }},
                       {Kind::input_for_output, "this is the function; its slope is wanted",
                        [](Tensor dout, Tensor x) { return dout * (x * x + 3.0 * x); }},
                       {Kind::wrong_power, "the slope of x · x is 2 x",
                        [](Tensor dout, Tensor x) { return dout * (x * x + 3.0); }},
                       {Kind::wrong_power, "the slope of x · x is 2 x",
                        [](Tensor dout, Tensor x) { return dout * (2.0 * x * x + 3.0); }},
                       {Kind::wrong_place, "what the paths bring is added, not multiplied",
                        [](Tensor dout, Tensor x) { return dout * 2.0 * x * 3.0; }},
                       {Kind::mean_for_sum, "what the paths bring is added; no mean is taken",
                        [](Tensor dout, Tensor x) { return dout * (2.0 * x + 3.0) / 2.0; }},
                       {Kind::sign, "both paths add",
                        [](Tensor dout, Tensor x) { return dout * (2.0 * x - 3.0); }}},
          .cases = cases};
}

Task accumulate() {
  std::vector<Case> cases{{{tensor({1.0}), tensor({2.0})}},
                          {{tensor({0.0, 0.0}), tensor({3.0, -1.0})}},
                          {{some({2, 3}, 1), some({2, 3}, 2)}}};
  return {.name = "accumulate",
          .title = "adding to a gradient that is there",
          .parameters = {"grad", "gradient"},
          .results = {},
          .right = [](Tensor grad, Tensor gradient) { grad += gradient; },
          .mistakes = {{Kind::overwrites, "what was there before is lost: another path brought it",
                        [](Tensor grad, Tensor gradient) { grad.copy_(gradient); }},
                       {Kind::no_result,
                        "grad stays as it was: a new tensor is no use, grad += writes to it",
                        [](Tensor, Tensor) {}},
                       {Kind::sign, "it is added, not taken away: the step downhill comes later",
                        [](Tensor grad, Tensor gradient) { grad -= gradient; }},
                       {Kind::wrong_place, "what the paths bring is added, not multiplied",
                        [](Tensor grad, Tensor gradient) { grad *= gradient; }},
                       {Kind::mean_for_sum, "what the paths bring is added; no mean is taken",
                        [](Tensor grad, Tensor gradient) { grad.copy_((grad + gradient) / 2.0); }},
                       {Kind::factor, "it is added once",
                        [](Tensor grad, Tensor gradient) { grad += gradient * 2.0; }},
                       {Kind::factor, "what was there before counts once",
                        [](Tensor grad, Tensor) { grad += grad; }},
                       {Kind::overwrites, "grad is emptied here: zero_grad does that, once a step",
                        [](Tensor grad, Tensor) { grad.zero_(); }}},
          .cases = cases,
          .written = {0}};
}

}  // namespace

std::vector<Task> broadcast_rows() {
  return {bias_row(), scale_rows(), two_paths_row(), accumulate()};
}

}  // namespace tasks
