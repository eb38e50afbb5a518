#include <rill/core/random.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>
#include <thread>

#include <rill/core/ops.h>
#include <rill/core/tensor.h>
#include <rill/core/threads.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_error;

std::pair<double, double> mean_and_deviation(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / n)};
}

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  Generator a(7), b(7), c(8);
  const auto first = randn({100}, a).to_vector<float>();
  EXPECT_EQ(first, randn({100}, b).to_vector<float>());
  EXPECT_NE(first, randn({100}, c).to_vector<float>());
  EXPECT_NE(first, randn({100}, a).to_vector<float>()) << "two draws must differ";
}

TEST(Random, ManualSeedRestartsTheDefaultGenerator) {
  manual_seed(5);
  const auto first = rand({10}).to_vector<float>();
  const auto second = rand({10}).to_vector<float>();
  manual_seed(5);
  EXPECT_EQ(first, rand({10}).to_vector<float>());
  EXPECT_EQ(second, rand({10}).to_vector<float>());
}

TEST(Random, EachThreadHasItsOwnDefaultGenerator) {
  manual_seed(5);
  const auto first = rand({4}).to_vector<float>();
  manual_seed(5);
  std::thread([] { rand({100}); }).join();
  EXPECT_EQ(first, rand({4}).to_vector<float>());
}

/// What a new thread draws.
std::vector<float> drawn_on_a_thread(int64_t count) {
  std::vector<float> found;
  std::thread([&] { found = rand({count}).to_vector<float>(); }).join();
  return found;
}

TEST(Random, ThreadsDrawDifferentNumbers) {
  manual_seed(5);
  const auto first = drawn_on_a_thread(4), second = drawn_on_a_thread(4);
  EXPECT_NE(first, second);
  EXPECT_NE(first, rand({4}).to_vector<float>());
}

TEST(Random, SeedsOfOtherThreadsAreTheSameEverywhere) {
  manual_seed(7);
  const auto seed_of_a_thread = [] {
    return std::async(std::launch::async, [] { return default_generator().seed(); }).get();
  };
  EXPECT_EQ(seed_of_a_thread(), 7 ^ 0x5692161d100b05e5u);  // SplitMix64's scramble of 1
  EXPECT_EQ(seed_of_a_thread(), 7 ^ 0xdbd238973a2b148au);  // and of 2
}

TEST(Random, AThreadThatDrawsNothingTakesNoStream) {
  manual_seed(5);
  const auto first = drawn_on_a_thread(4);
  manual_seed(5);
  std::thread([] {
    const Tensor x = ones({1, 2, 4});
    dropout(x, 0.5, false);
    dropout(x, 0, true);
    dropout(x, 1, true);
    scaled_dot_product_attention(x, x, x);
    packed_attention(ones({3, 1, 2, 4}));
  }).join();
  EXPECT_EQ(drawn_on_a_thread(4), first);
}

TEST(Random, ManualSeedReachesOtherThreads) {
  manual_seed(5);
  const auto first = drawn_on_a_thread(4), second = drawn_on_a_thread(4);
  manual_seed(5);
  EXPECT_EQ(drawn_on_a_thread(4), first);
  EXPECT_EQ(drawn_on_a_thread(4), second);
  manual_seed(6);
  EXPECT_NE(drawn_on_a_thread(4), first);
}

TEST(Random, ManualSeedReachesAThreadThatHasDrawn) {
  std::promise<void> has_drawn, is_seeded;
  std::vector<float> before, after;
  manual_seed(5);
  std::thread other([&] {
    before = rand({4}).to_vector<float>();
    has_drawn.set_value();
    is_seeded.get_future().wait();
    after = rand({4}).to_vector<float>();
  });
  has_drawn.get_future().wait();
  manual_seed(5);
  is_seeded.set_value();
  other.join();
  EXPECT_EQ(before, after);
}

TEST(Random, AThreadThatSeedsItselfKeepsItsSeed) {
  std::promise<void> has_seeded, is_seeded;
  std::vector<float> found;
  std::thread other([&] {
    manual_seed(7);
    has_seeded.set_value();
    is_seeded.get_future().wait();
    found = rand({4}).to_vector<float>();
  });
  has_seeded.get_future().wait();
  manual_seed(5);
  is_seeded.set_value();
  other.join();
  Generator seven(7);
  EXPECT_EQ(found, rand({4}, seven).to_vector<float>());
}

TEST(Random, ASavedOffsetContinuesTheStream) {
  Generator a(7);
  rand({33}, a);
  Generator b(7);
  b.set_offset(a.offset());
  EXPECT_EQ(rand({5}, a).to_vector<float>(), rand({5}, b).to_vector<float>());
}

