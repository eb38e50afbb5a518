#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

// More mistakes, written once the grader was whole.

namespace planted {
namespace {

using T = const Tensor&;
using Both = std::vector<Tensor>;

std::vector<Forms> of_gradients() {
  return {{"tanh_row",
           {},
           {{Kind::factor, [](T dout, T, T y) { return dout * (1.0 - y * y) / 2.0; }},
            {Kind::missing_part, [](T dout, T, T y) { return dout * y * y; }}}},
          {"relu_row",
           {},
           {{Kind::missing_part, [](T dout, T, T) { return dout * 1.0; }},
            {Kind::input_for_output, [](T, T x, T) { return relu(x); }}}},
          {"softsign_row",
           {},
           {{Kind::factor, [](T dout, T x, T) { return 2.0 * dout / pow(1.0 + abs(x), 2); }},
            {Kind::wrong_place, [](T dout, T x, T) { return dout * pow(1.0 + abs(x), 2); }}}},
          {"mean_row",
           {},
           {{Kind::axis, [](T dout, T x) { return ones_like(x) * dout / double(x.size(-1)); }},
            {Kind::sum_for_mean, [](T dout, T x) { return ones_like(x) * dout; }}}},
          {"bias_row",
           {},
           {{Kind::axis,
             [](T dout, T b) {
               return dout.reshape({-1, b.size(0)}).sum(1);
             }},
            {Kind::missing_part,
             [](T dout, T b) { return ones_like(b) * double(dout.numel() / b.numel()); }}}},
          {"scale_rows",
           {},
           {{Kind::exchanged,
             [](T dout, T x, T s) {
               return Both{dout * x, (dout * s).sum(1, true)};
             }},
            {Kind::sign,
             [](T dout, T x, T s) {
               return Both{dout * s, -(dout * x).sum(1, true)};
             }}}},
          {"two_paths_row",
           {},
           {{Kind::missing_part, [](T dout, T x) { return dout * 2.0 * x + 3.0; }},
            {Kind::factor, [](T dout, T x) { return dout * (4.0 * x + 6.0); }}}},
          {"accumulate",
           {},
           {{Kind::factor, [](T grad, T gradient) { grad.add_(gradient, 2); }},
            {Kind::overwrites, [](T grad, T gradient) { grad.copy_(gradient * 1.0); }}}},
          {"matmul_rows",
           {},
           {{Kind::transposed,
             [](T dout, T a, T b) {
               return Both{dout.matmul(b.T()), a.T().matmul(dout).T()};
             }},
            {Kind::factor,
             [](T dout, T a, T b) {
               return Both{dout.matmul(b.T()) * 2.0, a.T().matmul(dout)};
             }}}},
          {"embedding_row",
           {},
           {{Kind::missing_part,
             [](T dout, T ids, int64_t rows) {
               const Tensor table = zeros({rows, dout.size(1)});
               for (int64_t i = 0; i + 1 < ids.size(0); ++i)
                 table[ids[i].item<int64_t>()] += dout[i];
               return table;
             }},
            {Kind::off_by_one, [](T dout, T ids, int64_t rows) {
               return matmul(one_hot((ids + 1) % double(rows), rows).to(float32).T(), dout);
             }}}}};
}

std::vector<Forms> of_layers() {
  return {
      {"my_softmax",
       {},
       {{Kind::missing_part, [](T x) { return x / x.sum(-1, true); }},
        {Kind::exchanged, [](T x) { return sigmoid(x); }}}},
      {"softmax_row",
       {},
       {{Kind::factor, [](T dout, T, T y) { return 2.0 * y * (dout - (dout * y).sum(-1, true)); }},
        {Kind::wrong_place, [](T dout, T, T y) { return y * dout - (dout * y).sum(-1, true); }}}},
      {"my_cross_entropy",
       {},
       {{Kind::missing_part,
         [](T z, T t) { return -softmax(z, 1).gather(1, t.unsqueeze(1)).mean(); }},
        {Kind::factor, [](T z, T t) { return cross_entropy(z, t) / std::log(2.0); }}}},
      {"cross_entropy_row",
       {},
       {{Kind::factor,
         [](T z, T t) {
           return (softmax(z, 1) - one_hot(t, z.size(1)).to(float32)) / double(z.size(1));
         }},
        {Kind::missing_part,
         [](T z, T t) { return -one_hot(t, z.size(1)).to(float32) / double(z.size(0)); }}}},
      {"next_probabilities",
       {},
       {{Kind::missing_part, [](T z, double t) { return z / t; }},
        {Kind::missing_part, [](T z, double t) { return log_softmax(z / t, 0); }}}},
      {"my_layer_norm",
       {},
       {{Kind::sum_for_mean,
         [](T x, T w, T b) {
           const Tensor c = x - x.mean(-1, true);
           return c / sqrt((c * c).sum(-1, true) + 1e-5) * w + b;
         }},
        {Kind::missing_part,
         [](T x, T w, T b) { return x / sqrt(x.var(-1, 0, true) + 1e-5) * w + b; }}}},
      {"my_rms_norm",
       {},
       {{Kind::missing_part, [](T x, T) { return x / sqrt(x.square().mean(-1, true) + 1e-5); }},
        {Kind::detached,
         [](T x, T w) { return x / sqrt(x.square().mean(-1, true).detach() + 1e-5) * w; }}}},
      {"my_dropout",
       {},
       {{Kind::factor, [](T x, T keep, double p,
                          bool training) { return training ? x * keep.to(float32) * (1 - p) : x; }},
        {Kind::missing_part,
         [](T x, T, double p, bool training) { return training ? x / (1 - p) : x; }}}},
      {"straight_through",
       {},
       {{Kind::sign, [](T x) { return x + (x - round(x)).detach(); }},
        {Kind::exchanged, [](T x) { return x + (ceil(x) - x).detach(); }}}}};
}

Tensor columns(int64_t length, int64_t d, double base, double first) {
  const Tensor pos = arange(double(length)).to(float32).unsqueeze(1) + first;
  const Tensor a = pos / pow(base, arange(double(d / 2)).to(float32) * (2.0 / double(d)));
  return stack({sin(a), cos(a)}, 2).reshape({length, d});
}

std::vector<Forms> of_positions() {
  return {{"sinusoids",
           {},
           {{Kind::factor, [](int64_t length, int64_t d) { return columns(length, d, 1000, 0); }},
            {Kind::sign, [](int64_t length, int64_t d) { return -columns(length, d, 10000, 0); }}}},
          {"learned_positions",
           {},
           {{Kind::axis, [](T x, T table) { return x + table[0]; }},
            {Kind::factor,
             [](T x, T table) { return x * 2.0 + table.narrow(0, 0, x.size(1)) * 2.0; }}}},
          {"embedding_sum",
           {},
           {{Kind::missing_part, [](T ids, T segments, T, T p,
                                    T s) { return p.narrow(0, 0, ids.size(0)) + s[segments]; }},
            {Kind::sign, [](T ids, T segments, T t, T p,
                            T s) { return t[ids] + p.narrow(0, 0, ids.size(0)) - s[segments]; }}}},
          {"turn_by_position",
           {},
           {{Kind::sign, [](T x) { return -rotary(x, 0, {.pairs = RotaryPairs::interleaved}); }},
            {Kind::sign,
             [](T x) {
               const Tensor a = x.slice(1, 0, {}, 2), b = x.slice(1, 1, {}, 2);
               const Tensor turned = rotary(stack({b, a}, 2).reshape(x.shape()), 0,
                                            {.pairs = RotaryPairs::interleaved});
               return stack({turned.slice(1, 1, {}, 2), turned.slice(1, 0, {}, 2)}, 2)
                   .reshape(x.shape());
             }}}},
          {"alibi_bias",
           {},
           {{Kind::missing_part,
             [](int64_t heads, int64_t length) {
               const Tensor at = arange(double(length)).to(float32);
               return -(at.unsqueeze(1) - at).abs().expand({heads, length, length});
             }},
            {Kind::factor, [](int64_t heads, int64_t length) {
               const Tensor at = arange(double(length)).to(float32);
               const Tensor slopes =
                   pow(2.0, (arange(double(heads)).to(float32) + 1.0) * (-4.0 / double(heads)));
               return -slopes.view({heads, 1, 1}) * (at.unsqueeze(1) - at).abs();
             }}}}};
}

std::vector<Forms> of_steps() {
  return {{"my_causal_mask",
           {},
           {{Kind::missing_part, [](int64_t n) { return diag(ones({n})) == 1; }},
            {Kind::mask_side,
             [](int64_t n) {
               return tril(ones({n, n})) == 0;
             }}}},
          {"my_attention",
           {},
           {{Kind::missing_part,
             [](T q, T k, T v, T mask) {
               const Tensor s = matmul(q, k.T()) / std::sqrt(double(q.size(1)));
               return (s * mask.to(float32)).matmul(v);
             }},
            {Kind::exchanged,
             [](T q, T, T v, T mask) {
               return scaled_dot_product_attention(q, v, v, {.attn_mask = mask});
             }}}},
          {"momentum_step",
           {},
           {{Kind::missing_part,
             [](T w, T g, T v, double, double mu) {
               v.mul_(mu).add_(g);
               w.sub_(v);
             }},
            {Kind::factor,
             [](T w, T g, T v, double lr, double mu) {
               v.mul_(mu).add_(g);
               w.sub_(v * (2 * lr));
             }}}},
          {"adam_step",
           {},
           {{Kind::missing_part,
             [](T w, T g, T m, T v, double t) {
               m.lerp_(g, 0.1);
               v.lerp_(g.square(), 0.001);
               w -= m / (1 - std::pow(0.9, t)) / ((v / (1 - std::pow(0.999, t))).sqrt() + 1e-8);
             }},
            {Kind::factor,
             [](T w, T g, T m, T v, double t) {
               m.mul_(0.9).add_(g);
               v.mul_(0.999).add_(g.square());
               w -= 0.1 * m / (1 - std::pow(0.9, t)) /
                    ((v / (1 - std::pow(0.999, t))).sqrt() + 1e-8);
             }}}},
          {"clip_by_norm",
           {},
           {{Kind::missing_part,
             [](const std::vector<Tensor>& all, double most) {
               double squares = 0;
               for (const Tensor& each : all) squares += each.square().sum().item();
               for (const Tensor& each : all)
                 if (std::sqrt(squares) > most) each /= std::sqrt(squares);
             }},
            {Kind::mask_side, [](const std::vector<Tensor>& all, double most) {
               double squares = 0;
               for (const Tensor& each : all) squares += each.square().sum().item();
               const double norm = std::sqrt(squares);
               for (const Tensor& each : all)
                 if (norm < most) each *= most / norm;
             }}}}};
}

}  // namespace

std::vector<Forms> later() {
  std::vector<Forms> all;
  for (const auto group : {of_gradients, of_layers, of_positions, of_steps})
    for (Forms& forms : group()) all.push_back(std::move(forms));
  return all;
}

}  // namespace planted
