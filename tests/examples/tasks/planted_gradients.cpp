#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

/// Element by element, by a plain function of three numbers.
tasks::Function each(double (*f)(double dout, double x, double y)) {
  return [f](const Tensor& dout, const Tensor& x, const Tensor& y) {
    const std::vector<double> g = dout.to_vector(), a = x.to_vector(), b = y.to_vector();
    std::vector<float> out;
    for (size_t i = 0; i < g.size(); ++i) out.push_back(static_cast<float>(f(g[i], a[i], b[i])));
    return from_vector(out, x.shape());
  };
}

Forms tanh_row() {
  return {"tanh_row",
          {each([](double g, double, double y) { return g - g * y * y; }),
           each([](double g, double x, double) { return g / (std::cosh(x) * std::cosh(x)); }),
           [](Tensor dout, Tensor x, Tensor) { return dout * (1.0 - tanh(x).square()); },
           [](Tensor dout, Tensor, Tensor y) { return (1.0 - y) * (1.0 + y) * dout; }},
          {{Kind::input_for_output, each([](double g, double x, double) { return g - g * x * x; })},
           {Kind::missing_part, each([](double, double, double y) { return (1 - y) * (1 + y); })},
           {Kind::missing_part, [](Tensor dout, Tensor, Tensor) { return dout.clone(); }},
           {Kind::sign, each([](double g, double, double y) { return g * (y * y - 1); })},
           {Kind::sign, each([](double g, double, double y) { return g + g * y * y; })},
           {Kind::wrong_power, each([](double g, double, double y) { return g - g * y; })},
           {Kind::factor, each([](double g, double, double y) { return 2 * g * (1 - y * y); })}}};
}

Forms relu_row() {
  return {
      "relu_row",
      {each([](double g, double x, double) { return x > 0 ? g : 0; }),
       [](Tensor dout, Tensor x, Tensor) { return dout * (x > 0).to(float32); },
       [](Tensor dout, Tensor x, Tensor) { return dout.masked_fill(x <= 0, 0); },
       [](Tensor dout, Tensor, Tensor y) { return where(y > 0, dout, zeros_like(y)); }},
      {{Kind::mask_side, each([](double g, double x, double) { return x < 0 ? g : 0; })},
       {Kind::mask_side, [](Tensor dout, Tensor x, Tensor) { return dout.masked_fill(x > 0, 0); }},
       {Kind::off_by_one, each([](double g, double x, double) { return x >= 0 ? g : 0; })},
       {Kind::missing_part, [](Tensor, Tensor x, Tensor) { return (x > 0).to(float32); }},
       {Kind::input_for_output, each([](double g, double, double) { return g > 0 ? g : 0; })},
       {Kind::input_for_output,
        each([](double g, double x, double) { return g * std::max(x, 0.0); })},
       {Kind::sign, each([](double g, double x, double) { return x > 0 ? g : -g; })},
       {Kind::dtype, [](Tensor, Tensor x, Tensor) { return x > 0; }}}};
}

Forms softsign_row() {
  return {
      "softsign_row",
      {each([](double g, double x, double) {
         return x > 0 ? g / ((1 + x) * (1 + x)) : g / ((1 - x) * (1 - x));
       }),
       [](Tensor dout, Tensor, Tensor y) { return dout * (1.0 - y.abs()).square(); },
       [](Tensor dout, Tensor x, Tensor) {
         const Tensor v = 1.0 + x.abs();
         return dout * (v - x * sign(x)) / (v * v);
       }},
      {{Kind::wrong_power, [](Tensor dout, Tensor x, Tensor) { return dout / (x.abs() + 1.0); }},
       {Kind::missing_part,
        each([](double g, double x, double) { return g / ((1 + x) * (1 + x)); })},
       {Kind::input_for_output,
        [](Tensor dout, Tensor, Tensor y) { return dout / square(1.0 + y.abs()); }},
       {Kind::missing_part,
        each([](double, double x, double) { return std::pow(1 + std::abs(x), -2); })},
       {Kind::sign,
        each([](double g, double x, double) { return -g / std::pow(1 + std::abs(x), 2); })},
       {Kind::sign, each([](double g, double x, double) {
          return (x < 0 ? -g : g) / std::pow(1 + std::abs(x), 2);
        })},
       {Kind::wrong_place, each([](double g, double x, double) { return g / (1 + x * x); })}}};
}

