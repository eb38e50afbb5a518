#include <rill/core/ops.h>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

constexpr double eps = 1e-5;

Tensor centred(const Tensor& x) { return x - x.mean(-1, true); }

Tensor variance(const Tensor& x) { return (centred(x) * centred(x)).mean(-1, true); }

Task my_layer_norm() {
  std::vector<Case> cases{
      {{tensor({{1.0, 3.0, 5.0}}), tensor({2.0, 3.0, 1.0}), tensor({0.5, -0.5, 1.0})}},
      {{tensor({{1.0, 3.0}, {-2.0, 4.0}}), tensor({2.0, 3.0}), tensor({0.5, -0.5})}},
      {{some({2, 3}, 1), some({3}, 2), some({3}, 3)}},
      {{some({3, 3}, 4), some({3}, 5), some({3}, 6)}},
      {{some({2, 2, 4}, 7), some({4}, 8), some({4}, 9)}},
      {{some({2, 3}, 1) * 0.002, some({3}, 2), some({3}, 3)}},
      {{tensor({{2.0, 2.0, 2.0}}), tensor({1.0, 2.0, 3.0}), tensor({0.5, -0.5, 1.0})}}};
  return {
      .name = "my_layer_norm",
      .title = "layer norm",
      .parameters = {"x", "weight", "bias"},
      .results = {"normed"},
      .right = [](Tensor x, Tensor w, Tensor b) { return layer_norm(x, {x.size(-1)}, w, b, eps); },
      .mistakes =
          {{Kind::axis, "mean and variance are of a row, over its features; here of a column",
            [](Tensor x, Tensor w, Tensor b) {
              const Tensor c = x - x.mean(0, true);
              return c / sqrt((c * c).mean(0, true) + eps) * w + b;
            }},
           {Kind::axis, "mean and variance are of each row; here of all",
            [](Tensor x, Tensor w, Tensor b) {
              const Tensor c = x - x.mean();
              return c / sqrt((c * c).mean() + eps) * w + b;
            }},
           {Kind::axis, "the last dimension, -1, of as many as there are",
            [](Tensor x, Tensor w, Tensor b) {
              const Tensor c = x - x.mean(1, true);
              return c / sqrt((c * c).mean(1, true) + eps) * w + b;
            }},
           {Kind::factor, "the variance divides by n here, not by n − 1: var(x, -1, 0, true)",
            [](Tensor x, Tensor w, Tensor b) {
              return centred(x) / sqrt(x.var(-1, 1, true) + eps) * w + b;
            }},
           {Kind::wrong_power, "it is divided by the root of the variance",
            [](Tensor x, Tensor w, Tensor b) { return centred(x) / (variance(x) + eps) * w + b; }},
           {Kind::wrong_place, "eps stands under the root, beside the variance",
            [](Tensor x, Tensor w, Tensor b) {
              return centred(x) / (sqrt(variance(x)) + eps) * w + b;
            }},
           {Kind::wrong_place, "eps stands under the root, beside the variance",
            [](Tensor x, Tensor w, Tensor b) {
              return centred(x) / (x.std(-1, 0, true) + eps) * w + b;
            }},
           {Kind::missing_part, "eps is missing: a row of equal numbers is 0 / 0",
            [](Tensor x, Tensor w, Tensor b) { return centred(x) / sqrt(variance(x)) * w + b; }},
           {Kind::missing_part, "the mean is taken away from x above",
            [](Tensor x, Tensor w, Tensor b) { return x / sqrt(variance(x) + eps) * w + b; }},
           {Kind::missing_part, "this is RMS norm: the mean is taken away first",
            [](Tensor x, Tensor w, Tensor b) {
              return x / sqrt((x * x).mean(-1, true) + eps) * w + b;
            }},
           {Kind::missing_part, "the mean is taken away also where the squares are summed",
            [](Tensor x, Tensor w, Tensor b) {
              return centred(x) / sqrt((x * x).mean(-1, true) + eps) * w + b;
            }},
           {Kind::missing_part, "it is divided by the spread, √(variance + eps)",
            [](Tensor x, Tensor w, Tensor b) { return centred(x) * w + b; }},
           {Kind::missing_part, "weight and bias have no part here yet",
            [](Tensor x, Tensor, Tensor) { return centred(x) / sqrt(variance(x) + eps); }},
           {Kind::missing_part, "the bias is missing",
            [](Tensor x, Tensor w, Tensor) { return centred(x) / sqrt(variance(x) + eps) * w; }},
           {Kind::missing_part, "the weight is missing",
            [](Tensor x, Tensor, Tensor b) { return centred(x) / sqrt(variance(x) + eps) + b; }},
           {Kind::sum_for_mean, "the variance is the mean of the squares, not their sum",
            [](Tensor x, Tensor w, Tensor b) {
              return centred(x) / sqrt((centred(x) * centred(x)).sum(-1, true) + eps) * w + b;
            }},
           {Kind::exchanged, "the weight multiplies, the bias is added",
            [](Tensor x, Tensor w, Tensor b) {
              return centred(x) / sqrt(variance(x) + eps) * b + w;
            }},
           {Kind::wrong_place, "the weight multiplies first, then the bias is added",
            [](Tensor x, Tensor w, Tensor b) {
              return (centred(x) / sqrt(variance(x) + eps) + b) * w;
            }},
           {Kind::sign, "the mean is taken away from x, not x from it",
            [](Tensor x, Tensor w, Tensor b) {
              return -centred(x) / sqrt(variance(x) + eps) * w + b;
            }}},
      .cases = cases,
      .flows = true};
}

