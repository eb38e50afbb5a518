#include <gtest/gtest.h>

#include <rill/core/kernels/elementwise.h>
#include <rill/core/threads.h>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace rill::kernels {
namespace {

TEST(Copy, OfAnyStridesToAnyStridesMovesEachElement) {
  struct Form {
    int64_t sizes[3], from[3], to[3];
  };
  const Form forms[] = {
      {{4, 30, 50}, {1500, 50, 1}, {1500, 50, 1}},  // contiguous
      {{4, 30, 50}, {1500, 1, 30}, {1500, 50, 1}},  // transposed inside
      {{4, 30, 50}, {1, 4, 120}, {1500, 50, 1}},    // all reversed
      {{4, 30, 50}, {50, 200, 1}, {1500, 50, 1}},   // heads
      {{4, 30, 50}, {1500, 50, 1}, {1, 4, 120}},    // written reversed
      {{4, 30, 50}, {0, 50, 1}, {1500, 50, 1}},     // broadcast
      {{4, 30, 50}, {30, 1, 0}, {1500, 50, 1}},
      {{1, 200, 300}, {7, 1, 200}, {0, 300, 1}},  // large transpose
      {{1, 1, 1}, {5, 5, 5}, {1, 1, 1}},
      {{2, 0, 3}, {3, 3, 1}, {3, 3, 1}},
  };
  std::vector<float> source(60000), out(60000);
  for (size_t i = 0; i < source.size(); ++i) source[i] = static_cast<float>(i);
  const int saved = num_threads();
  for (int threads : {1, 3}) {
    set_num_threads(threads);
    for (const Form& f : forms) {
      std::fill(out.begin(), out.end(), -1.0f);
      copy(DType::float32, DType::float32, 3, f.sizes, {source.data(), f.from}, out.data(), f.to);
      int64_t written = 0;
      for (int64_t i = 0; i < f.sizes[0]; ++i) {
        for (int64_t j = 0; j < f.sizes[1]; ++j) {
          for (int64_t k = 0; k < f.sizes[2]; ++k, ++written) {
            ASSERT_EQ(out[static_cast<size_t>(i * f.to[0] + j * f.to[1] + k * f.to[2])],
                      static_cast<float>(i * f.from[0] + j * f.from[1] + k * f.from[2]));
          }
        }
      }
      ASSERT_EQ(std::count(out.begin(), out.end(), -1.0f), 60000 - written);
    }
  }
  set_num_threads(saved);
}

template <class From, class To>
std::vector<To> converted(std::vector<From> x) {
  std::vector<To> out(x.size());
  const auto n = static_cast<int64_t>(x.size());
  const int64_t one = 1;
  copy(dtype_of<From>, dtype_of<To>, 1, &n, {x.data(), &one}, out.data(), &one);
  return out;
}

TEST(Copy, ConvertsFloatsToWholeNumbersTowardsZero) {
  constexpr int64_t least = std::numeric_limits<int64_t>::min();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ((converted<float, int64_t>({1.9f, -1.9f, nan, 1e30f})),
            (std::vector<int64_t>{1, -1, least, least}));
  EXPECT_EQ((converted<double, float>({0.1, 2})), (std::vector<float>{0.1f, 2}));
  EXPECT_EQ((converted<int64_t, double>({-7, 1})), (std::vector<double>{-7, 1}));
}

TEST(Copy, ConvertsToBoolByComparingWithZero) {
  const float x[] = {0, -0.0f, 0.5f, std::numeric_limits<float>::quiet_NaN()};
  bool flags[4];
  const int64_t n = 4, one = 1;
  copy(DType::float32, DType::bool_, 1, &n, {x, &one}, flags, &one);
  EXPECT_TRUE(!flags[0] && !flags[1] && flags[2] && flags[3]);
  float back[4];
  copy(DType::bool_, DType::float32, 1, &n, {flags, &one}, back, &one);
  EXPECT_TRUE(back[0] == 0 && back[2] == 1);
}

}  // namespace
}  // namespace rill::kernels