Tensor like(const Tensor& x, double value) { return full(x.shape(), value); }

Forms mean_row() {
  return {
      "mean_row",
      {[](Tensor dout, Tensor x) { return like(x, dout.item() / double(x.numel())); },
       [](Tensor dout, Tensor x) { return ones_like(x) * dout / double(x.numel()); },
       [](Tensor dout, Tensor x) {
         const Tensor leaf = x.detach().requires_grad_();
         return grad(leaf.mean() * dout, leaf)[0];
       }},
      {{Kind::sum_for_mean, [](Tensor dout, Tensor x) { return like(x, dout.item()); }},
       {Kind::factor,
        [](Tensor dout, Tensor x) { return like(x, dout.item() * double(x.numel())); }},
       {Kind::missing_part, [](Tensor, Tensor x) { return like(x, 1.0 / double(x.numel())); }},
       {Kind::input_for_output, [](Tensor dout, Tensor x) { return dout * x / double(x.numel()); }},
       {Kind::axis, [](Tensor dout, Tensor x) { return like(x, dout.item() / double(x.size(0))); }},
       {Kind::sign,
        [](Tensor dout, Tensor x) { return like(x, -dout.item() / double(x.numel())); }},
       {Kind::shape, [](Tensor dout, Tensor x) { return dout / double(x.numel()); }}}};
}

Forms bias_row() {
  return {"bias_row",
          {[](Tensor dout, Tensor b) { return sum_to(dout, b.shape()); },
           [](Tensor dout, Tensor b) {
             Tensor total = zeros_like(b);
             for (const Tensor& row : dout.reshape({-1, b.size(0)})) total += row;
             return total;
           },
           [](Tensor dout, Tensor b) {
             const Tensor rows = dout.reshape({-1, b.size(0)});
             return matmul(ones({rows.size(0)}), rows);
           },
           [](Tensor dout, Tensor) {
             return dout.dims() == 2 ? dout.sum(0) : dout.sum({0, 1});
           }},
          {{Kind::missing_sum, [](Tensor dout, Tensor) { return dout * 1.0; }},
           {Kind::mean_for_sum,
            [](Tensor dout, Tensor b) {
              return dout.reshape({-1, b.size(0)}).mean(0);
            }},
           {Kind::axis, [](Tensor dout, Tensor) { return dout.sum(1); }},
           {Kind::axis, [](Tensor dout, Tensor b) { return dout.sum() * ones_like(b); }},
           {Kind::overwrites,
            [](Tensor dout, Tensor b) {
              Tensor total = zeros_like(b);
              for (const Tensor& row : dout.reshape({-1, b.size(0)})) total = row;
              return total;
            }},
           {Kind::input_for_output,
            [](Tensor dout, Tensor b) {
              return b * dout.reshape({-1, b.size(0)}).sum(0);
            }},
           {Kind::shape,
            [](Tensor dout, Tensor b) {
              return dout.reshape({-1, b.size(0)}).sum(0, true);
            }},
           {Kind::changes_input, [](Tensor dout, Tensor b) {
              return b.copy_(dout.reshape({-1, b.size(0)}).sum(0));
            }}}};
}