Tensor mean_square(const Tensor& x) { return (x * x).mean(-1, true); }

Task my_rms_norm() {
  std::vector<Case> cases{{{tensor({{3.0, 4.0}}), tensor({2.0, 0.5})}},
                          {{tensor({{3.0, 4.0}, {1.0, -2.0}}), tensor({2.0, 0.5})}},
                          {{some({2, 3}, 1), some({3}, 2)}},
                          {{some({3, 3}, 3), some({3}, 4)}},
                          {{some({2, 3}, 1) * 0.002, some({3}, 2)}},
                          {{zeros({1, 2}), tensor({2.0, 0.5})}}};
  return {
      .name = "my_rms_norm",
      .title = "RMS norm",
      .parameters = {"x", "weight"},
      .results = {"normed"},
      .right = [](Tensor x, Tensor w) { return rms_norm(x, {x.size(-1)}, w, eps); },
      .mistakes = {{Kind::sum_for_mean, "the squares' mean stands under the root, not their sum",
                    [](Tensor x, Tensor w) { return x / sqrt((x * x).sum(-1, true) + eps) * w; }},
                   {Kind::sum_for_mean,
                    "the squares' mean stands under the root; this is the length of x",
                    [](Tensor x, Tensor w) { return normalize(x, 2, -1, eps) * w; }},
                   {Kind::axis, "the mean is of a row; here of a column",
                    [](Tensor x, Tensor w) { return x / sqrt((x * x).mean(0, true) + eps) * w; }},
                   {Kind::axis, "each row has a mean of its own; here it is that of all",
                    [](Tensor x, Tensor w) { return x / sqrt((x * x).mean() + eps) * w; }},
                   {Kind::wrong_power, "it is divided by the root of the mean",
                    [](Tensor x, Tensor w) { return x / (mean_square(x) + eps) * w; }},
                   {Kind::wrong_place, "eps stands under the root",
                    [](Tensor x, Tensor w) { return x / (sqrt(mean_square(x)) + eps) * w; }},
                   {Kind::missing_part, "eps is missing: a row of zeros is 0 / 0",
                    [](Tensor x, Tensor w) { return x / sqrt(mean_square(x)) * w; }},
                   {Kind::missing_part, "the weight is missing",
                    [](Tensor x, Tensor) { return x / sqrt(mean_square(x) + eps); }},
                   {Kind::wrong_place,
                    "first the squares, then their mean; not the square of the mean",
                    [](Tensor x, Tensor w) {
                      return x / sqrt(x.mean(-1, true) * x.mean(-1, true) + eps) * w;
                    }},
                   {Kind::missing_part, "the mean is of the squares",
                    [](Tensor x, Tensor w) { return x / (abs(x).mean(-1, true) + eps) * w; }},
                   {Kind::missing_part, "the mean is of the squares",
                    [](Tensor x, Tensor w) { return x / sqrt(abs(x).mean(-1, true) + eps) * w; }},
                   {Kind::exchanged, "this is layer norm: RMS norm leaves the mean where it is",
                    [](Tensor x, Tensor w) { return centred(x) / sqrt(variance(x) + eps) * w; }},
                   {Kind::exchanged, "this divides by the spread, as layer norm; here by the rms",
                    [](Tensor x, Tensor w) { return x / sqrt(variance(x) + eps) * w; }},
                   {Kind::wrong_place, "the root divides x",
                    [](Tensor x, Tensor w) { return x * sqrt(mean_square(x) + eps) * w; }},
                   {Kind::wrong_place, "the weight multiplies",
                    [](Tensor x, Tensor w) { return x / sqrt(mean_square(x) + eps) / w; }}},
      .cases = cases,
      .flows = true};
}

