#include <gtest/gtest.h>

#include <rill/core/kernels/attention.h>
#include <rill/core/kernels/cross_entropy.h>
#include <rill/core/kernels/elementwise.h>
#include <rill/core/kernels/gemm.h>
#include <rill/core/kernels/layer_norm.h>
#include <rill/core/kernels/linear.h>
#include <rill/core/kernels/optimizer.h>
#include <rill/core/kernels/philox.h>
#include <rill/core/kernels/reduce.h>
#include <rill/core/kernels/rotary.h>
#include <rill/core/kernels/softmax.h>
#include <tests/core/kernels/kernel_test.h>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "tests/core/kernels/simd_levels.h"

// Every kernel on the same input with AVX2 and with AVX-512. Sizes are not multiples of a vector,
// so that what loops leave over is compared too.

namespace rill::kernels {
namespace {

struct Output {
  std::string name;
  std::vector<double> values;  // in which a float is exact
};
using Outputs = std::vector<Output>;

constexpr int64_t count = 1003, rows = 37, cols = 67;

template <class T>
std::string named(const char* name, double detail = 0) {
  return std::string(name) + (sizeof(T) == 4 ? " in float, " : " in double, ") +
         std::to_string(detail);
}

template <class T>
void keep(Outputs& outputs, std::string name, const std::vector<T>& values) {
  outputs.push_back({std::move(name), doubles(values)});
}

template <class T>
constexpr DType dtype_of = sizeof(T) == 4 ? DType::float32 : DType::float64;

template <class T>
void unary_ops(Outputs& outputs) {
  const int64_t step = 1;
  for (int op = 0; op < static_cast<int>(Unary::logical_not); ++op) {
    for (const double size : {0.7, 4.0, 100.0}) {
      const std::vector<T> x = numbers<T>(count, 1, size);
      std::vector<T> out(x.size());
      unary(static_cast<Unary>(op), dtype_of<T>, 1, &count, {x.data(), &step}, out.data());
      keep(outputs, named<T>("unary", op), out);
    }
  }
}

template <class T>
void binary_ops(Outputs& outputs) {
  const int64_t step = 1;
  for (int op = 0; op <= static_cast<int>(Binary::softplus_grad); ++op) {
    const std::vector<T> a = numbers<T>(count, 1, 4), b = numbers<T>(count, 2, 4);
    std::vector<T> out(a.size());
    binary(static_cast<Binary>(op), dtype_of<T>, 1, &count, {a.data(), &step}, {b.data(), &step},
           out.data());
    keep(outputs, named<T>("binary", op), out);
  }
  std::vector<T> y = numbers<T>(count, 3);
  axpy(dtype_of<T>, count, 0.3, numbers<T>(count, 4).data(), y.data());
  keep(outputs, named<T>("axpy"), y);
}

template <class T>
void softmaxes(Outputs& outputs) {
  const std::vector<T> x = numbers<T>(rows * cols, 1, 5), dout = numbers<T>(rows * cols, 2);
  std::vector<T> out(x.size()), dx(x.size());
  softmax(rows, cols, x.data(), out.data());
  keep(outputs, named<T>("softmax"), out);
  softmax_backward(rows, cols, dout.data(), out.data(), dx.data());
  keep(outputs, named<T>("softmax_backward"), dx);
  log_softmax(rows, cols, x.data(), out.data());
  keep(outputs, named<T>("log_softmax"), out);
  log_softmax_backward(rows, cols, dout.data(), out.data(), dx.data());
  keep(outputs, named<T>("log_softmax_backward"), dx);
}

template <class T>
void losses(Outputs& outputs) {
  const std::vector<T> logits = numbers<T>(rows * cols, 1, 5), weight = numbers<T>(cols, 2);
  std::vector<int64_t> targets(rows);
  random_integers(rows, 1, 0, 0, cols, targets.data());
  const std::vector<T> dlosses = numbers<T>(rows, 3);
  for (const double smoothing : {0.0, 0.1}) {
    const CrossEntropy<T> options{.weight = weight.data(), .label_smoothing = smoothing};
    std::vector<T> loss(rows), dlogits(logits.size());
    std::vector<double> lse(rows);
    cross_entropy(rows, cols, logits.data(), targets.data(), options, loss.data(), lse.data());
    keep(outputs, named<T>("cross_entropy", smoothing), loss);
    keep(outputs, named<T>("cross_entropy's lse", smoothing), lse);
    cross_entropy_backward(rows, cols, logits.data(), targets.data(), options, lse.data(),
                           dlosses.data(), dlogits.data());
    keep(outputs, named<T>("cross_entropy_backward", smoothing), dlogits);
  }
}

template <class T>
void norms(Outputs& outputs) {
  const std::vector<T> x = numbers<T>(rows * cols, 1, 3), dout = numbers<T>(rows * cols, 2);
  const std::vector<T> w = numbers<T>(cols, 3), b = numbers<T>(cols, 4);
  std::vector<T> out(x.size()), dx(x.size()), dw(cols), db(cols);
  std::vector<double> mean(rows), rstd(rows);
  layer_norm(rows, cols, 1e-5, x.data(), w.data(), b.data(), out.data(), mean.data(), rstd.data());
  keep(outputs, named<T>("layer_norm"), out);
  keep(outputs, named<T>("layer_norm's mean"), mean);
  keep(outputs, named<T>("layer_norm's rstd"), rstd);
  layer_norm_backward(rows, cols, dout.data(), x.data(), w.data(), mean.data(), rstd.data(),
                      dx.data(), dw.data(), db.data());
  for (const auto* found : {&dx, &dw, &db}) keep(outputs, named<T>("layer_norm_backward"), *found);
  rms_norm(rows, cols, 1e-5, x.data(), w.data(), out.data(), rstd.data());
  keep(outputs, named<T>("rms_norm"), out);
  rms_norm_backward(rows, cols, dout.data(), x.data(), w.data(), rstd.data(), dx.data(), dw.data());
  for (const auto* found : {&dx, &dw}) keep(outputs, named<T>("rms_norm_backward"), *found);
}

template <class T>
void reductions(Outputs& outputs) {
  const std::vector<T> x = numbers<T>(rows * cols, 1, 3);
  for (const int64_t outer : {int64_t{1}, rows}) {
    for (const int64_t inner : {int64_t{1}, cols}) {
      const int64_t reduced = rows * cols / outer / inner;
      std::vector<T> out(static_cast<size_t>(outer * inner)), variances(out.size());
      sum(outer, reduced, inner, x.data(), out.data());
      keep(outputs, named<T>("sum"), out);
      for (const double p : {1.0, 2.0}) {
        norm(outer, reduced, inner, p, x.data(), out.data());
        keep(outputs, named<T>("norm", p), out);
      }
      variance(outer, reduced, inner, 1, x.data(), out.data(), variances.data());
      keep(outputs, named<T>("variance"), variances);
      logsumexp(outer, reduced, inner, x.data(), out.data());
      keep(outputs, named<T>("logsumexp"), out);
    }
  }
}

template <class T>
void optimizers(Outputs& outputs) {
  const std::vector<T> g = numbers<T>(count, 2);
  for (const bool other : {false, true}) {
    std::vector<T> p = numbers<T>(count, 1), m(p.size()), v(p.size()), largest(p.size());
    for (int64_t step = 1; step <= 3; ++step) {
      const AdamSpan<T> span{
          count, p.data(), g.data(), m.data(), v.data(), other ? largest.data() : nullptr, step};
      adam(1, &span, {.weight_decay = 0.1, .decoupled = other});
    }
    for (const auto* found : {&p, &m, &v}) keep(outputs, named<T>("adam", other), *found);
    std::vector<T> buffer(p.size());
    for (const bool first : {true, false}) {
      const SgdSpan<T> span{count, p.data(), g.data(), other ? buffer.data() : nullptr, first};
      sgd(1, &span, {.momentum = 0.9, .dampening = 0.2, .weight_decay = 0.1});
    }
    keep(outputs, named<T>("sgd", other), p);
    std::vector<T> square_mean(p.size()), mean(p.size());
    for (int step = 0; step < 3; ++step) {
      const RmspropSpan<T> span{count,
                                p.data(),
                                g.data(),
                                square_mean.data(),
                                other ? mean.data() : nullptr,
                                other ? buffer.data() : nullptr};
      rmsprop(1, &span, {.weight_decay = 0.1, .momentum = 0.9});
    }
    keep(outputs, named<T>("rmsprop", other), p);
  }
  const Span<const T> span{count, g.data()};
  keep(outputs, named<T>("sum_of_squares"), std::vector<double>{sum_of_squares(1, &span)});
}

template <class T>
void random_numbers(Outputs& outputs) {
  std::vector<T> out(count);
  uniform(dtype_of<T>, count, 5, 3, -1, 2, out.data());
  keep(outputs, named<T>("uniform"), out);
  normal(dtype_of<T>, count, 5, 3, 1, 2, out.data());
  keep(outputs, named<T>("normal"), out);
  dropout(dtype_of<T>, count, 5, 3, 0.3, numbers<T>(count, 1).data(), out.data());
  keep(outputs, named<T>("dropout"), out);
}

template <class T>
void rotations(Outputs& outputs) {
  const int64_t sizes[] = {rows}, strides[] = {66};
  const std::vector<T> x = numbers<T>(rows * 66, 1);
  for (const bool interleaved : {false, true}) {
    std::vector<T> out(x.size());
    rotary({.offset = 5, .length = rows, .width = 66, .dim = 62, .interleaved = interleaved}, 1,
           sizes, strides, x.data(), strides, out.data());
    keep(outputs, named<T>("rotary", interleaved), out);
  }
}

// Sums of more than one block, and fewer rows and columns than fit.
void products(Outputs& outputs) {
  for (const auto [m, n, k] : {std::array<int64_t, 3>{37, 67, 83}, {5, 8, 300}, {70, 131, 517}}) {
    for (const int kind : {0, 1, 2, 3}) {
      const bool trans_a = kind % 2 == 1, trans_b = kind / 2 == 1;
      const std::vector<float> a = numbers(m * k, 1), b = numbers(k * n, 2), bias = numbers(n, 3);
      std::vector<float> c = numbers(m * n, 4);
      gemm<float>(trans_a, trans_b, m, n, k, 0.7f, a.data(), trans_a ? m : k, b.data(),
                  trans_b ? k : n, kind == 0 ? 0.0f : 0.3f, c.data(), n,
                  kind < 2 ? bias.data() : nullptr);
      keep(outputs, named<float>("gemm", kind), c);
    }
  }
}

void linear_gradients(Outputs& outputs) {
  const int64_t many = 300, out = 67, in = 37;
  const std::vector<float> dout = numbers(many * out, 1), x = numbers(many * in, 2),
                           weight = numbers(out * in, 3);
  std::vector<float> dx(x.size()), dweight(weight.size()), dbias(out);
  linear_backward<float>({many, out, in, dout.data(), x.data(), weight.data(), dx.data(),
                          dweight.data(), dbias.data()});
  for (const auto* found : {&dx, &dweight, &dbias})
    keep(outputs, named<float>("linear_backward"), *found);
}

void attentions(Outputs& outputs) {
  const AttentionShape shape{2, 3, rows, rows, 16, 16};
  const auto size = 6 * rows * 16;
  const std::vector<float> q = numbers(size, 1, 2), k = numbers(size, 2, 2), v = numbers(size, 3),
                           dout = numbers(size, 4), mask = numbers(rows * rows, 5);
  const auto rows_of = [](auto& x) {
    return Rows<std::remove_pointer_t<decltype(x.data())>>{x.data(), 3 * rows * 16, rows * 16,
                                                           int64_t{16}};
  };
  for (const bool plain : {true, false}) {
    Attention<float> options{.scale = 0.25f, .causal = plain, .key = 3, .offset = 7};
    if (!plain) {
      options.mask = {.added = mask.data(), .row = rows, .col = 1};
      options.dropout = 0.2;
    }
    std::vector<float> out(q.size()), dq(q.size()), dk(q.size()), dv(q.size());
    std::vector<double> lse(6 * rows);
    attention<float>(shape, rows_of(q), rows_of(k), rows_of(v), options, rows_of(out), lse.data());
    attention_backward<float>(shape, rows_of(q), rows_of(k), rows_of(v), options,
                              rows_of(std::as_const(out)), rows_of(dout), lse.data(), rows_of(dq),
                              rows_of(dk), rows_of(dv));
    keep(outputs, named<float>("attention's lse", plain), lse);
    keep(outputs, named<float>("attention", plain), out);
    for (const auto* found : {&dq, &dk, &dv})
      keep(outputs, named<float>("attention_backward", plain), *found);
  }
}

template <class T>
void of_type(Outputs& outputs) {
  for (const auto kernels : {unary_ops<T>, binary_ops<T>, softmaxes<T>, losses<T>, norms<T>,
                             reductions<T>, optimizers<T>, random_numbers<T>, rotations<T>})
    kernels(outputs);
}

Outputs outputs_of_all(SimdLevel level) {
  const Settings restore;
  set_simd_level(level);
  Outputs outputs;
  of_type<float>(outputs);
  of_type<double>(outputs);
  products(outputs);
  linear_gradients(outputs);
  attentions(outputs);
  return outputs;
}

// Where they first differ, or -1. NaN equals NaN, 0 is not -0.
int64_t first_difference(const std::vector<double>& a, const std::vector<double>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    const bool both_nan = a[i] != a[i] && b[i] != b[i];
    if (!both_nan && std::memcmp(&a[i], &b[i], sizeof a[i]) != 0) return static_cast<int64_t>(i);
  }
  return -1;
}

TEST(SameBits, ComeFromEveryKernelWithAvx2AndWithAvx512) {
  if (best_simd_level() < SimdLevel::avx512) GTEST_SKIP() << "this processor has no AVX-512";
  const Outputs avx2 = outputs_of_all(SimdLevel::avx2), avx512 = outputs_of_all(SimdLevel::avx512);
  ASSERT_EQ(avx2.size(), avx512.size());
  for (size_t i = 0; i < avx2.size(); ++i) {
    ASSERT_EQ(avx2[i].values.size(), avx512[i].values.size()) << avx2[i].name;
    EXPECT_EQ(first_difference(avx2[i].values, avx512[i].values), -1) << avx2[i].name;
  }
}

}  // namespace
}  // namespace rill::kernels