Forms scale_rows() {
  using Both = std::vector<Tensor>;
  return {"scale_rows",
          {[](Tensor dout, Tensor x, Tensor s) {
             return Both{dout * s, sum_to(dout * x, s.shape())};
           },
           [](Tensor dout, Tensor x, Tensor s) {
             return Both{dout * s.expand(x.shape()), (dout * x).sum(-1).unsqueeze(1)};
           },
           [](Tensor dout, Tensor x, Tensor s) {
             std::vector<Tensor> sums;
             for (int64_t i = 0; i < x.size(0); ++i) sums.push_back(dot(dout[i], x[i]));
             return Both{s * dout, stack(sums).view(s.shape())};
           }},
          {{Kind::missing_sum,
            [](Tensor dout, Tensor x, Tensor s) {
              return Both{dout * s, x * dout};
            }},
           {Kind::axis,
            [](Tensor dout, Tensor x, Tensor s) {
              return Both{dout * s, (x * dout).sum(0).unsqueeze(0)};
            }},
           {Kind::shape,
            [](Tensor dout, Tensor x, Tensor s) {
              return Both{dout * s, (x * dout).sum(-1)};
            }},
           {Kind::mean_for_sum,
            [](Tensor dout, Tensor x, Tensor s) {
              return Both{dout * s, (x * dout).mean(-1, true)};
            }},
           {Kind::missing_part,
            [](Tensor dout, Tensor x, Tensor) {
              return Both{dout, (x * dout).sum(-1, true)};
            }},
           {Kind::missing_part,
            [](Tensor dout, Tensor, Tensor s) {
              return Both{dout * s, dout.sum(-1, true)};
            }},
           {Kind::exchanged,
            [](Tensor dout, Tensor x, Tensor s) {
              return Both{(x * dout).sum(-1, true), dout * s};
            }},
           {Kind::no_result, [](Tensor dout, Tensor, Tensor s) { return Both{dout * s}; }}}};
}

Forms two_paths_row() {
  return {"two_paths_row",
          {[](Tensor dout, Tensor x) { return dout * x + x * dout + dout * 3.0; },
           [](Tensor dout, Tensor x) {
             Tensor total = zeros_like(x);
             total += dout * x;
             total += dout * x;
             total += dout * 3.0;
             return total;
           },
           [](Tensor dout, Tensor x) {
             const Tensor leaf = x.detach().requires_grad_();
             (leaf * leaf + 3.0 * leaf).backward(dout);
             return leaf.grad();
           }},
          {{Kind::overwrites,
            [](Tensor dout, Tensor x) {
              Tensor total = dout * x;
              total = x * dout;
              total = dout * 3.0;
              return total;
            }},
           {Kind::overwrites, [](Tensor dout, Tensor x) { return dout * x + dout * 3.0; }},
           {Kind::missing_part, [](Tensor dout, Tensor x) { return dout * x + x * dout; }},
           {Kind::missing_part, [](Tensor, Tensor x) { return x + x + 3.0; }},
           {Kind::input_for_output, [](Tensor dout, Tensor x) { return x * (x + 3.0) * dout; }},
           {Kind::sign, [](Tensor dout, Tensor x) { return -dout * (x * 2.0 + 3.0); }}}};
}

Forms accumulate() {
  return {
      "accumulate",
      {[](const Tensor& grad, const Tensor& gradient) { grad.add_(gradient); },
       [](const Tensor& grad, const Tensor& gradient) { grad.copy_(grad + gradient); },
       [](Tensor grad, Tensor gradient) {
         const std::span<float> to(grad.data<float>(), size_t(grad.numel()));
         const std::vector<float> from = gradient.to_vector<float>();
         for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
       }},
      {{Kind::overwrites,
        [](const Tensor& grad, const Tensor& gradient) {
          grad.zero_();
          grad += gradient;
        }},
       {Kind::no_result, [](Tensor grad, const Tensor& gradient) { grad = grad + gradient; }},
       {Kind::no_result,
        [](const Tensor& grad, const Tensor& gradient) { (void)(grad + gradient); }},
       {Kind::sign, [](const Tensor& grad, const Tensor& gradient) { grad.add_(gradient, -1); }},
       {Kind::changes_input, [](const Tensor& grad, const Tensor& gradient) { gradient += grad; }},
       {Kind::mean_for_sum,
        [](const Tensor& grad, const Tensor& gradient) { grad.lerp_(gradient, 0.5); }},
       {Kind::wrong_place, [](const Tensor& grad, const Tensor& gradient) { grad *= gradient; }}}};
}

}  // namespace

std::vector<Forms> gradients() {
  return {tanh_row(), relu_row(),   softsign_row(),  mean_row(),
          bias_row(), scale_rows(), two_paths_row(), accumulate()};
}

}  // namespace planted
