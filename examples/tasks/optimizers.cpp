#include <rill/core/ops.h>

#include <cmath>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

Task momentum_step() {
  std::vector<Case> cases{{{tensor({1.0}), tensor({2.0}), tensor({4.0}), 0.1, 0.5}},
                          {{tensor({1.0, -1.0}), tensor({2.0, 3.0}), tensor({0.0, 0.0}), 0.1, 0.9}},
                          {{some({2, 3}, 1), some({2, 3}, 2), some({2, 3}, 3), 0.05, 0.8}}};
  return {
      .name = "momentum_step",
      .title = "a step of SGD with momentum",
      .parameters = {"w", "grad", "velocity", "lr", "momentum"},
      .results = {},
      .right =
          [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
            v *= mu;
            v += g;
            w -= v * lr;
          },
      .mistakes =
          {{Kind::sign, "downhill: w minus lr · velocity",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * mu + g);
              w += v * lr;
            }},
           {Kind::overwrites, "the velocity remembers: momentum · velocity + grad",
            [](Tensor w, Tensor g, Tensor v, double lr, double) {
              v.copy_(g);
              w -= v * lr;
            }},
           {Kind::missing_part, "the velocity fades: it is multiplied by momentum first",
            [](Tensor w, Tensor g, Tensor v, double lr, double) {
              v += g;
              w -= v * lr;
            }},
           {Kind::input_for_output, "w moves by the velocity, not by grad",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * mu + g);
              w -= g * lr;
            }},
           {Kind::wrong_place, "the velocity is made first, and w moves by the new one",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              w -= v * lr;
              v.copy_(v * mu + g);
            }},
           {Kind::wrong_place, "lr belongs to the step of w; the velocity is a sum of gradients",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * mu + g * lr);
              w -= v;
            }},
           {Kind::factor, "grad is added whole here, not with 1 − momentum",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * mu + g * (1 - mu));
              w -= v * lr;
            }},
           {Kind::missing_part, "lr has no part here yet",
            [](Tensor w, Tensor g, Tensor v, double, double mu) {
              v.copy_(v * mu + g);
              w -= v;
            }},
           {Kind::missing_part, "w stays as it is: w -= lr · velocity",
            [](Tensor, Tensor g, Tensor v, double, double mu) { v.copy_(v * mu + g); }},
           {Kind::missing_part, "the new velocity must be kept, in velocity, for the next step",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) { w -= (v * mu + g) * lr; }},
           {Kind::exchanged, "momentum multiplies the velocity, not grad",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v + g * mu);
              w -= v * lr;
            }},
           {Kind::exchanged, "lr and momentum stand in each other's place",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * lr + g);
              w -= v * mu;
            }},
           {Kind::sign, "grad is added to the velocity",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * mu - g);
              w -= v * lr;
            }},
           {Kind::wrong_place, "this is Nesterov's: it looks a step ahead",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * mu + g);
              w -= (g + v * mu) * lr;
            }},
           {Kind::overwrites, "w moves on from where it is: -=, not =",
            [](Tensor w, Tensor g, Tensor v, double lr, double mu) {
              v.copy_(v * mu + g);
              w.copy_(v * -lr);
            }}},
      .cases = cases,
      .written = {0, 2}};
}

/// Adam's numbers, and each thing that can be done otherwise.
struct Adam {
  double sign = -1;
  double beta1 = 0.9, beta2 = 0.999;
  bool corrects_m = true, corrects_v = true;
  double late = 0;  // added to t
  bool squares = true;
  bool has_root = true;
  bool eps_under_root = false;
  bool keeps_first = true;        // beta · m + (1 − beta) · g
  bool has_share = true;          // 1 − beta of g
  bool by_gradient = false;       // g in the place of m
  bool corrects_by_beta = false;  // divides by betaᵗ
  bool stores_corrected = false;
  bool m_is_old = false;
};

constexpr double learning_rate = 0.1;

void adam(const Tensor& w, const Tensor& g, const Tensor& m, const Tensor& v, double t,
          const Adam& form = {}) {
  const double eps = 1e-8, b1 = form.beta1, b2 = form.beta2, n = t + form.late;
  const auto share = [&](double beta) { return form.has_share ? 1 - beta : 1.0; };
  const auto correction = [&](double beta) {
    const double power = std::pow(beta, n);
    return form.corrects_by_beta ? power : 1 - power;
  };
  const Tensor m_before = m.clone();
  if (form.keeps_first) {
    m.copy_(m * b1 + g * share(b1));
    v.copy_(v * b2 + (form.squares ? g * g : g) * share(b2));
  } else {
    m.copy_(m * (1 - b1) + g * b1);
    v.copy_(v * (1 - b2) + g * g * b2);
  }
  const Tensor first = form.by_gradient ? g : form.m_is_old ? m_before : m;
  const Tensor m_hat = form.corrects_m ? first / correction(b1) : first;
  const Tensor v_hat = form.corrects_v ? v / correction(b2) : v;
  if (form.stores_corrected) {
    m.copy_(m_hat);
    v.copy_(v_hat);
  }
  const Tensor below = form.eps_under_root ? sqrt(v_hat + eps)
                       : form.has_root     ? sqrt(v_hat) + eps
                                           : v_hat + eps;
  w.add_(m_hat / below * learning_rate, form.sign);
}

