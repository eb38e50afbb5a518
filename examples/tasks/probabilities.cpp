#include <rill/core/ops.h>

#include <cmath>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

Task my_softmax() {
  std::vector<Case> cases{
      {{tensor({1.0, 2.0})}}, {{tensor({{0.0, 1.0}, {2.0, 0.5}})}},
      {{some({2, 3}, 1)}},    {{some({3, 3}, 2)}},
      {{some({2, 2, 3}, 3)}}, {{tensor({{1000.0, 999.0}, {-1000.0, -1000.0}})}}};
  return {
      .name = "my_softmax",
      .title = "softmax",
      .parameters = {"x"},
      .results = {"softmax"},
      .right = [](Tensor x) { return softmax(x, -1); },
      .mistakes = {{Kind::axis, "each row is to sum to 1; here each column does",
                    [](Tensor x) { return softmax(x, 0); }},
                   {Kind::axis, "each row is to sum to 1; here all together do",
                    [](Tensor x) { return softmax(x.flatten(), 0).view(x.shape()); }},
                   {Kind::axis, "each row is to sum to 1: its own sum divides it, not that of all",
                    [](Tensor x) {
                      const Tensor e = exp(x - x.amax(-1, true));
                      return e / e.sum();
                    }},
                   {Kind::axis,
                    "each row is to sum to 1: the last dimension, -1, of as many as there are",
                    [](Tensor x) { return softmax(x, 1); }},
                   {Kind::missing_part, "e^x alone; each row is divided by its sum",
                    [](Tensor x) { return exp(x - x.amax(-1, true)); }},
                   {Kind::missing_part, "e^x alone; each row is divided by its sum",
                    [](Tensor x) { return exp(x); }},
                   {Kind::missing_part,
                    "without e^x, these are shares: negative numbers break them",
                    [](Tensor x) { return x / x.sum(-1, true); }},
                   {Kind::missing_part, "this is log softmax; e^ of it is softmax",
                    [](Tensor x) { return log_softmax(x, -1); }},
                   {Kind::mean_for_sum, "each row is divided by its sum, not by its mean",
                    [](Tensor x) { return softmax(x, -1) * static_cast<double>(x.size(-1)); }},
                   {Kind::sign, "e^x, not e^−x: the largest x gets the most",
                    [](Tensor x) { return softmax(-x, -1); }},
                   {Kind::exchanged, "this is the sigmoid, of each number by itself",
                    [](Tensor x) { return sigmoid(x); }},
                   {Kind::wrong_place, "the largest is taken away before e^, not after it",
                    [](Tensor x) {
                      const Tensor e = exp(x) - exp(x).amax(-1, true);
                      return e / e.sum(-1, true);
                    }},
                   {Kind::overflow, "e^1000 is infinite: take the largest of each row away first",
                    [](Tensor x) { return exp(x) / exp(x).sum(-1, true); }},
                   {Kind::overflow,
                    "the largest of all is too large for the other rows: each row has its own",
                    [](Tensor x) {
                      const Tensor e = exp(x - x.max());
                      return e / e.sum(-1, true);
                    }}},
      .cases = cases,
      .flows = true};
}

