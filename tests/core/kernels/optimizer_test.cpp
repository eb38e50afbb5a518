#include <gtest/gtest.h>

#include <rill/core/kernels/optimizer.h>
#include <tests/core/kernels/kernel_test.h>
#include <algorithm>
#include <cmath>

namespace rill::kernels {
namespace {

// Four steps from [1, -2, 0.5] with the gradients [0.1, -0.2, 0.3] times 1, 2, -3 and -4; what the
// tests below expect was computed by PyTorch 2.13.
constexpr double factors[] = {1, 2, -3, -4};
const std::vector<double> start = {1, -2, 0.5}, slope = {0.1, -0.2, 0.3};

template <class T>
std::vector<T> gradient(int step) {
  std::vector<T> g;
  for (double s : slope) g.push_back(static_cast<T>(s * factors[step]));
  return g;
}

template <class T>
std::vector<T> after_adam(const Adam& options, bool amsgrad) {
  std::vector<T> p(start.begin(), start.end()), m(3), v(3), vmax(3);
  for (int step = 0; step < 4; ++step) {
    const auto g = gradient<T>(step);
    const AdamSpan<T> span{
        3, p.data(), g.data(), m.data(), v.data(), amsgrad ? vmax.data() : nullptr, step + 1};
    adam(1, &span, options);
  }
  return p;
}

template <class T>
std::vector<T> after_sgd(const Sgd& options) {
  std::vector<T> p(start.begin(), start.end()), buffer(3, static_cast<T>(nan));
  for (int step = 0; step < 4; ++step) {
    const auto g = gradient<T>(step);
    const SgdSpan<T> span{3, p.data(), g.data(), options.momentum == 0 ? nullptr : buffer.data(),
                          step == 0};
    sgd(1, &span, options);
  }
  return p;
}

template <class T>
std::vector<T> after_rmsprop(const Rmsprop& options, bool centered) {
  std::vector<T> p(start.begin(), start.end()), v(3), m(3), buffer(3);
  for (int step = 0; step < 4; ++step) {
    const auto g = gradient<T>(step);
    const RmspropSpan<T> span{3,
                              p.data(),
                              g.data(),
                              v.data(),
                              centered ? m.data() : nullptr,
                              options.momentum == 0 ? nullptr : buffer.data()};
    rmsprop(1, &span, options);
  }
  return p;
}

void expect_adam(const Adam& options, bool amsgrad, const std::vector<double>& expected) {
  at_every_simd_level([&] {
    expect_near(after_adam<double>(options, amsgrad), expected, 1e-14);
    expect_near(after_adam<float>(options, amsgrad), expected, 3e-7);
  });
}

void expect_sgd(const Sgd& options, const std::vector<double>& expected) {
  at_every_simd_level([&] {
    expect_near(after_sgd<double>(options), expected, 1e-14);
    expect_near(after_sgd<float>(options), expected, 3e-7);
  });
}

void expect_rmsprop(const Rmsprop& options, bool centered, const std::vector<double>& expected) {
  at_every_simd_level([&] {
    expect_near(after_rmsprop<double>(options, centered), expected, 1e-14);
    expect_near(after_rmsprop<float>(options, centered), expected, 1e-6);
  });
}

TEST(AdamKernel, GivesPyTorchsNumbers) {
  expect_adam({.lr = 0.1, .weight_decay = 0.05}, false,
              {0.819511303194932, -1.8173263190507, 0.350720552272352});
  expect_adam({.lr = 0.1, .weight_decay = 0.05, .decoupled = true}, false,
              {0.838892277026386, -1.81904177070083, 0.348817517446477});
  expect_adam({.lr = 0.1, .beta1 = 0.8, .beta2 = 0.9}, true,
              {0.871776215673962, -1.87177620892907, 0.371776206680769});
}

TEST(SgdKernel, GivesPyTorchsNumbers) {
  expect_sgd({.lr = 0.1, .weight_decay = 0.05}, {1.020348251875, -2.04069650375, 0.6106710040625});
  expect_sgd({.lr = 0.1, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.05},
             {0.959384313893125, -1.91876862778625, 0.469686858643437});
  expect_sgd({.lr = 0.1, .momentum = 0.9, .nesterov = true, .maximize = true},
             {0.952431, -1.904862, 0.357293});
}

TEST(RmspropKernel, GivesPyTorchsNumbers) {
  expect_rmsprop({.lr = 0.1, .alpha = 0.9, .weight_decay = 0.05}, false,
                 {0.870367229757854, -1.85854482551789, 0.395498321341497});
  expect_rmsprop({.lr = 0.1, .alpha = 0.9, .momentum = 0.8}, false,
                 {0.0744198286267494, -1.07441965849043, -0.425580398221681});
  expect_rmsprop({.lr = 0.1, .alpha = 0.9, .eps = 0.01}, true,
                 {0.95010578817881, -1.91150784102345, 0.39588479889962});
  expect_rmsprop({.lr = 0.1, .alpha = 0.3, .weight_decay = 0.05, .momentum = 0.8}, true,
                 {0.0077567177012601, -0.998150983191961, -0.413301807461425});
}

// In pieces of a few elements none is beyond the first of the blocks that the kernel goes by.
TEST(AdamKernel, StepsEachElementAsItStepsFew) {
  const int64_t n = 1300;
  const auto start = numbers(n, 1), g = numbers(n, 2);
  const auto step = [&](int64_t piece, bool amsgrad) {
    auto p = start, m = numbers(n, 3);
    std::vector<float> v(start.size(), 0.5f), vmax(start.size(), 0.6f);
    for (int64_t i = 0; i < n; i += piece) {
      const AdamSpan<float> span{std::min(piece, n - i),
                                 p.data() + i,
                                 g.data() + i,
                                 m.data() + i,
                                 v.data() + i,
                                 amsgrad ? vmax.data() + i : nullptr,
                                 2};
      adam(1, &span, {.weight_decay = 0.1, .decoupled = true});
    }
    for (const auto* x : {&m, &v, &vmax}) p.insert(p.end(), x->begin(), x->end());
    return p;
  };
  at_every_simd_level([&] {
    for (const bool amsgrad : {false, true}) {
      const auto whole = step(n, amsgrad), pieces = step(16, amsgrad);
      for (size_t i = 0; i < whole.size(); ++i) ASSERT_FLOAT_EQ(whole[i], pieces[i]) << i;
    }
  });
}

TEST(AdamKernel, StepsManyParametersAsItStepsEach) {
  const int64_t sizes[] = {5, 0, 40000, 3, 9000};
  const auto step = [&](bool together) {
    std::vector<std::vector<float>> p, g, m, v;
    std::vector<AdamSpan<float>> spans;
    for (int64_t n : sizes) {
      p.push_back(numbers(n, 1));
      g.push_back(numbers(n, 2));
      m.push_back(numbers(n, 3));
      v.push_back(std::vector<float>(static_cast<size_t>(n), 0.5f));
      spans.push_back({n, p.back().data(), g.back().data(), m.back().data(), v.back().data(),
                       nullptr, n % 7 + 1});
    }
    if (together) adam(5, spans.data(), {.decoupled = true});
    for (const auto& span : spans) {
      if (!together) adam(1, &span, {.decoupled = true});
    }
    std::vector<float> all;
    for (const auto& x : p) all.insert(all.end(), x.begin(), x.end());
    return all;
  };
  EXPECT_EQ(step(true), step(false));
  expect_same_bits_on_any_threads([&] { return step(true); });
}

TEST(Spans, SumOfSquaresAndScaleGoOverAll) {
  std::vector<float> a = numbers(50000, 1), b = numbers(7, 2);
  const auto sum = [&] {
    const Span<const float> spans[] = {{50000, a.data()}, {0, nullptr}, {7, b.data()}};
    return std::vector<double>{sum_of_squares(3, spans)};
  };
  double expected = 0;
  for (float x : a) expected += static_cast<double>(x) * static_cast<double>(x);
  for (float x : b) expected += static_cast<double>(x) * static_cast<double>(x);
  EXPECT_NEAR(sum()[0], expected, 1e-9 * expected);
  expect_same_bits_on_any_threads(sum);
  const float last = b[6];
  a[1] = static_cast<float>(nan);
  const Span<float> spans[] = {{50000, a.data()}, {7, b.data()}};
  scale(2, spans, 0.0);
  EXPECT_TRUE(std::isnan(a[1]));
  EXPECT_EQ(a[2], 0.0f);
  b[6] = last;
  scale(2, spans, 0.5);
  EXPECT_EQ(b[6], last * 0.5f);
}

}  // namespace
}  // namespace rill::kernels