Mistake wrong_adam(Kind kind, const std::string& advice, const Adam& form) {
  return {kind, advice,
          [form](Tensor w, Tensor g, Tensor m, Tensor v, double t) { adam(w, g, m, v, t, form); }};
}

Task adam_step() {
  const auto squares = [](const Shape& shape, int seed) {
    return some(shape, seed) * some(shape, seed) * 0.01;
  };
  std::vector<Case> cases{
      {{tensor({1.0}), tensor({2.0}), tensor({0.0}), tensor({0.0}), 1.0}},
      {{tensor({1.0}), tensor({2.0}), tensor({0.5}), tensor({0.01}), 2.0}},
      {{tensor({1.0, -1.0}), tensor({0.0, 1e-4}), tensor({0.0, 0.0}), tensor({0.0, 0.0}), 1.0}},
      {{some({2, 3}, 1), some({2, 3}, 2), some({2, 3}, 3), squares({2, 3}, 4), 7.0}}};
  return {
      .name = "adam_step",
      .title = "a step of Adam",
      .parameters = {"w", "grad", "m", "v", "t"},
      .results = {},
      .right = [](Tensor w, Tensor g, Tensor m, Tensor v, double t) { adam(w, g, m, v, t); },
      .mistakes =
          {wrong_adam(Kind::sign, "downhill: w minus the step", {.sign = 1}),
           wrong_adam(Kind::missing_part, "m and v begin at 0: divide by 1 − betaᵗ",
                      {.corrects_m = false, .corrects_v = false}),
           wrong_adam(Kind::missing_part, "m is divided by 1 − beta1ᵗ too", {.corrects_m = false}),
           wrong_adam(Kind::missing_part, "v is divided by 1 − beta2ᵗ too", {.corrects_v = false}),
           wrong_adam(Kind::wrong_place, "eps is added to the root, not under it",
                      {.eps_under_root = true}),
           wrong_adam(Kind::wrong_power, "the step is divided by the root of v",
                      {.has_root = false}),
           wrong_adam(Kind::wrong_power, "v is the mean of grad squared", {.squares = false}),
           wrong_adam(Kind::exchanged, "0.9 is of m, 0.999 of v", {.beta1 = 0.999, .beta2 = 0.9}),
           wrong_adam(Kind::exchanged, "beta of the old and 1 − beta of the new, not the other way",
                      {.keeps_first = false}),
           wrong_adam(Kind::factor, "the new grad has a share of 1 − beta", {.has_share = false}),
           wrong_adam(Kind::input_for_output, "w moves by m, not by grad", {.by_gradient = true}),
           wrong_adam(Kind::input_for_output, "w moves by m, not by grad",
                      {.corrects_m = false, .by_gradient = true}),
           wrong_adam(Kind::off_by_one, "t is 1 in the first step: betaᵗ, not beta^(t+1)",
                      {.late = 1}),
           wrong_adam(Kind::off_by_one, "t is 1 in the first step: betaᵗ, not beta^(t−1)",
                      {.late = -1}),
           wrong_adam(Kind::missing_part, "divided by 1 − betaᵗ, not by betaᵗ",
                      {.corrects_by_beta = true}),
           wrong_adam(Kind::overwrites,
                      "the corrected ones are for this step: m and v stay as they were",
                      {.stores_corrected = true}),
           wrong_adam(Kind::wrong_place, "m is made first, and w moves by the new one",
                      {.m_is_old = true}),
           {Kind::overwrites, "m and v remember: beta of the old is kept",
            [](Tensor w, Tensor g, Tensor m, Tensor v, double t) {
              m.zero_();
              v.zero_();
              adam(w, g, m, v, t);
            }},
           {Kind::overwrites, "m and v are to be kept for the next step",
            [](Tensor w, Tensor g, Tensor m, Tensor v, double t) {
              adam(w, g, m.clone(), v.clone(), t);
            }},
           {Kind::missing_part, "w stays as it is",
            [](Tensor w, Tensor g, Tensor m, Tensor v, double t) { adam(w.clone(), g, m, v, t); }},
           {Kind::missing_part, "the step is divided by the root of v",
            [](Tensor w, Tensor g, Tensor m, Tensor v, double t) {
              adam(w.clone(), g, m, v, t);
              w -= m / (1 - std::pow(0.9, t)) * learning_rate;
            }},
           {Kind::missing_part, "lr, 0.1, has no part here yet",
            [](Tensor w, Tensor g, Tensor m, Tensor v, double t) {
              const Tensor after = w.clone();
              adam(after, g, m, v, t);
              w += (after - w) / learning_rate;
            }}},
      .cases = cases,
      .written = {0, 2, 3}};
}

void scale_all(const Tensors& gradients, double by) {
  for (const Tensor& each : gradients) each *= by;
}