Task softmax_row() {
  std::vector<Case> cases;
  const auto add = [&](const Tensor& dout, const Tensor& x) {
    cases.push_back({{dout, x, softmax(x, -1)}});
  };
  add(tensor({1.0, 0.0}), tensor({0.0, 1.0}));
  add(tensor({{1.0, 2.0}, {-1.0, 0.5}}), tensor({{0.0, 1.0}, {2.0, 0.5}}));
  add(some({2, 3}, 1), some({2, 3}, 2));
  add(some({3, 3}, 3), some({3, 3}, 4));
  return {
      .name = "softmax_row",
      .title = "the gradient of softmax",
      .parameters = {"dout", "x", "y"},
      .results = {"gradient of x"},
      .right = [](Tensor dout, Tensor, Tensor y) { return y * (dout - (dout * y).sum(-1, true)); },
      .mistakes =
          {{Kind::missing_sum, "each x moves all y of its row: the sum Σ dout · y is missing",
            [](Tensor dout, Tensor, Tensor y) { return dout * y * (1.0 - y); }},
           {Kind::missing_sum, "dout · y is summed over the row before it is taken away",
            [](Tensor dout, Tensor, Tensor y) { return y * (dout - dout * y); }},
           {Kind::missing_part, "Σ dout · y of the row is taken away from dout",
            [](Tensor dout, Tensor, Tensor y) { return y * dout; }},
           {Kind::axis, "the sum goes along a row; here down a column",
            [](Tensor dout, Tensor, Tensor y) { return y * (dout - (dout * y).sum(0, true)); }},
           {Kind::axis, "each row has a sum of its own; here it is that of all",
            [](Tensor dout, Tensor, Tensor y) { return y * (dout - (dout * y).sum()); }},
           {Kind::mean_for_sum, "Σ dout · y is a sum, not a mean",
            [](Tensor dout, Tensor, Tensor y) { return y * (dout - (dout * y).mean(-1, true)); }},
           {Kind::missing_part, "the sum is of dout · y, not of dout alone",
            [](Tensor dout, Tensor, Tensor y) { return y * (dout - dout.sum(-1, true)); }},
           {Kind::missing_part, "the sum is weighted: Σ dout · y, not the mean of dout",
            [](Tensor dout, Tensor, Tensor y) { return y * (dout - dout.mean(-1, true)); }},
           {Kind::missing_part, "all is multiplied by y in the end",
            [](Tensor dout, Tensor, Tensor y) { return dout - (dout * y).sum(-1, true); }},
           {Kind::input_for_output, "it is y, the output, everywhere, and not x",
            [](Tensor dout, Tensor x, Tensor) { return x * (dout - (dout * x).sum(-1, true)); }},
           {Kind::input_for_output, "it is y, the output, also in the sum",
            [](Tensor dout, Tensor x, Tensor y) { return y * (dout - (dout * x).sum(-1, true)); }},
           {Kind::sign, "the sum is taken away from dout",
            [](Tensor dout, Tensor, Tensor y) { return y * (dout + (dout * y).sum(-1, true)); }},
           {Kind::sign, "dout minus the sum, not the other way round",
            [](Tensor dout, Tensor, Tensor y) { return y * ((dout * y).sum(-1, true) - dout); }},
           {Kind::wrong_place, "y multiplies the sum too",
            [](Tensor dout, Tensor, Tensor y) { return y * dout - (dout * y).sum(-1, true); }},
           {Kind::wrong_place, "y is softmax already: no second one",
            [](Tensor dout, Tensor, Tensor y) {
              const Tensor z = softmax(y, -1);
              return z * (dout - (dout * z).sum(-1, true));
            }}},
      .cases = cases};
}

/// One number a row: logits[i, targets[i]].
Tensor at_targets(const Tensor& x, const Tensor& targets) {
  return x.gather(1, targets.unsqueeze(1)).squeeze(1);
}

std::vector<Case> logits_and_targets() {
  return {{{tensor({{0.0, 1.0}}), tensor({0})}},
          {{tensor({{2.0, 1.0}, {0.0, 3.0}}), tensor({0, 0})}},
          {{some({3, 4}, 1), tensor({3, 0, 1})}},
          {{some({3, 3}, 2), tensor({1, 2, 0})}},
          {{some({2, 5}, 3), tensor({4, 2})}},
          {{tensor({{1000.0, 0.0}, {0.0, 1000.0}}), tensor({1, 1})}}};
}

