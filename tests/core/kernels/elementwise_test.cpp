#include <gtest/gtest.h>

#include <rill/core/error.h>
#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/elementwise.h>
#include <rill/core/threads.h>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/core/kernels/simd_levels.h"

namespace rill::kernels {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> apply(Unary op, const std::vector<float>& x) {
  std::vector<float> out(x.size());
  const auto n = static_cast<int64_t>(x.size());
  const int64_t one = 1;
  unary(op, DType::float32, 1, &n, {x.data(), &one}, out.data());
  return out;
}

std::vector<float> apply(Binary op, const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<float> out(a.size());
  const auto n = static_cast<int64_t>(a.size());
  const int64_t one = 1;
  binary(op, DType::float32, 1, &n, {a.data(), &one}, {b.data(), &one}, out.data());
  return out;
}

/// Floats of both signs over the whole range, in equal steps of their bits, and the special ones.
std::vector<float> all_kinds_of_floats() {
  std::vector<float> x = {
      0.0f,           -0.0f,           inf,  -inf,  nan,       1e-45f, -1e-45f, 1.17549435e-38f,
      3.40282347e38f, -3.40282347e38f, 1.0f, -1.0f, 88.72283f, 88.73f, -87.4f,  -103.97f,
      -104.1f};
  for (uint32_t bits = 0; bits < 0x7f800000u; bits += 7919) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    x.push_back(value);
    x.push_back(-value);
  }
  return x;
}

double ulp(double value) {
  const auto magnitude = static_cast<float>(std::fabs(value));
  if (magnitude >= 3.40282347e38f) return std::ldexp(1.0, 104);
  return static_cast<double>(std::nextafter(magnitude, inf)) - static_cast<double>(magnitude);
}

constexpr double least_normal = 0x1p-126;

/// What arithmetic takes x for: denormal numbers are zero.
double flushed(double x) { return std::fabs(x) < least_normal ? std::copysign(0.0, x) : x; }

struct Accuracy {
  Unary op;
  double (*exact)(double);
  double ulps;
  double near_zero = least_normal;  // an error up to this is good as well
};

double sigmoid(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
double softplus(double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }
double gelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }
double gelu_tanh(double x) {
  return x * sigmoid(2 * std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x));
}

const Accuracy accuracies[] = {
    {Unary::exp, [](double x) { return std::exp(x); }, 2},
    {Unary::log, [](double x) { return std::log(x); }, 2},
    {Unary::log1p, [](double x) { return std::log1p(x); }, 2},
    {Unary::sin, [](double x) { return std::sin(x); }, 1},
    {Unary::cos, [](double x) { return std::cos(x); }, 1},
    {Unary::tanh, [](double x) { return std::tanh(x); }, 3},
    {Unary::erf, [](double x) { return std::erf(x); }, 3},
    {Unary::sigmoid, sigmoid, 3},
    {Unary::softplus, softplus, 3, 2 * least_normal},
    {Unary::gelu, gelu, 10, 1e-7},
    {Unary::gelu_tanh, gelu_tanh, 10, 1e-7},
    {Unary::silu, [](double x) { return x * sigmoid(x); }, 4, 90 * least_normal},
    {Unary::rsqrt, [](double x) { return 1 / std::sqrt(x); }, 2},
};

TEST(Unary, OfFloatsIsAsNearToDoubleAsPromisedOverTheWholeRange) {
  const Settings restore;
  const std::vector<float> x = all_kinds_of_floats();
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    for (const Accuracy& a : accuracies) {
      const std::vector<float> y = apply(a.op, x);
      double worst = 0, where = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        const double exact = flushed(a.exact(flushed(static_cast<double>(x[i]))));
        if (std::isnan(exact)) {
          ASSERT_TRUE(std::isnan(y[i])) << static_cast<int>(a.op) << " of " << x[i];
        } else if (std::isinf(static_cast<float>(exact)) || std::isinf(y[i])) {
          ASSERT_EQ(y[i], static_cast<float>(exact)) << static_cast<int>(a.op) << " of " << x[i];
        } else {
          const double error = std::fabs(static_cast<double>(y[i]) - exact);
          if (error > a.near_zero && error / ulp(exact) > worst) {
            worst = error / ulp(exact);
            where = static_cast<double>(x[i]);
          }
        }
      }
      EXPECT_LE(worst, a.ulps) << "op " << static_cast<int>(a.op) << " at " << where << ", level "
                               << static_cast<int>(level);
    }
  }
}

