#pragma once

#include <gtest/gtest.h>

#include <rill/core/kernels/dispatch.h>
#include <rill/core/threads.h>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

namespace rill::kernels {

inline constexpr double inf = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// n numbers spread evenly over (-size, size), the same for the same seed.
template <class T = float>
std::vector<T> numbers(int64_t n, uint32_t seed, double size = 1) {
  std::vector<T> out(static_cast<size_t>(n));
  for (T& value : out) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<T>((static_cast<double>(seed >> 8) / 8388608.0 - 1.0) * size);
  }
  return out;
}

template <class T>
std::vector<double> doubles(const std::vector<T>& x) {
  return {x.begin(), x.end()};
}

/// Restores the number of threads.
struct Threads {
  explicit Threads(int n) : saved(num_threads()) { set_num_threads(n); }
  ~Threads() { set_num_threads(saved); }
  int saved;
};

/// Expects `make()`, which returns a vector, to give the same bits for every number of threads.
template <class F>
void expect_same_bits_on_any_threads(F make) {
  const Threads restore(1);
  const auto expected = make();
  for (int threads : {2, 3, 4, 8}) {
    set_num_threads(threads);
    const auto found = make();
    ASSERT_EQ(found.size(), expected.size());
    if (found.empty()) continue;
    EXPECT_EQ(std::memcmp(found.data(), expected.data(), found.size() * sizeof(found[0])), 0)
        << threads << " threads";
  }
}

/// Calls f() once for every instruction set that this machine has.
template <class F>
void at_every_simd_level(F f) {
  const SimdLevel saved = simd_level();
  for (int i = 0; i <= static_cast<int>(best_simd_level()); ++i) {
    set_simd_level(static_cast<SimdLevel>(i));
    SCOPED_TRACE(i);
    f();
  }
  set_simd_level(saved);
}

/// Expects |found - expected| <= tolerance · max(1, |expected|) everywhere; NaN equals NaN.
template <class A, class B>
void expect_near(const std::vector<A>& found, const std::vector<B>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const double a = static_cast<double>(found[i]), b = static_cast<double>(expected[i]);
    if (a == b || (a != a && b != b)) continue;
    const double size = b < 0 ? -b : b;
    ASSERT_LE((a < b ? b - a : a - b), tolerance * (size > 1 ? size : 1))
        << "at " << i << ": " << a << " instead of " << b;
  }
}

}  // namespace rill::kernels
