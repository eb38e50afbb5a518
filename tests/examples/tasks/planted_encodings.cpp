#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

/// A table by loops, as the formula of one element.
tasks::Function by_loops(double (*element)(double pos, int64_t column, double d)) {
  return [element](int64_t length, int64_t d) {
    std::vector<float> numbers;
    for (int64_t pos = 0; pos < length; ++pos)
      for (int64_t c = 0; c < d; ++c) numbers.push_back(float(element(double(pos), c, double(d))));
    return from_vector(numbers, {length, d});
  };
}

/// A table by tensors, of the angles [length, d/2].
Tensor angles(int64_t length, int64_t d) {
  const Tensor pos = arange(double(length)).to(float32).unsqueeze(1);
  return pos * exp(arange(double(d / 2)).to(float32) * (-2 * std::log(10000.0) / double(d)));
}

Forms sinusoids() {
  return {"sinusoids",
          {by_loops([](double pos, int64_t c, double d) {
             const double angle = pos / std::pow(10000.0, double(c - c % 2) / d);
             return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
           }),
           [](int64_t length, int64_t d) {
             const Tensor a = angles(length, d);
             return stack({sin(a), cos(a)}, 2).reshape({length, d});
           },
           [](int64_t length, int64_t d) { return nn::sinusoidal_table(length, d); },
           [](int64_t length, int64_t d) {
             const Tensor table = zeros({length, d}), a = angles(length, d);
             table.slice(1, 0, {}, 2).copy_(sin(a));
             table.slice(1, 1, {}, 2).copy_(cos(a));
             return table;
           }},
          {{Kind::exchanged,
            [](int64_t length, int64_t d) {
              return cat({sin(angles(length, d)), cos(angles(length, d))}, 1);
            }},
           {Kind::exchanged,
            [](int64_t length, int64_t d) {
              const Tensor a = angles(length, d);
              return stack({cos(a), sin(a)}, 2).reshape({length, d});
            }},
           {Kind::transposed,
            [](int64_t length, int64_t d) {
              const Tensor a = angles(length, d);
              return stack({sin(a), cos(a)}, 2).reshape({length, d}).T();
            }},
           {Kind::off_by_one, by_loops([](double pos, int64_t c, double d) {
              const double angle = (pos + 1) / std::pow(10000.0, double(c / 2 * 2) / d);
              return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
            })},
           {Kind::factor, by_loops([](double pos, int64_t c, double d) {
              const double angle = pos / std::pow(10000.0, double(c / 2) / d);
              return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
            })},
           {Kind::exchanged, by_loops([](double pos, int64_t c, double d) {
              const double angle = pos / std::pow(10000.0, 2 * double(c) / d);
              return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
            })},
           {Kind::missing_part, by_loops([](double pos, int64_t c, double d) {
              return std::sin(pos / std::pow(10000.0, double(c / 2 * 2) / d));
            })},
           {Kind::wrong_place, by_loops([](double pos, int64_t c, double d) {
              const double angle = pos * std::pow(10000.0, double(c / 2 * 2) / d);
              return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
            })},
           {Kind::missing_part,  // 2 * i / d of whole numbers is 0
            by_loops([](double pos, int64_t c, double d) {
              const double angle = pos / std::pow(10000.0, double(2 * (c / 2) / int64_t(d)));
              return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
            })},
           {Kind::dtype, [](int64_t length, int64_t d) {
              return nn::sinusoidal_table(length, d, {.dtype = float64});
            }}}};
}

Forms learned_positions() {
  return {
      "learned_positions",
      {[](Tensor x, Tensor table) { return x + table.slice(0, 0, x.size(1)); },
       [](Tensor x, Tensor table) {
         return embedding(table, arange(double(x.size(1))).to(int64)) + x;
       },
       [](Tensor x, Tensor table) {
         return x + table.narrow(0, 0, x.size(1)).unsqueeze(0).expand(x.shape());
       }},
      {{Kind::missing_part, [](Tensor x, Tensor table) { return table + x; }},
       {Kind::exchanged, [](Tensor x, Tensor table) { return x + table.slice(0, -x.size(1)); }},
       {Kind::axis,
        [](Tensor x, Tensor table) { return x + table.slice(0, 0, x.size(0)).unsqueeze(1); }},
       {Kind::wrong_place, [](Tensor x, Tensor table) { return x * table.slice(0, 0, x.size(1)); }},
       {Kind::missing_part,
        [](Tensor x, Tensor table) { return table.slice(0, 0, x.size(1)).expand(x.shape()); }},
       {Kind::detached,
        [](Tensor x, Tensor table) { return x + table.detach().slice(0, 0, x.size(1)); }},
       {Kind::sign, [](Tensor x, Tensor table) { return x - table.slice(0, 0, x.size(1)); }},
       {Kind::changes_input, [](Tensor x, Tensor table) {
          const NoGradGuard no_grad;
          return x.add_(table.slice(0, 0, x.size(1)));
        }}}};
}

Forms embedding_sum() {
  return {"embedding_sum",
          {[](Tensor ids, Tensor segments, Tensor t, Tensor p, Tensor s) {
             return t[ids] + s[segments] + p.slice(0, 0, ids.size(0));
           },
           [](Tensor ids, Tensor segments, Tensor t, Tensor p, Tensor s) {
             const Tensor places = arange(double(ids.size(0))).to(int64);
             return embedding(t, ids) + embedding(p, places) + embedding(s, segments);
           },
           [](Tensor ids, Tensor segments, Tensor t, Tensor p, Tensor s) {
             std::vector<Tensor> rows;
             for (int64_t i = 0; i < ids.size(0); ++i)
               rows.push_back(t[ids[i].item<int64_t>()] + p[i] + s[segments[i].item<int64_t>()]);
             return stack(rows);
           }},
          {{Kind::missing_part, [](Tensor ids, Tensor, Tensor t, Tensor p,
                                   Tensor) { return t[ids] + p.slice(0, 0, ids.size(0)); }},
           {Kind::missing_part, [](Tensor ids, Tensor segments, Tensor t, Tensor,
                                   Tensor s) { return t[ids] + s[segments]; }},
           {Kind::exchanged, [](Tensor ids, Tensor segments, Tensor t, Tensor p,
                                Tensor s) { return t[ids] + p[ids] + s[segments]; }},
           {Kind::off_by_one,
            [](Tensor ids, Tensor segments, Tensor t, Tensor p, Tensor s) {
              return t[ids] + p.slice(0, 1, ids.size(0) + 1) + s[segments];
            }},
           {Kind::mean_for_sum,
            [](Tensor ids, Tensor segments, Tensor t, Tensor p, Tensor s) {
              return stack({t[ids], p.slice(0, 0, ids.size(0)), s[segments]}).mean(0);
            }},
           {Kind::axis, [](Tensor ids, Tensor, Tensor t, Tensor p,
                           Tensor s) { return t[ids] + p.slice(0, 0, ids.size(0)) + s[0]; }},
           {Kind::detached, [](Tensor ids, Tensor segments, Tensor t, Tensor p, Tensor s) {
              return t[ids] + p.slice(0, 0, ids.size(0)) + s[segments].detach();
            }}}};
}

}  // namespace

std::vector<Forms> encodings() { return {sinusoids(), learned_positions(), embedding_sum()}; }

}  // namespace planted