Task my_cross_entropy() {
  return {
      .name = "my_cross_entropy",
      .title = "cross-entropy",
      .parameters = {"logits", "targets"},
      .results = {"loss"},
      .right = [](Tensor logits, Tensor targets) { return cross_entropy(logits, targets); },
      .mistakes =
          {{Kind::sum_for_mean,
            "the loss is the mean over the rows, so that it is one of any batch",
            [](Tensor z, Tensor t) { return -at_targets(log_softmax(z, -1), t).sum(); }},
           {Kind::factor, "the mean is over the rows, not over all logits",
            [](Tensor z, Tensor t) {
              return -at_targets(log_softmax(z, -1), t).sum() / static_cast<double>(z.numel());
            }},
           {Kind::factor, "the mean is over the rows; this divides by the number of classes",
            [](Tensor z, Tensor t) {
              return -at_targets(log_softmax(z, -1), t).sum() / static_cast<double>(z.size(1));
            }},
           {Kind::sign, "log p is below 0, and the loss is −log p",
            [](Tensor z, Tensor t) { return at_targets(log_softmax(z, -1), t).mean(); }},
           {Kind::missing_part, "the mean of p itself; the loss is the mean of −log p",
            [](Tensor z, Tensor t) { return at_targets(softmax(z, -1), t).mean(); }},
           {Kind::missing_part, "the mean of −p; the loss is the mean of −log p",
            [](Tensor z, Tensor t) { return -at_targets(softmax(z, -1), t).mean(); }},
           {Kind::missing_part, "a logit is no log p yet: log Σ e^z of its row is taken away",
            [](Tensor z, Tensor t) { return -at_targets(z, t).mean(); }},
           {Kind::axis, "softmax goes along a row, over the classes; here down a column",
            [](Tensor z, Tensor t) { return -at_targets(log_softmax(z, 0), t).mean(); }},
           {Kind::axis, "softmax goes along a row; here over all",
            [](Tensor z, Tensor t) {
              return -at_targets(log_softmax(z.flatten(), 0).view(z.shape()), t).mean();
            }},
           {Kind::missing_part, "only the class that is the target counts; here all classes do",
            [](Tensor z, Tensor) { return -log_softmax(z, -1).mean(); }},
           {Kind::missing_part, "only the class that is the target counts; here all classes do",
            [](Tensor z, Tensor) { return -log_softmax(z, -1).sum(-1).mean(); }},
           {Kind::input_for_output, "the target counts, not the class that is most likely",
            [](Tensor z, Tensor) { return -log_softmax(z, -1).amax(-1).mean(); }},
           {Kind::wrong_place, "first the log, then the mean; not the log of the mean",
            [](Tensor z, Tensor t) { return -log(at_targets(softmax(z, -1), t).mean()); }},
           {Kind::wrong_place, "softmax twice: the logits are no probabilities yet",
            [](Tensor z, Tensor t) {
              return -at_targets(log_softmax(softmax(z, -1), -1), t).mean();
            }},
           {Kind::shape, "one number a row; the loss is their mean",
            [](Tensor z, Tensor t) { return -at_targets(log_softmax(z, -1), t); }},
           {Kind::overflow, "p has become 0 and its log infinite: log_softmax, or x − log Σ e^x",
            [](Tensor z, Tensor t) { return -log(at_targets(softmax(z, -1), t)).mean(); }}},
      .cases = logits_and_targets(),
      .flows = true};
}

Task cross_entropy_row() {
  const auto y = [](const Tensor& z, const Tensor& t) { return one_hot(t, z.size(1)).to(float32); };
  const auto rows = [](const Tensor& z) { return static_cast<double>(z.size(0)); };
  return {
      .name = "cross_entropy_row",
      .title = "the gradient of softmax with cross-entropy",
      .parameters = {"logits", "targets"},
      .results = {"gradient of logits"},
      .right = [=](Tensor z, Tensor t) { return (softmax(z, -1) - y(z, t)) / rows(z); },
      .mistakes =
          {{Kind::sum_for_mean, "the loss is a mean over the rows: each row has 1 / n of it",
            [=](Tensor z, Tensor t) { return softmax(z, -1) - y(z, t); }},
           {Kind::sign, "p − y, not y − p: the gradient points uphill",
            [=](Tensor z, Tensor t) { return (y(z, t) - softmax(z, -1)) / rows(z); }},
           {Kind::sign, "p − y, not y − p; and each row has 1 / n of the mean",
            [=](Tensor z, Tensor t) { return y(z, t) - softmax(z, -1); }},
           {Kind::missing_part, "1 is taken away from p where the target is",
            [=](Tensor z, Tensor) { return softmax(z, -1) / rows(z); }},
           {Kind::missing_part, "1 is taken away from p where the target is",
            [=](Tensor z, Tensor) { return softmax(z, -1); }},
           {Kind::missing_part, "p − y: what stands here is −y alone",
            [=](Tensor z, Tensor t) { return -y(z, t) / rows(z); }},
           {Kind::input_for_output, "p are probabilities: softmax of the logits, not the logits",
            [=](Tensor z, Tensor t) { return (z - y(z, t)) / rows(z); }},
           {Kind::input_for_output, "p are probabilities, not their logarithms",
            [=](Tensor z, Tensor t) { return (log_softmax(z, -1) - y(z, t)) / rows(z); }},
           {Kind::axis, "softmax goes along a row, over the classes; here down a column",
            [=](Tensor z, Tensor t) { return (softmax(z, 0) - y(z, t)) / rows(z); }},
           {Kind::factor, "n is the number of rows, not that of all logits",
            [=](Tensor z, Tensor t) {
              return (softmax(z, -1) - y(z, t)) / static_cast<double>(z.numel());
            }},
           {Kind::factor, "n is the number of rows, not that of classes",
            [=](Tensor z, Tensor t) {
              return (softmax(z, -1) - y(z, t)) / static_cast<double>(z.size(1));
            }},
           {Kind::missing_part, "the other classes have a gradient too: p − y in all places",
            [=](Tensor z, Tensor t) { return (softmax(z, -1) - 1.0) * y(z, t) / rows(z); }},
           {Kind::wrong_place, "only p − y: the log and 1 / p have cancelled",
            [=](Tensor z, Tensor t) { return -y(z, t) / softmax(z, -1) / rows(z); }},
           {Kind::wrong_place, "the 1 is taken away once, at the target, not everywhere",
            [=](Tensor z, Tensor) { return (softmax(z, -1) - 1.0) / rows(z); }},
           {Kind::wrong_place, "1 / n divides the whole of p − y",
            [=](Tensor z, Tensor t) { return softmax(z, -1) - y(z, t) / rows(z); }},
           {Kind::wrong_place, "1 / n divides the whole of p − y",
            [=](Tensor z, Tensor t) { return softmax(z, -1) / rows(z) - y(z, t); }},
           {Kind::overflow, "e^1000 is infinite: softmax(x, -1) takes care of that",
            [=](Tensor z, Tensor t) {
              return (exp(z) / exp(z).sum(-1, true) - y(z, t)) / rows(z);
            }}},
      .cases = logits_and_targets()};
}

