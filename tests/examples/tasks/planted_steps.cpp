#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

Forms momentum_step() {
  using T = const Tensor&;
  return {"momentum_step",
          {[](T w, T g, T v, double lr, double mu) {
             v.mul_(mu).add_(g);
             w.add_(v, -lr);
           },
           [](T w, T g, T v, double lr, double mu) {
             v.copy_(mu * v + g);
             w.copy_(w - lr * v);
           },
           [](T w, T g, T v, double lr, double mu) {
             const Tensor next = g + v * mu;
             w -= next * lr;
             v.copy_(next);
           }},
          {{Kind::sign,
            [](T w, T g, T v, double lr, double mu) {
              v.mul_(mu).add_(g);
              w.add_(v, lr);
            }},
           {Kind::overwrites,
            [](T w, T g, T v, double lr, double) {
              v.copy_(g);
              w.add_(v, -lr);
            }},
           {Kind::missing_part,
            [](T w, T g, T v, double lr, double) {
              v.add_(g);
              w.add_(v, -lr);
            }},
           {Kind::wrong_place,
            [](T w, T g, T v, double lr, double mu) {
              w.add_(v, -lr);
              v.mul_(mu).add_(g);
            }},
           {Kind::wrong_place,
            [](T w, T g, T v, double lr, double mu) {
              v.mul_(mu).add_(g, lr);
              w -= v;
            }},
           {Kind::factor,
            [](T w, T g, T v, double lr, double mu) {
              v.mul_(mu).add_(g, 1 - mu);
              w.add_(v, -lr);
            }},
           {Kind::input_for_output,
            [](T w, T g, T v, double lr, double mu) {
              v.mul_(mu).add_(g);
              w.add_(g, -lr);
            }},
           {Kind::missing_part,
            [](T w, T g, Tensor v, double lr, double mu) {
              v = v * mu + g;
              w.add_(v, -lr);
            }},
           {Kind::changes_input, [](T w, T g, T v, double lr, double mu) {
              g += v * mu;
              v.copy_(g);
              w.add_(v, -lr);
            }}}};
}

Forms adam_step() {
  using T = const Tensor&;
  return {
      "adam_step",
      {[](T w, T g, T m, T v, double t) {
         m.mul_(0.9).add_(g, 0.1);
         v.mul_(0.999).addcmul_(g, g, 0.001);
         const Tensor below = (v / (1 - std::pow(0.999, t))).sqrt() + 1e-8;
         w.addcdiv_(m, below, -0.1 / (1 - std::pow(0.9, t)));
       },
       [](T w, T g, T m, T v, int64_t t) {
         m.copy_(0.9 * m + (1 - 0.9) * g);
         v.copy_(0.999 * v + (1 - 0.999) * g * g);
         const Tensor m_hat = m / (1 - std::pow(0.9, t)), v_hat = v / (1 - std::pow(0.999, t));
         w -= 0.1 * m_hat / (sqrt(v_hat) + 1e-8);
       },
       [](T w, T g, T m, T v, double t) {
         m.lerp_(g, 0.1);
         v.lerp_(g.square(), 0.001);
         const double first = 1 - std::pow(0.9, t), second = std::sqrt(1 - std::pow(0.999, t));
         w.sub_(m / first / (v.sqrt() / second + 1e-8) * 0.1);
       }},
      {{Kind::missing_part,
        [](T w, T g, T m, T v, double) {
          m.mul_(0.9).add_(g, 0.1);
          v.mul_(0.999).addcmul_(g, g, 0.001);
          w -= 0.1 * m / (v.sqrt() + 1e-8);
        }},
       {Kind::sign,
        [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.1);
          v.lerp_(g.square(), 0.001);
          w += 0.1 * m / (1 - std::pow(0.9, t)) / ((v / (1 - std::pow(0.999, t))).sqrt() + 1e-8);
        }},
       {Kind::wrong_power,
        [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.1);
          v.lerp_(g, 0.001);
          w -= 0.1 * m / (1 - std::pow(0.9, t)) / ((v / (1 - std::pow(0.999, t))).sqrt() + 1e-8);
        }},
       {Kind::wrong_power,
        [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.1);
          v.lerp_(g.square(), 0.001);
          w -= 0.1 * m / (1 - std::pow(0.9, t)) / (v / (1 - std::pow(0.999, t)) + 1e-8);
        }},
       {Kind::wrong_place,
        [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.1);
          v.lerp_(g.square(), 0.001);
          w -= 0.1 * m / (1 - std::pow(0.9, t)) / (v / (1 - std::pow(0.999, t)) + 1e-8).sqrt();
        }},
       {Kind::exchanged,
        [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.001);
          v.lerp_(g.square(), 0.1);
          w -= 0.1 * m / (1 - std::pow(0.999, t)) / ((v / (1 - std::pow(0.9, t))).sqrt() + 1e-8);
        }},
       {Kind::overwrites,
        [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.1).div_(1 - std::pow(0.9, t));
          v.lerp_(g.square(), 0.001).div_(1 - std::pow(0.999, t));
          w -= 0.1 * m / (v.sqrt() + 1e-8);
        }},
       {Kind::input_for_output,
        [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.1);
          v.lerp_(g.square(), 0.001);
          w -= 0.1 * g / ((v / (1 - std::pow(0.999, t))).sqrt() + 1e-8);
        }},
       {Kind::off_by_one, [](T w, T g, T m, T v, double t) {
          m.lerp_(g, 0.1);
          v.lerp_(g.square(), 0.001);
          w -= 0.1 * m / (1 - std::pow(0.9, t + 1)) /
               ((v / (1 - std::pow(0.999, t + 1))).sqrt() + 1e-8);
        }}}};
}

