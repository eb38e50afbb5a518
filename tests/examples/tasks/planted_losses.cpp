#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

Forms my_softmax() {
  return {"my_softmax",
          {[](Tensor x) {
             const Tensor e = (x - x.max(-1, true).values).exp();
             return e / e.sum(-1, true);
           },
           [](Tensor x) { return (x - x.logsumexp(-1, true)).exp(); },
           [](Tensor x) {
             const Tensor e = exp(x - x.amax(-1, true).detach());
             return e * e.sum(-1, true).pow(-1);
           }},
          {{Kind::overflow, [](Tensor x) { return x.exp() / x.exp().sum(-1, true); }},
           {Kind::axis,
            [](Tensor x) {
              const Tensor e = (x - x.amax(0, true)).exp();
              return e / e.sum(0, true);
            }},
           {Kind::axis,
            [](Tensor x) {
              const Tensor e = (x - x.amax(-1, true)).exp();
              return e / e.sum();
            }},
           {Kind::missing_part, [](Tensor x) { return (x - x.amax(-1, true)).exp(); }},
           {Kind::sign,
            [](Tensor x) {
              const Tensor e = (x.amin(-1, true) - x).exp();
              return e / e.sum(-1, true);
            }},
           {Kind::mean_for_sum,
            [](Tensor x) {
              const Tensor e = (x - x.amax(-1, true)).exp();
              return e / e.mean(-1, true);
            }},
           {Kind::missing_part, [](Tensor x) { return x - x.logsumexp(-1, true); }},
           {Kind::detached,
            [](Tensor x) {
              const NoGradGuard no_grad;
              return (x - x.logsumexp(-1, true)).exp();
            }},
           {Kind::detached, [](Tensor x) { return softmax(x.detach(), -1); }}}};
}

Forms softmax_row() {
  return {
      "softmax_row",
      {[](Tensor dout, Tensor, Tensor y) {
         const Tensor g = dout * y;
         return g - y * g.sum(-1, true);
       },
       [](Tensor dout, Tensor x, Tensor) {
         const Tensor leaf = x.detach().requires_grad_();
         softmax(leaf, -1).backward(dout);
         return leaf.grad();
       },
       [](Tensor dout, Tensor, Tensor y) {
         const int64_t d = y.size(-1);
         const Tensor p = y.reshape({-1, d}), g = dout.reshape({-1, d});
         std::vector<Tensor> rows;
         for (int64_t i = 0; i < p.size(0); ++i)
           rows.push_back(matmul(g[i], diag(p[i]) - outer(p[i], p[i])));
         return stack(rows).view(y.shape());
       }},
      {{Kind::missing_sum, [](Tensor dout, Tensor, Tensor y) { return dout * (y - y * y); }},
       {Kind::missing_sum, [](Tensor dout, Tensor, Tensor y) { return dout * y - dout * y * y; }},
       {Kind::axis,
        [](Tensor dout, Tensor, Tensor y) {
          const Tensor g = dout * y;
          return g - y * g.sum(0, true);
        }},
       {Kind::input_for_output,
        [](Tensor dout, Tensor x, Tensor) {
          const Tensor g = dout * x;
          return g - x * g.sum(-1, true);
        }},
       {Kind::sign,
        [](Tensor dout, Tensor, Tensor y) {
          const Tensor g = dout * y;
          return g + y * g.sum(-1, true);
        }},
       {Kind::mean_for_sum,
        [](Tensor dout, Tensor, Tensor y) {
          const Tensor g = dout * y;
          return g - y * g.mean(-1, true);
        }},
       {Kind::missing_part, [](Tensor dout, Tensor, Tensor y) { return dout * y; }},
       {Kind::missing_part,
        [](Tensor dout, Tensor, Tensor y) { return (dout - dout.sum(-1, true)) * y; }}}};
}

Tensor picked(const Tensor& x, const Tensor& targets) {
  return (x * one_hot(targets, x.size(1)).to(float32)).sum(1);
}

