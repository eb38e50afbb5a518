#include <gtest/gtest.h>

#include <rill/core/kernels/layer_norm.h>
#include <tests/core/kernels/kernel_test.h>
#include <array>
#include <cmath>
#include <functional>

namespace rill::kernels {
namespace {

/// The definition in double; without `centered`, RMSNorm.
template <class T>
std::vector<double> naive(bool centered, int64_t rows, int64_t cols, double eps,
                          const std::vector<T>& x, const std::vector<T>& weight,
                          const std::vector<T>& bias) {
  std::vector<double> out = doubles(x);
  for (int64_t r = 0; r < rows; ++r) {
    double* row = out.data() + r * cols;
    double mean = 0, square = 0;
    for (int64_t j = 0; centered && j < cols; ++j) mean += row[j] / static_cast<double>(cols);
    for (int64_t j = 0; j < cols; ++j) square += std::pow(row[j] - mean, 2);
    for (int64_t j = 0; j < cols; ++j) {
      const auto at = static_cast<size_t>(j);
      row[j] = (row[j] - mean) / std::sqrt(square / static_cast<double>(cols) + eps);
      row[j] = row[j] * static_cast<double>(weight[at]) + static_cast<double>(bias[at]);
    }
  }
  return out;
}

TEST(LayerNorm, AgreesWithTheDefinitionAtEveryInstructionSet) {
  at_every_simd_level([] {
    for (int64_t cols : {1, 5, 64, 384, 1000}) {
      const auto x = numbers(9 * cols, 1, 3), w = numbers(cols, 2), b = numbers(cols, 3);
      std::vector<float> out(x.size()), none(static_cast<size_t>(cols), 0.0f),
          ones(static_cast<size_t>(cols), 1.0f);
      layer_norm(9, cols, 1e-5, x.data(), w.data(), b.data(), out.data(), nullptr, nullptr);
      expect_near(out, naive(true, 9, cols, 1e-5, x, w, b), 1e-6);
      layer_norm<float>(9, cols, 1e-5, x.data(), nullptr, nullptr, out.data(), nullptr, nullptr);
      expect_near(out, naive(true, 9, cols, 1e-5, x, ones, none), 1e-6);
      rms_norm(9, cols, 1e-6, x.data(), w.data(), out.data(), nullptr);
      expect_near(out, naive(false, 9, cols, 1e-6, x, w, none), 1e-6);
    }
  });
}

TEST(LayerNorm, StaysRightFarFromZero) {
  at_every_simd_level([] {
    const int64_t rows = 50, cols = 256;
    auto x = numbers(rows * cols, 1, 0.0017);  // variance 1e-6
    for (float& value : x) value += 1e4f;
    const std::vector<float> ones(cols, 1.0f), none(cols, 0.0f);
    std::vector<float> out(x.size());
    layer_norm<float>(rows, cols, 1e-5, x.data(), nullptr, nullptr, out.data(), nullptr, nullptr);
    expect_near(out, naive(true, rows, cols, 1e-5, x, ones, none), 1e-6);
  });
}

/// Σ out · dout, whose gradients backward must give.
double objective(bool centered, int64_t rows, int64_t cols, const std::vector<double>& x,
                 const std::vector<double>& w, const std::vector<double>& b,
                 const std::vector<double>& dout) {
  const auto out = naive(centered, rows, cols, 1e-5, x, w, b);
  double total = 0;
  for (size_t i = 0; i < out.size(); ++i) total += out[i] * dout[i];
  return total;
}

std::vector<double> differences(std::vector<double>& x, const std::function<double()>& f) {
  std::vector<double> out(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double saved = x[i];
    x[i] = saved + 1e-5;
    out[i] = f() / 2e-5;
    x[i] = saved - 1e-5;
    out[i] -= f() / 2e-5;
    x[i] = saved;
  }
  return out;
}

TEST(LayerNorm, BackwardAgreesWithDifferences) {
  const int64_t rows = 4, cols = 6;
  auto x = numbers<double>(rows * cols, 1), w = numbers<double>(cols, 2);
  auto b = numbers<double>(cols, 3);
  const auto dout = numbers<double>(rows * cols, 4);
  for (bool centered : {true, false}) {
    std::vector<double> out(x.size()), mean(4), rstd(4), dx(x.size()), dw(6), db(6);
    if (centered) {
      layer_norm(rows, cols, 1e-5, x.data(), w.data(), b.data(), out.data(), mean.data(),
                 rstd.data());
      layer_norm_backward(rows, cols, dout.data(), x.data(), w.data(), mean.data(), rstd.data(),
                          dx.data(), dw.data(), db.data());
    } else {
      rms_norm(rows, cols, 1e-5, x.data(), w.data(), out.data(), rstd.data());
      rms_norm_backward(rows, cols, dout.data(), x.data(), w.data(), rstd.data(), dx.data(),
                        dw.data());
    }
    const auto f = [&] { return objective(centered, rows, cols, x, w, b, dout); };
    expect_near(dx, differences(x, f), 1e-8);
    expect_near(dw, differences(w, f), 1e-8);
    if (centered) expect_near(db, differences(b, f), 1e-8);
  }
}

TEST(LayerNorm, BackwardOfFloatsAgreesWithDoubles) {
  const int64_t rows = 700, cols = 130;
  const auto x = numbers(rows * cols, 1), dout = numbers(rows * cols, 2), w = numbers(cols, 3);
  const auto run = [&]<class T>(T) {
    const std::vector<T> xs(x.begin(), x.end()), gs(dout.begin(), dout.end()),
        ws(w.begin(), w.end());
    std::vector<T> out(x.size() + 2 * static_cast<size_t>(cols));
    std::vector<double> mean(700), rstd(700);
    layer_norm<T>(rows, cols, 1e-5, xs.data(), ws.data(), nullptr, out.data(), mean.data(),
                  rstd.data());
    layer_norm_backward<T>(rows, cols, gs.data(), xs.data(), ws.data(), mean.data(), rstd.data(),
                           out.data(), out.data() + rows * cols, out.data() + (rows + 1) * cols);
    return out;
  };
  at_every_simd_level([&] { expect_near(run(0.0f), run(0.0), 5e-6); });
  expect_same_bits_on_any_threads([&] { return run(0.0f); });
}

/// Rows of x and dout, and what both directions make of some of them.
struct Rows {
  std::vector<double> x, dout, weight;
  int64_t cols;

