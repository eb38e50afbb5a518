#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

Forms my_layer_norm() {
  return {"my_layer_norm",
          {[](Tensor x, Tensor w, Tensor b) {
             return (x - x.mean(-1, true)) * (x.var(-1, 0, true) + 1e-5).rsqrt() * w + b;
           },
           [](Tensor x, Tensor w, Tensor b) {
             const Tensor mean = x.mean(-1, true);
             const Tensor var = (x - mean).square().sum(-1, true) / double(x.size(-1));
             return w * ((x - mean) / sqrt(var + 1e-5)) + b;
           },
           [](Tensor x, Tensor w, Tensor b) {
             const Tensor c = x - x.mean(-1).unsqueeze(-1);
             return addcmul(b, c / pow(c.square().mean(-1, true) + 1e-5, 0.5), w);
           }},
          {{Kind::axis,
            [](Tensor x, Tensor w, Tensor b) {
              return (x - x.mean(0, true)) / (x.var(0, 0, true) + 1e-5).sqrt() * w + b;
            }},
           {Kind::axis,
            [](Tensor x, Tensor w, Tensor b) {
              return (x - x.mean()) / (x.var(Shape{}, 0) + 1e-5).sqrt() * w + b;
            }},
           {Kind::factor,
            [](Tensor x, Tensor w, Tensor b) {
              return (x - x.mean(-1, true)) / (x.var(-1, 1, true) + 1e-5).sqrt() * w + b;
            }},
           {Kind::wrong_place,
            [](Tensor x, Tensor w, Tensor b) {
              return (x - x.mean(-1, true)) / (x.var(-1, 0, true).sqrt() + 1e-5) * w + b;
            }},
           {Kind::wrong_power,
            [](Tensor x, Tensor w, Tensor b) {
              return (x - x.mean(-1, true)) / (x.var(-1, 0, true) + 1e-5) * w + b;
            }},
           {Kind::missing_part,
            [](Tensor x, Tensor w, Tensor b) {
              return (x - x.mean(-1, true)) / x.var(-1, 0, true).sqrt() * w + b;
            }},
           {Kind::missing_part,
            [](Tensor x, Tensor w, Tensor) {
              return (x - x.mean(-1, true)) / (x.var(-1, 0, true) + 1e-5).sqrt() * w;
            }},
           {Kind::detached,
            [](Tensor x, Tensor w, Tensor b) {
              return (x - x.mean(-1, true)) / (x.var(-1, 0, true) + 1e-5).sqrt() * w.detach() + b;
            }},
           {Kind::detached, [](Tensor x, Tensor w, Tensor b) {
              const Tensor mean = x.mean(-1, true).detach();
              const Tensor var = x.var(-1, 0, true).detach();
              return (x - mean) / (var + 1e-5).sqrt() * w + b;
            }}}};
}

Forms my_rms_norm() {
  return {
      "my_rms_norm",
      {[](Tensor x, Tensor w) { return x * (x.pow(2).mean(-1, true) + 1e-5).rsqrt() * w; },
       [](Tensor x, Tensor w) {
         const double d = double(x.size(-1));
         return w * x / ((x * x).sum(-1, true) / d + 1e-5).sqrt();
       },
       [](Tensor x, Tensor w) {
         return x / pow(x.square().mean(-1).unsqueeze(-1) + 1e-5, 0.5) * w;
       }},
      {{Kind::sum_for_mean,
        [](Tensor x, Tensor w) { return x * (x.pow(2).sum(-1, true) + 1e-5).rsqrt() * w; }},
       {Kind::axis,
        [](Tensor x, Tensor w) { return x * (x.pow(2).mean(0, true) + 1e-5).rsqrt() * w; }},
       {Kind::axis, [](Tensor x, Tensor w) { return x * (x.pow(2).mean() + 1e-5).rsqrt() * w; }},
       {Kind::wrong_power,
        [](Tensor x, Tensor w) { return x / (x.pow(2).mean(-1, true) + 1e-5) * w; }},
       {Kind::wrong_place,
        [](Tensor x, Tensor w) { return x / (x.pow(2).mean(-1, true).sqrt() + 1e-5) * w; }},
       {Kind::missing_part,
        [](Tensor x, Tensor w) { return x / x.pow(2).mean(-1, true).sqrt() * w; }},
       {Kind::exchanged, [](Tensor x, Tensor w) {
          const Tensor c = x - x.mean(-1, true);
          return c / (c.pow(2).mean(-1, true) + 1e-5).sqrt() * w;
        }}}};
}

Forms my_dropout() {
  return {
      "my_dropout",
      {[](Tensor x, Tensor keep, double p, bool training) {
         if (!training) return x;
         return x * keep.to(float32) / (1 - p);
       },
       [](Tensor x, Tensor keep, double p, bool training) {
         return training ? x.masked_fill(~keep, 0) * (1 / (1 - p)) : x.clone();
       },
       [](Tensor x, Tensor keep, double p, bool training) {
         return training ? where(keep, x / (1 - p), zeros_like(x)) : x;
       }},
      {{Kind::factor, [](Tensor x, Tensor keep, double,
                         bool training) { return training ? x * keep.to(float32) : x; }},
       {Kind::factor, [](Tensor x, Tensor keep, double p,
                         bool training) { return training ? x * keep.to(float32) / p : x; }},
       {Kind::mask_side,
        [](Tensor x, Tensor keep, double p, bool training) {
          return training ? x.masked_fill(keep, 0) / (1 - p) : x;
        }},
       {Kind::missing_part,
        [](Tensor x, Tensor keep, double p, bool) { return x * keep.to(float32) / (1 - p); }},
       {Kind::factor, [](Tensor x, Tensor keep, double p,
                         bool training) { return training ? x * keep.to(float32) : x * (1 - p); }},
       {Kind::exchanged,
        [](Tensor x, Tensor keep, double p, bool training) {
          return !training ? x * keep.to(float32) / (1 - p) : x;
        }},
       {Kind::detached, [](Tensor x, Tensor keep, double p, bool training) {
          const Tensor data = x.detach();
          return training ? data * keep.to(float32) / (1 - p) : data;
        }}}};
}

Forms straight_through() {
  return {"straight_through",
          {[](Tensor x) { return x - (x - round(x)).detach(); },
           [](Tensor x) { return round(x).detach() + x - x.detach(); },
           [](Tensor x) {
             Tensor rest;
             {
               const NoGradGuard no_grad;
               rest = round(x) - x;
             }
             return rest + x;
           }},
          {{Kind::detached, [](Tensor x) { return x.round(); }},
           {Kind::detached, [](Tensor x) { return (x + (x.round() - x)).detach(); }},
           {Kind::attached, [](Tensor x) { return x + (x.round() - x); }},
           {Kind::attached, [](Tensor x) { return x.round().detach() - x + x; }},
           {Kind::missing_part, [](Tensor x) { return x * 1.0; }},
           {Kind::exchanged, [](Tensor x) { return x + (x.floor() - x).detach(); }},
           {Kind::missing_part, [](Tensor x) { return x + x.round().detach(); }}}};
}

}  // namespace

std::vector<Forms> layers() {
  return {my_layer_norm(), my_rms_norm(), my_dropout(), straight_through()};
}

}  // namespace planted