TEST(Unary, GivesTheSpecialValuesOfIeee) {
  const Settings restore;
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    EXPECT_EQ(apply(Unary::log, {0, -0.0f, 1, inf}), (std::vector<float>{-inf, -inf, 0, inf}));
    EXPECT_EQ(apply(Unary::exp, {0, -inf, inf, -200, 200}),
              (std::vector<float>{1, 0, inf, 0, inf}));
    EXPECT_EQ(apply(Unary::rsqrt, {0, 4, inf}), (std::vector<float>{inf, 0.5f, 0}));
    EXPECT_EQ(apply(Unary::reciprocal, {0, -0.0f, inf}), (std::vector<float>{inf, -inf, 0}));
    EXPECT_EQ(apply(Unary::relu, {-1, 0, 2, -inf}), (std::vector<float>{0, 0, 2, 0}));
    EXPECT_EQ(apply(Unary::sign, {-3, -0.0f, 0, 2, inf, nan}),
              (std::vector<float>{-1, 0, 0, 1, 1, 0}));
    EXPECT_EQ(apply(Unary::abs, {-3, -inf}), (std::vector<float>{3, inf}));
    for (Unary op : {Unary::relu, Unary::abs, Unary::exp, Unary::log, Unary::tanh, Unary::erf,
                     Unary::gelu, Unary::sqrt, Unary::sin}) {
      EXPECT_TRUE(std::isnan(apply(op, {nan})[0])) << static_cast<int>(op);
    }
    EXPECT_TRUE(std::isnan(apply(Unary::log, {-1})[0]));
    EXPECT_TRUE(std::signbit(apply(Unary::sin, {-0.0f})[0]));
    EXPECT_TRUE(std::signbit(apply(Unary::tanh, {-0.0f})[0]));
  }
}

TEST(Unary, OfWholeNumbersWrapsAndOfBoolsNegates) {
  const std::vector<int64_t> x = {-3, 0, 4, std::numeric_limits<int64_t>::min()};
  std::vector<int64_t> out(4);
  const int64_t n = 4, one = 1;
  unary(Unary::square, DType::int64, 1, &n, {x.data(), &one}, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{9, 0, 16, 0}));
  unary(Unary::abs, DType::int64, 1, &n, {x.data(), &one}, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{3, 0, 4, x[3]}));
  const bool flags[] = {true, false, true, true};
  bool flipped[4];
  unary(Unary::logical_not, DType::bool_, 1, &n, {flags, &one}, flipped);
  EXPECT_TRUE(!flipped[0] && flipped[1] && !flipped[2] && !flipped[3]);
  EXPECT_THROW(unary(Unary::exp, DType::int64, 1, &n, {x.data(), &one}, out.data()), DTypeError);
}

TEST(Unary, ReadsAnyStrides) {
  // x is [5, 7, 3] in memory; the output runs over its dims in the order 2, 0, 1.
  std::vector<float> x(105);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  const int64_t sizes[] = {3, 5, 7}, strides[] = {1, 21, 3};
  std::vector<float> out(105);
  unary(Unary::neg, DType::float32, 3, sizes, {x.data(), strides}, out.data());
  for (int64_t i = 0, at = 0; i < 3; ++i) {
    for (int64_t j = 0; j < 5; ++j) {
      for (int64_t k = 0; k < 7; ++k, ++at) {
        ASSERT_EQ(out[static_cast<size_t>(at)], static_cast<float>(-(i + 21 * j + 3 * k)));
      }
    }
  }
}

TEST(Binary, BroadcastsEveryWayAndGivesTheSameBitsForAnyNumberOfThreads) {
  const Settings restore;
  const int64_t sizes[] = {6, 50, 70};
  const int64_t forms[][3] = {{3500, 70, 1}, {0, 70, 1},  {0, 0, 1},  {50, 1, 0},
                              {0, 0, 0},     {1, 6, 300}, {70, 0, 1}, {0, 1, 50}};
  std::vector<float> a(21000), b(21000), out(21000);
  for (size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<float>(i % 911) * 0.01f - 3.0f;
    b[i] = static_cast<float>(i % 577) * 0.01f - 2.0f;
  }
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    for (const auto& sa : forms) {
      for (const auto& sb : forms) {
        std::vector<float> first;
        for (int threads : {1, 2, 3, 8}) {
          set_num_threads(threads);
          binary(Binary::sub, DType::float32, 3, sizes, {a.data(), sa}, {b.data(), sb}, out.data());
          if (threads == 1) first = out;
          ASSERT_EQ(out, first) << threads << " threads";
        }
        for (int64_t i = 0, at = 0; i < 6; ++i) {
          for (int64_t j = 0; j < 50; ++j) {
            for (int64_t k = 0; k < 70; ++k, ++at) {
              const auto ia = static_cast<size_t>(i * sa[0] + j * sa[1] + k * sa[2]);
              const auto ib = static_cast<size_t>(i * sb[0] + j * sb[1] + k * sb[2]);
              ASSERT_EQ(out[static_cast<size_t>(at)], a[ia] - b[ib]);
            }
          }
        }
      }
    }
  }
}

