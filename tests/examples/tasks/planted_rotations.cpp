#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

/// Pairs (a, b) of row p, one at a time, with the angle that `angle(p, i, d)` gives.
template <class Angle, class Make>
tasks::Function pair_by_pair(Angle angle, Make make) {
  return [=](const Tensor& x) {
    std::vector<Tensor> out;
    for (int64_t p = 0; p < x.size(0); ++p)
      for (int64_t i = 0; i < x.size(1) / 2; ++i) {
        const double at = angle(double(p), double(i), double(x.size(1)));
        const auto [a, b] = make(x[p][2 * i], x[p][2 * i + 1], std::cos(at), std::sin(at));
        out.push_back(a);
        out.push_back(b);
      }
    return stack(out).view(x.shape());
  };
}

double theta(double p, double i, double d) { return p * std::pow(10000.0, -2 * i / d); }

std::pair<Tensor, Tensor> turn(const Tensor& a, const Tensor& b, double c, double s) {
  return {a * c - b * s, a * s + b * c};
}

Forms turn_by_position() {
  return {
      "turn_by_position",
      {pair_by_pair(theta, turn),
       [](Tensor x) { return rotary(x, 0, {.pairs = RotaryPairs::interleaved}); },
       [](Tensor x) {
         const int64_t n = x.size(0), d = x.size(1);
         const Tensor p = arange(double(n)).to(float32).unsqueeze(1);
         const Tensor angle =
             p / pow(10000.0, arange(double(d / 2)).to(float32) * (2.0 / double(d)));
         const Tensor wide = repeat_interleave(angle, 2, 1);
         const Tensor a = x.slice(1, 0, {}, 2), b = x.slice(1, 1, {}, 2);
         const Tensor across = stack({-b, a}, 2).reshape(x.shape());
         return x * cos(wide) + across * sin(wide);
       }},
      {{Kind::sign, pair_by_pair(theta,
                                 [](Tensor a, Tensor b, double c, double s) {
                                   return std::pair{a * c + b * s, b * c - a * s};
                                 })},
       {Kind::exchanged, [](Tensor x) { return rotary(x); }},
       {Kind::off_by_one,
        [](Tensor x) { return rotary(x, 1, {.pairs = RotaryPairs::interleaved}); }},
       {Kind::factor,
        pair_by_pair([](double p, double i, double d) { return p * std::pow(10000.0, -i / d); },
                     turn)},
       {Kind::factor,
        [](Tensor x) { return rotary(x, 0, {.base = 1000, .pairs = RotaryPairs::interleaved}); }},
       {Kind::missing_part, pair_by_pair([](double p, double, double) { return p; }, turn)},
       {Kind::sign, pair_by_pair(theta,
                                 [](Tensor a, Tensor b, double c, double s) {
                                   return std::pair{a * c + b * s, b * c + a * s};
                                 })},
       {Kind::overwrites, pair_by_pair(theta,
                                       [](Tensor a, Tensor b, double c, double s) {
                                         const Tensor turned = a * c - b * s;
                                         return std::pair{turned, b * c + turned * s};
                                       })},
       {Kind::detached,
        [](Tensor x) { return rotary(x.detach(), 0, {.pairs = RotaryPairs::interleaved}); }}}};
}

/// A bias by loops.
tasks::Function by_loops(double (*element)(double h, double heads, double i, double j)) {
  return [element](int64_t heads, int64_t length) {
    std::vector<float> numbers;
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < length; ++i)
        for (int64_t j = 0; j < length; ++j)
          numbers.push_back(float(element(double(h), double(heads), double(i), double(j))));
    return from_vector(numbers, {heads, length, length});
  };
}

Forms alibi_bias() {
  return {"alibi_bias",
          {by_loops([](double h, double heads, double i, double j) {
             return -std::pow(2.0, -8 * (h + 1) / heads) * std::abs(i - j);
           }),
           [](int64_t heads, int64_t length) {
             const Tensor at = arange(double(length)).to(float32);
             const Tensor slopes =
                 pow(2.0, arange(1, double(heads + 1)).to(float32) * (-8.0 / double(heads)));
             return slopes.view({heads, 1, 1}) * -abs(at - at.unsqueeze(1));
           },
           [](int64_t heads, int64_t length) {
             const double ratio = std::pow(2.0, -8.0 / double(heads));
             std::vector<Tensor> all;
             const Tensor at = arange(double(length)).to(float32);
             double slope = 1;
             for (int64_t h = 0; h < heads; ++h)
               all.push_back((at.unsqueeze(1) - at).abs() * -(slope *= ratio));
             return stack(all);
           }},
          {{Kind::sign, by_loops([](double h, double heads, double i, double j) {
              return std::pow(2.0, -8 * (h + 1) / heads) * std::abs(i - j);
            })},
           {Kind::missing_part, by_loops([](double h, double heads, double i, double j) {
              return -std::pow(2.0, -8 * (h + 1) / heads) * (i - j);
            })},
           {Kind::off_by_one, by_loops([](double h, double heads, double i, double j) {
              return -std::pow(2.0, -8 * h / heads) * std::abs(i - j);
            })},
           {Kind::exchanged, by_loops([](double h, double heads, double i, double j) {
              return -std::pow(2.0, -8 * (heads - h) / heads) * std::abs(i - j);
            })},
           {Kind::mask_side, by_loops([](double h, double heads, double i, double j) {
              return i < j ? 0 : -std::pow(2.0, -8 * (h + 1) / heads) * (i - j);
            })},
           {Kind::sign, by_loops([](double h, double heads, double i, double j) {
              return -std::pow(2.0, 8 * (h + 1) / heads) * std::abs(i - j);
            })},
           {Kind::wrong_power, by_loops([](double h, double heads, double i, double j) {
              return -std::pow(2.0, -8 * (h + 1) / heads) * (i - j) * (i - j);
            })},
           {Kind::shape, [](int64_t heads, int64_t length) {
              const Tensor at = arange(double(length)).to(float32);
              const double slope = std::pow(2.0, -8.0 / double(heads));
              return -slope * (at.unsqueeze(1) - at).abs();
            }}}};
}

}  // namespace

std::vector<Forms> rotations() { return {turn_by_position(), alibi_bias()}; }

}  // namespace planted