  /// out, dx, mean and rstd of the rows [begin, end).
  std::array<std::vector<double>, 4> run(bool centered, bool weighted, int64_t begin,
                                         int64_t end) const {
    const int64_t n = end - begin;
    const double *from = x.data() + begin * cols, *d = dout.data() + begin * cols,
                 *w = weighted ? weight.data() : nullptr;
    std::vector<double> out(static_cast<size_t>(n * cols)),
        dx = out, mean(static_cast<size_t>(n)), rstd = mean, dw(static_cast<size_t>(cols));
    if (centered) {
      layer_norm<double>(n, cols, 1e-5, from, w, nullptr, out.data(), mean.data(), rstd.data());
      layer_norm_backward<double>(n, cols, d, from, w, mean.data(), rstd.data(), dx.data(),
                                  dw.data(), nullptr);
    } else {
      rms_norm<double>(n, cols, 1e-5, from, w, out.data(), rstd.data());
      rms_norm_backward<double>(n, cols, d, from, w, rstd.data(), dx.data(), dw.data());
    }
    return {out, dx, mean, rstd};
  }
};

TEST(LayerNorm, OfARowDoesNotDependOnTheRowsBesideIt) {
  const int64_t rows = 100, cols = 10;
  const Rows all{numbers<double>(rows * cols, 1), numbers<double>(rows * cols, 2),
                 numbers<double>(cols, 3), cols};
  for (const bool centered : {true, false}) {
    for (const bool weighted : {true, false}) {
      const auto together = all.run(centered, weighted, 0, rows);
      for (int64_t row = 0; row < rows; ++row) {
        const auto alone = all.run(centered, weighted, row, row + 1);
        for (size_t what = 0; what < alone.size(); ++what) {
          const auto width = static_cast<std::ptrdiff_t>(alone[what].size());
          const auto begin = together[what].begin() + row * width;
          ASSERT_EQ(std::vector<double>(begin, begin + width), alone[what])
              << "row " << row << ", number " << what << " of out, dx, mean and rstd";
        }
      }
    }
  }
}

}  // namespace
}  // namespace rill::kernels