Forms my_cross_entropy() {
  return {
      "my_cross_entropy",
      {[](Tensor z, Tensor t) { return -picked(log_softmax(z, 1), t).mean(); },
       [](Tensor z, Tensor t) { return nll_loss(log_softmax(z, -1), t); },
       [](Tensor z, Tensor t) {
         Tensor total = zeros({});
         for (int64_t i = 0; i < z.size(0); ++i)
           total = total + logsumexp(z[i], 0) - z[i][t[i].item<int64_t>()];
         return total / double(z.size(0));
       }},
      {{Kind::sum_for_mean, [](Tensor z, Tensor t) { return -picked(log_softmax(z, 1), t).sum(); }},
       {Kind::sign, [](Tensor z, Tensor t) { return picked(log_softmax(z, 1), t).mean(); }},
       {Kind::axis, [](Tensor z, Tensor t) { return nll_loss(log_softmax(z, 0), t); }},
       {Kind::missing_part, [](Tensor z, Tensor t) { return -picked(z, t).mean(); }},
       {Kind::overflow, [](Tensor z, Tensor t) { return nll_loss(softmax(z, 1).log(), t); }},
       {Kind::overflow,
        [](Tensor z, Tensor t) {
          return -z.gather(1, t.unsqueeze(1)).mean() + z.exp().sum(1).log().mean();
        }},
       {Kind::factor,
        [](Tensor z, Tensor t) {
          return -(log_softmax(z, 1) * one_hot(t, z.size(1)).to(float32)).mean();
        }},
       {Kind::detached,
        [](Tensor z, Tensor t) {
          return tensor(-picked(log_softmax(z, 1), t).mean().item()).to(float32);
        }},
       {Kind::shape, [](Tensor z, Tensor t) { return -picked(log_softmax(z, 1), t); }}}};
}

Forms cross_entropy_row() {
  return {"cross_entropy_row",
          {[](Tensor z, Tensor t) {
             const Tensor p = softmax(z, 1).clone();
             for (int64_t i = 0; i < z.size(0); ++i) p[i][t[i].item<int64_t>()] -= 1;
             return p / double(z.size(0));
           },
           [](Tensor z, Tensor t) {
             const Tensor leaf = z.detach().requires_grad_();
             return grad(cross_entropy(leaf, t), leaf)[0];
           },
           [](Tensor z, Tensor t) {
             const double n = double(z.size(0));
             return softmax(z, 1) / n - one_hot(t, z.size(1)).to(float32) / n;
           }},
          {{Kind::sum_for_mean,
            [](Tensor z, Tensor t) {
              const Tensor p = softmax(z, 1).clone();
              for (int64_t i = 0; i < z.size(0); ++i) p[i][t[i].item<int64_t>()] -= 1;
              return p;
            }},
           {Kind::sign,
            [](Tensor z, Tensor t) {
              return (one_hot(t, z.size(1)).to(float32) - softmax(z, 1)) / double(z.size(0));
            }},
           {Kind::axis,
            [](Tensor z, Tensor t) {
              return (softmax(z, 0) - one_hot(t, z.size(1)).to(float32)) / double(z.size(0));
            }},
           {Kind::factor,
            [](Tensor z, Tensor t) {
              return (softmax(z, 1) - one_hot(t, z.size(1)).to(float32)) / double(z.numel());
            }},
           {Kind::input_for_output,
            [](Tensor z, Tensor t) {
              return (z - one_hot(t, z.size(1)).to(float32)) / double(z.size(0));
            }},
           {Kind::missing_part, [](Tensor z, Tensor) { return softmax(z, 1) / double(z.size(0)); }},
           {Kind::overflow, [](Tensor z, Tensor t) {
              const Tensor p = z.exp() / z.exp().sum(1, true);
              return (p - one_hot(t, z.size(1)).to(float32)) / double(z.size(0));
            }}}};
}

Forms next_probabilities() {
  return {"next_probabilities",
          {[](Tensor z, double t) { return softmax(z * (1 / t), 0); },
           [](Tensor z, double t) {
             const Tensor e = ((z - z.max()) / t).exp();
             return e / e.sum();
           },
           [](Tensor z, double t) { return log_softmax(z / t, 0).exp(); }},
          {{Kind::exchanged,
            [](Tensor z, double t) {
              const Tensor e = ((z - z.max()) * t).exp();
              return e / e.sum();
            }},
           {Kind::wrong_place, [](Tensor z, double t) { return softmax(z, 0) * (1 / t); }},
           {Kind::missing_part, [](Tensor z, double) { return softmax(z, 0); }},
           {Kind::missing_part, [](Tensor z, double t) { return exp((z - z.max()) / t); }},
           {Kind::wrong_place,
            [](Tensor z, double t) {
              const Tensor e = (z - z.max()).exp() / t;
              return e / e.sum();
            }},
           {Kind::overflow,
            [](Tensor z, double t) {
              const Tensor e = (z / t).exp();
              return e / e.sum();
            }},
           {Kind::sign, [](Tensor z, double t) { return softmax(-(z / t), 0); }}}};
}

}  // namespace

std::vector<Forms> losses() {
  return {my_softmax(), softmax_row(), my_cross_entropy(), cross_entropy_row(),
          next_probabilities()};
}

}  // namespace planted