TEST(Random, NumbersDoNotDependOnTheThreadCount) {
  const int before = num_threads();
  std::vector<std::vector<float>> found;
  for (const int threads : {1, 2, 5}) {
    set_num_threads(threads);
    Generator generator(11);
    found.push_back(randn({100001}, generator).to_vector<float>());
  }
  set_num_threads(before);
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}

// The standard error of a mean of 1e5 numbers is deviation / 316; the bounds below are 5 of them
// (a fair generator fails one of a million seeds, and the seed is fixed).
TEST(Rand, IsUniformBetweenZeroAndOne) {
  Generator generator(1);
  for (const DType dtype : {float32, float64}) {
    const auto values = rand({100000}, generator, dtype).to_vector<double>();
    const auto [mean, deviation] = mean_and_deviation(values);
    EXPECT_NEAR(mean, 0.5, 5 * 0.2887 / 316);
    EXPECT_NEAR(deviation, std::sqrt(1.0 / 12), 5 * 0.13 / 316);
    EXPECT_GE(*std::min_element(values.begin(), values.end()), 0.0);
    EXPECT_LT(*std::max_element(values.begin(), values.end()), 1.0);
  }
}

TEST(Randn, IsNormalWithMeanZeroAndDeviationOne) {
  Generator generator(2);
  const auto values = randn({100000}, generator, float64).to_vector<double>();
  const auto [mean, deviation] = mean_and_deviation(values);
  EXPECT_NEAR(mean, 0, 5.0 / 316);
  EXPECT_NEAR(deviation, 1, 5 * 0.707 / 316);
  const auto beyond =
      std::count_if(values.begin(), values.end(), [](double x) { return std::abs(x) > 1.96; });
  EXPECT_NEAR(static_cast<double>(beyond) / 1e5, 0.05, 5 * 0.218 / 316);
}

TEST(Randint, CoversItsRangeEvenly) {
  Generator generator(3);
  const auto values = randint(-2, 3, {100000}, generator).to_vector<int64_t>();
  for (int64_t value = -2; value < 3; ++value)
    EXPECT_NEAR(static_cast<double>(std::count(values.begin(), values.end(), value)), 20000,
                5 * std::sqrt(1e5 * 0.2 * 0.8))
        << value;
  EXPECT_EQ(*std::min_element(values.begin(), values.end()), -2);
  EXPECT_EQ(*std::max_element(values.begin(), values.end()), 2);
}

TEST(Randperm, HoldsEachNumberOnce) {
  Generator generator(4);
  auto values = randperm(1000, generator).to_vector<int64_t>();
  EXPECT_FALSE(std::is_sorted(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(values[static_cast<size_t>(i)], i);
  EXPECT_EQ(randperm(0, generator).shape(), Shape({0}));
}

TEST(Randperm, GivesEveryOrderEquallyOften) {
  Generator generator(5);
  std::vector<double> counts(27);
  for (int i = 0; i < 6000; ++i) {
    const auto p = randperm(3, generator).to_vector<int64_t>();
    ++counts[static_cast<size_t>(9 * p[0] + 3 * p[1] + p[2])];
  }
  for (const double count : counts)
    if (count > 0) {
      EXPECT_NEAR(count, 1000, 5 * std::sqrt(6000.0 * 1 / 6 * 5 / 6));
    }
  EXPECT_EQ(std::count_if(counts.begin(), counts.end(), [](double c) { return c > 0; }), 6);
}

TEST(GeneratorOption, IsAGeneratorItsAddressOrElseThisThreads) {
  const auto dropped = [](GeneratorOption generator) {
    return scaled_dot_product_attention(ones({8, 2}), ones({8, 2}), eye(8),
                                        {.dropout_p = 0.5, .generator = generator})
        .to_vector();
  };
  Generator a(3), b(3);
  const std::vector<double> first = dropped(a), second = dropped(a);
  EXPECT_NE(first, second);
  EXPECT_EQ(dropped(&b), first);
  EXPECT_EQ(dropped(b), second);
  EXPECT_EQ(a.offset(), b.offset());
  const uint64_t drawn = default_generator().offset();
  (void)dropped({});
  EXPECT_GT(default_generator().offset(), drawn);
}

TEST(RandomFactories, RefuseBadArguments) {
  expect_error<DTypeError>([] { rand({2}, int64); }, {"rand: ", "int64"});
  expect_error<DTypeError>([] { randn({2}, bool_); }, {"randn: ", "bool"});
  expect_error<ValueError>([] { randint(3, 3, {2}); },
                           {"randint: low must be below high", "3 and 3"});
  expect_error<ValueError>([] { randperm(-1); }, {"randperm: ", "-1"});
  expect_error<ShapeError>([] { rand({2, -1}); }, {"-1"});
}

}  // namespace
}  // namespace rill