Task next_probabilities() {
  std::vector<Case> cases{{{tensor({0.0, 1.0}), 0.5}},
                          {{tensor({2.0, 1.0, -1.0}), 2.0}},
                          {{some({5}, 1), 0.25}},
                          {{some({4}, 2), 1.0}},
                          {{tensor({300.0, 301.0}), 3.0}}};
  return {
      .name = "next_probabilities",
      .title = "the temperature of sampling",
      .parameters = {"logits", "temperature"},
      .results = {"probabilities"},
      .right = [](Tensor z, double t) { return softmax(z / t, -1); },
      .mistakes = {{Kind::exchanged, "the temperature divides: a high one makes all more alike",
                    [](Tensor z, double t) { return softmax(z * t, -1); }},
                   {Kind::missing_part, "the temperature has no part here yet",
                    [](Tensor z, double) { return softmax(z, -1); }},
                   {Kind::wrong_place, "the temperature divides the logits, before softmax",
                    [](Tensor z, double t) { return softmax(z, -1) / t; }},
                   {Kind::wrong_place, "the temperature divides the logits, before softmax",
                    [](Tensor z, double t) { return softmax(z, -1) * t; }},
                   {Kind::wrong_place,
                    "the temperature divides the logits, not their exponent's result",
                    [](Tensor z, double t) { return softmax(exp(z) / t, -1); }},
                   {Kind::missing_part, "softmax makes probabilities of what is divided",
                    [](Tensor z, double t) { return z / t; }},
                   {Kind::missing_part, "probabilities, not their logarithms",
                    [](Tensor z, double t) { return log_softmax(z / t, -1); }},
                   {Kind::missing_part, "e^ alone; the whole is divided by its sum",
                    [](Tensor z, double t) { return exp(z / t); }},
                   {Kind::missing_part, "e^ alone; the whole is divided by its sum",
                    [](Tensor z, double t) { return exp((z - z.max()) / t); }},
                   {Kind::wrong_power, "the temperature divides as it is, without root or square",
                    [](Tensor z, double t) { return softmax(z / (t * t), -1); }},
                   {Kind::wrong_power, "the temperature divides as it is, without root or square",
                    [](Tensor z, double t) { return softmax(z / std::sqrt(t), -1); }},
                   {Kind::sign, "the largest logit is the most likely",
                    [](Tensor z, double t) { return softmax(-z / t, -1); }},
                   {Kind::overflow,
                    "e^100 is infinite: take the largest away first, or use softmax",
                    [](Tensor z, double t) { return exp(z / t) / exp(z / t).sum(); }}},
      .cases = cases};
}

}  // namespace

std::vector<Task> probabilities() {
  return {my_softmax(), softmax_row(), my_cross_entropy(), cross_entropy_row(),
          next_probabilities()};
}

}  // namespace tasks