TEST(Binary, MaximumAndMinimumLetNanWinAndShareTies) {
  const Settings restore;
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    const std::vector<float> a = {1, 2, nan, 0, 5}, b = {2, 1, 0, nan, 5};
    const auto larger = apply(Binary::maximum, a, b), smaller = apply(Binary::minimum, a, b);
    EXPECT_EQ(larger[0], 2);
    EXPECT_EQ(smaller[0], 1);
    for (size_t i : {2, 3}) {
      EXPECT_TRUE(std::isnan(larger[i]));
      EXPECT_TRUE(std::isnan(smaller[i]));
    }
    EXPECT_EQ(apply(Binary::maximum_share, a, b), (std::vector<float>{0, 1, 1, 1, 0.5f}));
    EXPECT_EQ(apply(Binary::minimum_share, a, b), (std::vector<float>{1, 0, 1, 1, 0.5f}));
  }
}

TEST(Binary, PowKeepsItsEdges) {
  const auto y = apply(Binary::pow, {0, nan, -2, -2, 0, 0}, {0, 0, 0.5f, 3, -1, 0.5f});
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], 1);
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(y[3], -8);
  EXPECT_EQ(y[4], inf);
  EXPECT_EQ(y[5], 0);
  const std::vector<float> x = {-3, 0.5f, 2};
  const int64_t n = 3, one = 1, zero = 0;
  for (float exponent : {2.0f, 3.0f, -1.0f, 0.0f, 1.0f, 4.0f}) {
    std::vector<float> out(3);
    binary(Binary::pow, DType::float32, 1, &n, {x.data(), &one}, {&exponent, &zero}, out.data());
    for (size_t i = 0; i < 3; ++i) EXPECT_FLOAT_EQ(out[i], std::pow(x[i], exponent));
  }
}

TEST(Binary, PowOfWholeNumbersMultiplies) {
  const std::vector<int64_t> a = {2, -3, 5, 2, -1, 1}, b = {10, 3, 0, -1, -3, -7};
  std::vector<int64_t> out(6);
  const int64_t n = 6, one = 1;
  binary(Binary::pow, DType::int64, 1, &n, {a.data(), &one}, {b.data(), &one}, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{1024, -27, 1, 0, -1, 1}));
  EXPECT_THROW(
      binary(Binary::div, DType::int64, 1, &n, {a.data(), &one}, {b.data(), &one}, out.data()),
      DTypeError);
}

TEST(Binary, GradientsAreTheSlopesOfTheFunctions) {
  const Settings restore;
  struct Pair {
    Binary gradient;
    Unary function;
    bool from_output;
  };
  const Pair pairs[] = {{Binary::tanh_grad, Unary::tanh, true},
                        {Binary::sigmoid_grad, Unary::sigmoid, true},
                        {Binary::sqrt_grad, Unary::sqrt, true},
                        {Binary::rsqrt_grad, Unary::rsqrt, true},
                        {Binary::relu_grad, Unary::relu, false},
                        {Binary::gelu_grad, Unary::gelu, false},
                        {Binary::gelu_tanh_grad, Unary::gelu_tanh, false},
                        {Binary::silu_grad, Unary::silu, false},
                        {Binary::softplus_grad, Unary::softplus, false}};
  const int64_t n = 40, one = 1;
  const size_t size = 40;
  for (SimdLevel level : levels()) {
    set_simd_level(level);
    for (const Pair& pair : pairs) {
      const bool positive = pair.function == Unary::sqrt || pair.function == Unary::rsqrt;
      std::vector<double> x(size), up(size), down(size), above(size), below(size), y(size),
          dout(size, 2.0), slope(size);
      for (size_t i = 0; i < size; ++i) {
        x[i] = static_cast<double>(i) * 0.2 + (positive ? 0.3 : -3.95);
        up[i] = x[i] + 1e-6;
        down[i] = x[i] - 1e-6;
      }
      const auto of = [&](const std::vector<double>& in, std::vector<double>& out) {
        unary(pair.function, DType::float64, 1, &n, {in.data(), &one}, out.data());
      };
      of(up, above);
      of(down, below);
      of(x, y);
      const auto& second = pair.from_output ? y : x;
      binary(pair.gradient, DType::float64, 1, &n, {dout.data(), &one}, {second.data(), &one},
             slope.data());
      const std::vector<float> second_float(second.begin(), second.end());
      const auto narrow = apply(pair.gradient, std::vector<float>(size, 2.0f), second_float);
      for (size_t i = 0; i < size; ++i) {
        EXPECT_NEAR(slope[i], (above[i] - below[i]) / 1e-6, 1e-7 + 1e-7 * std::fabs(slope[i]));
        EXPECT_NEAR(narrow[i], slope[i], 2e-6 * std::fmax(1, std::fabs(slope[i])));
      }
    }
    EXPECT_EQ(apply(Binary::relu_grad, {1, 1, 1}, {-1, 0, 1}), (std::vector<float>{0, 0, 1}));
  }
}

}  // namespace
}  // namespace rill::kernels