double total_norm(const Tensors& gradients) {
  double squares = 0;
  for (const Tensor& each : gradients) squares += (each * each).sum().item();
  return std::sqrt(squares);
}

Task clip_by_norm() {
  const auto one = [](const Tensor& a, double most) { return Case{{Tensors{a}, most}}; };
  std::vector<Case> cases{one(tensor({3.0, 4.0}), 1.0),
                          one(tensor({0.3, 0.4}), 1.0),
                          {{Tensors{tensor({3.0}), tensor({4.0})}, 2.0}},
                          {{Tensors{some({2, 3}, 1), some({2}, 2), tensor({0.1})}, 0.5}},
                          {{Tensors{zeros({2}), zeros({1})}, 1.0}}};
  return {
      .name = "clip_by_norm",
      .title = "clipping gradients by their norm",
      .parameters = {"gradients", "max_norm"},
      .results = {},
      .right =
          [](Tensors gradients, double most) {
            const double norm = total_norm(gradients);
            if (norm > most) scale_all(gradients, most / norm);
          },
      .mistakes =
          {{Kind::axis, "one norm of all gradients together; here each has its own",
            [](Tensors gradients, double most) {
              for (const Tensor& each : gradients) {
                const double norm = total_norm({each});
                if (norm > most) each *= most / norm;
              }
            }},
           {Kind::mask_side, "what is short enough stays: only where the norm is above max_norm",
            [](Tensors gradients, double most) {
              const double norm = total_norm(gradients);
              if (norm < most) scale_all(gradients, most / norm);
            }},
           {Kind::missing_part, "what is short enough stays: only where the norm is above max_norm",
            [](Tensors gradients, double most) {
              scale_all(gradients, most / total_norm(gradients));
            }},
           {Kind::missing_part, "what is short enough stays: only where the norm is above max_norm",
            [](Tensors gradients, double most) {
              scale_all(gradients, most / (total_norm(gradients) + 1e-6));
            }},
           {Kind::missing_part, "they are to have the norm max_norm, not 1",
            [](Tensors gradients, double most) {
              const double norm = total_norm(gradients);
              if (norm > most) scale_all(gradients, 1 / norm);
            }},
           {Kind::missing_part, "divide by the norm too: max_norm / norm",
            [](Tensors gradients, double most) {
              if (total_norm(gradients) > most) scale_all(gradients, most);
            }},
           {Kind::exchanged, "max_norm / norm, not norm / max_norm",
            [](Tensors gradients, double most) {
              const double norm = total_norm(gradients);
              if (norm > most) scale_all(gradients, norm / most);
            }},
           {Kind::wrong_power, "the norm is the root of the sum of squares",
            [](Tensors gradients, double most) {
              const double squares = std::pow(total_norm(gradients), 2);
              if (squares > most) scale_all(gradients, most / squares);
            }},
           {Kind::wrong_power, "the norm is of squares and a root, not of |x|",
            [](Tensors gradients, double most) {
              double sum = 0;
              for (const Tensor& each : gradients) sum += abs(each).sum().item();
              if (sum > most) scale_all(gradients, most / sum);
            }},
           {Kind::wrong_power, "the norm is of squares and a root, not the largest |x|",
            [](Tensors gradients, double most) {
              double largest = 0;
              for (const Tensor& each : gradients)
                largest = std::max(largest, abs(each).max().item());
              if (largest > most) scale_all(gradients, most / largest);
            }},
           {Kind::wrong_place, "this clips each number; here all keep their direction",
            [](Tensors gradients, double most) {
              for (const Tensor& each : gradients) each.clamp_(-most, most);
            }},
           {Kind::mean_for_sum, "the squares are summed, not their mean taken",
            [](Tensors gradients, double most) {
              double count = 0;
              for (const Tensor& each : gradients) count += static_cast<double>(each.numel());
              const double norm = total_norm(gradients) / std::sqrt(count);
              if (norm > most) scale_all(gradients, most / norm);
            }},
           {Kind::overwrites, "the norm is of all gradients; here of the last one: = for +=",
            [](Tensors gradients, double most) {
              const double norm = total_norm({gradients.back()});
              if (norm > most) scale_all(gradients, most / norm);
            }},
           {Kind::overwrites, "the norm is of all gradients; here of the first one",
            [](Tensors gradients, double most) {
              const double norm = total_norm({gradients.front()});
              if (norm > most) scale_all(gradients, most / norm);
            }},
           {Kind::sum_for_mean, "the root is of the sum of all squares, not a sum of norms",
            [](Tensors gradients, double most) {
              double norm = 0;
              for (const Tensor& each : gradients) norm += total_norm({each});
              if (norm > most) scale_all(gradients, most / norm);
            }},
           {Kind::no_result,
            "the gradients stay as they were: write into them, by *=", [](Tensors, double) {}}},
      .cases = cases,
      .written = {0}};
}

}  // namespace

std::vector<Task> optimizers() { return {momentum_step(), adam_step(), clip_by_norm()}; }

}  // namespace tasks