Task my_dropout() {
  const Tensor keep = tensor({{true, false, true}, {true, true, false}});
  std::vector<Case> cases{{{tensor({4.0, 6.0}), tensor({true, false}), 0.5, 1.0}},
                          {{tensor({4.0, 6.0}), tensor({true, false}), 0.2, 1.0}},
                          {{some({2, 3}, 1), keep, 0.25, 1.0}},
                          {{some({2, 3}, 2), keep, 0.25, 0.0}}};
  return {
      .name = "my_dropout",
      .title = "dropout",
      .parameters = {"x", "keep", "p", "training"},
      .results = {"dropped"},
      .right = [](Tensor x, Tensor keep, double p,
                  bool training) { return training ? where(keep, x, 0.0) / (1.0 - p) : x * 1.0; },
      .mistakes = {{Kind::factor, "what stays is divided by 1 − p, so that the mean stays",
                    [](Tensor x, Tensor keep, double, bool training) {
                      return training ? where(keep, x, 0.0) : x * 1.0;
                    }},
                   {Kind::factor, "what stays is divided by 1 − p, not multiplied",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return training ? where(keep, x, 0.0) * (1.0 - p) : x * 1.0;
                    }},
                   {Kind::factor, "p is the share that goes: what stays is divided by 1 − p",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return training ? where(keep, x, 0.0) / p : x * 1.0;
                    }},
                   {Kind::factor, "what stays is divided by 1 − p",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return training ? where(keep, x, 0.0) * p : x * 1.0;
                    }},
                   {Kind::mask_side, "keep is true where x stays",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return training ? where(keep, 0.0, x) / (1.0 - p) : x * 1.0;
                    }},
                   {Kind::missing_part, "outside training nothing is dropped, and nothing scaled",
                    [](Tensor x, Tensor keep, double p, bool) {
                      return where(keep, x, 0.0) / (1.0 - p);
                    }},
                   {Kind::exchanged, "in training it drops, outside it does not",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return training ? x * 1.0 : where(keep, x, 0.0) / (1.0 - p);
                    }},
                   {Kind::factor, "outside training nothing is scaled: training has made up for it",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return training ? where(keep, x, 0.0) / (1.0 - p) : x * (1.0 - p);
                    }},
                   {Kind::factor, "what stays is divided in training; outside nothing is scaled",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return training ? where(keep, x, 0.0) : x * (1.0 - p);
                    }},
                   {Kind::factor, "outside training nothing is scaled",
                    [](Tensor x, Tensor keep, double p, bool training) {
                      return (training ? where(keep, x, 0.0) : x) / (1.0 - p);
                    }},
                   {Kind::missing_part, "nothing is dropped: where keep is false, 0 goes out",
                    [](Tensor x, Tensor, double p, bool training) {
                      return training ? x / (1.0 - p) : x * 1.0;
                    }},
                   {Kind::missing_part, "nothing is dropped: where keep is false, 0 goes out",
                    [](Tensor x, Tensor, double, bool) { return x * 1.0; }}},
      .cases = cases,
      .flows = true};
}

Task straight_through() {
  std::vector<Case> cases{{{tensor({0.7})}}, {{tensor({0.2, -1.7})}}, {{some({2, 3}, 1)}}};
  return {
      .name = "straight_through",
      .title = "a gradient straight through a step",
      .parameters = {"x"},
      .results = {"rounded"},
      .right = [](Tensor x) { return x + (round(x) - x).detach(); },
      .mistakes = {{Kind::detached,
                    "forward is right, backward all is 0: x alone is to stay in the graph, and "
                    "round(x) − x to be cut off by detach()",
                    [](Tensor x) { return round(x); }},
                   {Kind::detached, "forward is right, but x is cut off too: nothing flows back",
                    [](Tensor x) { return round(x).detach(); }},
                   {Kind::attached,
                    "x is to come back once: what is in the brackets is cut off by detach()",
                    [](Tensor x) { return x * 2.0 + (round(x) - x * 2.0).detach(); }},
                   {Kind::missing_part, "forward it rounds",
                    [](Tensor x) { return x + (x - x).detach(); }},
                   {Kind::missing_part, "x is to be taken away again, in what is cut off",
                    [](Tensor x) { return x + round(x).detach(); }},
                   {Kind::sign, "round(x) − x, not x − round(x)",
                    [](Tensor x) { return x + (x - round(x)).detach(); }},
                   {Kind::sign, "x is added, so that its gradient is 1",
                    [](Tensor x) { return (round(x) + x).detach() - x; }},
                   {Kind::exchanged, "to the nearest whole number: round, not floor",
                    [](Tensor x) { return x + (floor(x) - x).detach(); }},
                   {Kind::exchanged, "to the nearest whole number: round, not ceil",
                    [](Tensor x) { return x + (ceil(x) - x).detach(); }},
                   {Kind::exchanged, "to the nearest whole number: round, not sign",
                    [](Tensor x) { return x + (sign(x) - x).detach(); }}},
      .cases = cases,
      .flows = true};
}

}  // namespace

std::vector<Task> norms() {
  return {my_layer_norm(), my_rms_norm(), my_dropout(), straight_through()};
}

}  // namespace tasks
