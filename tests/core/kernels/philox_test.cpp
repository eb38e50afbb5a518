#include <gtest/gtest.h>

#include <rill/core/error.h>
#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/philox.h>
#include <rill/core/threads.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace rill::kernels {
namespace {

struct Settings {
  SimdLevel level = simd_level();
  int threads = num_threads();
  ~Settings() {
    set_simd_level(level);
    set_num_threads(threads);
  }
};

TEST(Philox, GivesTheKnownAnswersOfItsAuthors) {  // Random123, kat_vectors, philox4x32 10
  const Settings restore;
  using Block = std::array<uint32_t, 4>;
  for (int level = 0; level <= static_cast<int>(best_simd_level()); ++level) {
    set_simd_level(static_cast<SimdLevel>(level));
    EXPECT_EQ(philox_block(0, 0, 0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    const uint64_t ones = ~uint64_t{0};
    EXPECT_EQ(philox_block(ones, ones, ones),
              (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox_block(0x299f31d0a4093822u, 0x85a308d3243f6a88u, 0x0370734413198a2eu),
              (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
  }
}

/// What each kind of fill writes for n elements, as doubles.
std::vector<std::vector<double>> fills(int64_t n) {
  const auto size = static_cast<size_t>(n);
  std::vector<float> f(size), ones(size, 1.0f);
  std::vector<double> d(size), wide(size, 1.0);
  std::vector<int64_t> i(size);
  std::vector<uint64_t> u(size);
  std::vector<std::vector<double>> result;
  const auto keep = [&](const auto& values) { result.emplace_back(values, values + n); };
  uniform(DType::float32, n, 7, 100, -1, 1, f.data()), keep(f.data());
  uniform(DType::float64, n, 7, 100, -1, 1, d.data()), keep(d.data());
  normal(DType::float32, n, 7, 100, 0, 1, f.data()), keep(f.data());
  normal(DType::float64, n, 7, 100, 0, 1, d.data()), keep(d.data());
  dropout(DType::float32, n, 7, 100, 0.25, ones.data(), f.data()), keep(f.data());
  dropout(DType::float64, n, 7, 100, 0.25, wide.data(), d.data()), keep(d.data());
  random_integers(n, 7, 100, -5, 1000, i.data()), keep(i.data());
  random_bits(n, 7, 100, u.data()), keep(u.data());
  return result;
}

TEST(Philox, FillsDependOnNeitherThreadsNorInstructionSetNorLength) {
  const Settings restore;
  set_num_threads(1);
  set_simd_level(SimdLevel::portable);
  const auto expected = fills(10007);
  for (int level = 0; level <= static_cast<int>(best_simd_level()); ++level) {
    set_simd_level(static_cast<SimdLevel>(level));
    for (int threads : {1, 2, 3, 8}) {
      set_num_threads(threads);
      EXPECT_EQ(fills(10007), expected) << threads << " threads, level " << level;
    }
    for (int64_t n : {1, 17, 65, 4096}) {
      const auto part = fills(n);
      for (size_t kind = 0; kind < part.size(); ++kind) {
        EXPECT_TRUE(std::equal(part[kind].begin(), part[kind].end(), expected[kind].begin()))
            << "kind " << kind << ", " << n << " elements";
      }
    }
  }
}

// Sixteen blocks are made at once, and their counters may pass 2³² or 2⁶⁴ among them.
TEST(Philox, EveryBlockOfAFillHasItsOwnCounter) {
  const Settings restore;
  const auto expect_blocks_from = [](uint64_t counter) {
    std::array<uint64_t, 32> bits;
    random_bits(32, 7, counter, bits.data());
    for (uint64_t b = 0; b < 16; ++b) {
      const std::array<uint32_t, 4> block = philox_block(7, counter + b);
      EXPECT_EQ(bits[b], uint64_t{block[2]} << 32 | block[0]) << "block " << b << ", " << counter;
      EXPECT_EQ(bits[16 + b], uint64_t{block[3]} << 32 | block[1]) << "block " << b;
    }
  };
  for (int level = 0; level <= static_cast<int>(best_simd_level()); ++level) {
    set_simd_level(static_cast<SimdLevel>(level));
    for (const uint64_t counter : {uint64_t{5}, (uint64_t{1} << 32) - 8, ~uint64_t{0} - 7})
      expect_blocks_from(counter);
  }
}

TEST(Philox, FillsThatFollowEachOtherShareNoBlocks) {
  std::vector<uint64_t> both(128), second(64);
  random_bits(128, 3, 0, both.data());
  random_bits(64, 3, static_cast<uint64_t>(blocks_for(64)), second.data());
  EXPECT_TRUE(std::equal(second.begin(), second.end(), both.begin() + 64));
  std::sort(both.begin(), both.end());
  EXPECT_EQ(std::unique(both.begin(), both.end()), both.end());
  EXPECT_EQ(blocks_for(0), 0);
  EXPECT_EQ(blocks_for(1), 16);
  EXPECT_EQ(blocks_for(33), 32);
}

struct Moments {
  double mean = 0, variance = 0, least = 0, most = 0;
};
template <class T>
Moments moments(const std::vector<T>& x) {
  double sum = 0, squares = 0;
  for (T v : x) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  const auto n = static_cast<double>(x.size());
  const auto [least, most] = std::minmax_element(x.begin(), x.end());
  return {sum / n, squares / n - sum / n * (sum / n), static_cast<double>(*least),
          static_cast<double>(*most)};
}

template <class T>
void check_distributions() {
  const int64_t n = 200000;  // bounds are five standard errors
  std::vector<T> x(n);
  uniform(dtype_of<T>, n, 11, 0, 2, 5, x.data());
  const Moments flat = moments(x);
  EXPECT_NEAR(flat.mean, 3.5, 5 * std::sqrt(0.75 / n));
  EXPECT_NEAR(flat.variance, 0.75, 0.01);
  EXPECT_GE(flat.least, 2);
  EXPECT_LT(flat.most, 5);
  normal(dtype_of<T>, n, 11, 0, 1, 2, x.data());
  const Moments bell = moments(x);
  EXPECT_NEAR(bell.mean, 1, 5 * 2 / std::sqrt(n));
  EXPECT_NEAR(bell.variance, 4, 5 * 4 * std::sqrt(2.0 / n));
  const auto within = std::count_if(x.begin(), x.end(), [](T v) { return std::fabs(v - 1) < 2; });
  EXPECT_NEAR(static_cast<double>(within) / n, 0.682689492, 5 * std::sqrt(0.2166 / n));
}

TEST(Philox, FillsHaveTheMomentsOfTheirDistributions) {
  check_distributions<float>();
  check_distributions<double>();
  std::vector<int64_t> whole(200000);
  random_integers(200000, 11, 0, -3, 4, whole.data());
  const Moments die = moments(whole);
  EXPECT_NEAR(die.mean, 0, 5 * 2 / std::sqrt(200000.0));
  EXPECT_NEAR(die.variance, 4, 0.05);
  EXPECT_EQ(die.least, -3);
  EXPECT_EQ(die.most, 3);
}

TEST(Philox, NarrowRangesNeverReachTheirUpperBound) {
  std::vector<float> x(100000);
  const float high = std::nextafter(1.0f, 2.0f);
  uniform(DType::float32, 100000, 1, 0, 1, static_cast<double>(high), x.data());
  for (float v : x) ASSERT_EQ(v, 1.0f);
  uniform(DType::float32, 10, 1, 0, 3, 3, x.data());
  EXPECT_EQ(x[0], 3.0f);
}

TEST(Dropout, ScalesWhatItKeepsAndZeroesTheRestWhateverItIs) {
  const int64_t n = 100000;
  std::vector<float> x(n, std::numeric_limits<float>::quiet_NaN()), y(n), ones(n, 1.0f), mask(n);
  dropout(DType::float32, n, 5, 9, 0.2, x.data(), y.data());
  dropout(DType::float32, n, 5, 9, 0.2, ones.data(), mask.data());
  int64_t kept = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_TRUE(mask[i] == 0 ? y[i] == 0 : std::isnan(y[i]) && mask[i] == 1.25f);
    kept += mask[i] != 0;
  }
  EXPECT_NEAR(static_cast<double>(kept), 0.8 * n, 5 * std::sqrt(0.16 * n));
  dropout(DType::float32, n, 5, 9, 1, x.data(), y.data());
  EXPECT_EQ(y, std::vector<float>(n, 0.0f));
  dropout(DType::float32, n, 5, 9, 0, ones.data(), y.data());
  EXPECT_EQ(y, ones);
}

TEST(Philox, RefusesWhatHasNoMeaning) {
  float x = 1;
  int64_t i = 0;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double p : {-0.1, 1.1, nan}) {
    EXPECT_THROW(dropout(DType::float32, 1, 0, 0, p, &x, &x), ValueError);
  }
  EXPECT_THROW(random_integers(1, 0, 0, 3, 3, &i), ValueError);
  EXPECT_THROW(uniform(DType::int64, 1, 0, 0, 0, 1, &i), DTypeError);
}

}  // namespace
}  // namespace rill::kernels