double squares_of(const std::vector<Tensor>& all) {
  double sum = 0;
  for (const Tensor& each : all) sum += each.square().sum().item();
  return sum;
}

Forms clip_by_norm() {
  using List = const std::vector<Tensor>&;
  return {"clip_by_norm",
          {[](List all, double most) {
             const double norm = std::sqrt(squares_of(all));
             if (norm <= most) return;
             for (const Tensor& each : all) each.mul_(most / norm);
           },
           [](List all, double most) {
             const double norm = std::sqrt(squares_of(all));
             const double by = std::min(1.0, most / (norm + 1e-6));
             for (const Tensor& each : all) each *= by;
           },
           [](List all, double most) {
             std::vector<Tensor> flat;
             for (const Tensor& each : all) flat.push_back(each.flatten());
             const double norm = cat(flat).norm().item();
             for (const Tensor& each : all)
               if (norm > most) each.copy_(each * most / norm);
           }},
          {{Kind::axis,
            [](List all, double most) {
              for (const Tensor& each : all)
                if (each.norm().item() > most) each *= most / each.norm().item();
            }},
           {Kind::missing_part,
            [](List all, double most) {
              const double norm = std::sqrt(squares_of(all));
              for (const Tensor& each : all) each *= most / (norm + 1e-6);
            }},
           {Kind::wrong_power,
            [](List all, double most) {
              const double norm = squares_of(all);
              for (const Tensor& each : all)
                if (norm > most) each *= most / norm;
            }},
           {Kind::wrong_place,
            [](List all, double most) {
              for (const Tensor& each : all) each.copy_(clamp(each, -most, most));
            }},
           {Kind::no_result,
            [](std::vector<Tensor> all, double most) {
              const double norm = std::sqrt(squares_of(all));
              for (Tensor& each : all)
                if (norm > most) each = each * (most / norm);
            }},
           {Kind::overwrites,
            [](List all, double most) {
              double squares = 0;
              for (const Tensor& each : all) squares = each.square().sum().item();
              const double norm = std::sqrt(squares);
              for (const Tensor& each : all)
                if (norm > most) each *= most / norm;
            }},
           {Kind::exchanged,
            [](List all, double most) {
              const double norm = std::sqrt(squares_of(all));
              for (const Tensor& each : all)
                if (norm > most) each *= norm / most;
            }},
           {Kind::sum_for_mean, [](List all, double most) {
              double norm = 0;
              for (const Tensor& each : all) norm += each.norm().item();
              for (const Tensor& each : all)
                if (norm > most) each *= most / norm;
            }}}};
}

}  // namespace

std::vector<Forms> steps() { return {momentum_step(), adam_step(), clip_by_norm()}; }

}  // namespace planted
