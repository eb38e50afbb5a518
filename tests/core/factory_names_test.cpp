#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <sstream>

#include <gtest/gtest.h>
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/core/state_dict.h>

#include "tests/support/expect.h"

// What somebody who knows PyTorch writes to make tensors, of numbers of any C++ type.

namespace rill {
namespace {

using testing::expect_error;
using testing::expect_values;

TEST(FactoryNames, ANumberIsATensorWithoutDimensions) {
  EXPECT_EQ(tensor(2.5).dims(), 0);
  EXPECT_EQ(tensor(2.5).item(), 2.5);
  EXPECT_EQ(tensor(int64_t{1} << 60, int64).item<int64_t>(), int64_t{1} << 60);
  EXPECT_EQ(tensor({2.5}).shape(), Shape{1});
  EXPECT_EQ(tensor(true, bool_).item<bool>(), true);
}

TEST(FactoryNames, AListIsOfTheTypeThatItsNumbersHave) {
  EXPECT_EQ(tensor({1, 2}).dtype(), int64);
  EXPECT_EQ(tensor({{1, 2}, {3, -4}}).dtype(), int64);
  EXPECT_EQ(tensor({1, 2.5}).dtype(), float32);
  EXPECT_EQ(tensor({1.0, 2.0}).dtype(), float32);
  EXPECT_EQ(tensor({true, false}).dtype(), bool_);
  EXPECT_EQ(tensor({true, 2}).dtype(), int64);
  EXPECT_EQ(tensor({}).dtype(), float32);
  EXPECT_EQ(tensor(3).dtype(), int64);
  EXPECT_EQ(tensor({1, 2}, float32).dtype(), float32);
}

TEST(FactoryNames, AWholeNumberBeyondInt64NeedsADtype) {
  const uint64_t beyond = (uint64_t{1} << 63) + 1;
  const std::function<void()> calls[] = {[&] { (void)tensor(beyond); },
                                         [&] { (void)tensor({beyond}); },
                                         [&] {
                                           (void)tensor({{1}, {beyond}});
                                         }};
  for (const auto& call : calls)
    expect_error<ValueError>(call, {"int64 cannot hold 9223372036854775809", "float64"});
  EXPECT_EQ(tensor({beyond}, float64).item(), 0x1p63);
  EXPECT_EQ(tensor({beyond, 0.5}).dtype(), float32);
  EXPECT_EQ(tensor({beyond - 2}).item<int64_t>(), INT64_MAX);
}

TEST(FactoryNames, FactoriesTakeOptionsInBraces) {
  EXPECT_TRUE(randn({2, 3}, {.requires_grad = true}).requires_grad());
  EXPECT_EQ(zeros({2}, {.dtype = float64}).dtype(), float64);
  EXPECT_EQ(full({2}, 1.5, {.dtype = float64, .requires_grad = true}).dtype(), float64);
  EXPECT_TRUE(tensor({1.0, 2.0}, {.requires_grad = true}).requires_grad());
  EXPECT_FALSE(ones({2}, {.dtype = float64}).requires_grad());
  expect_error<DTypeError>([] { (void)tensor({1, 2}, {.requires_grad = true}); }, {"int64"});
}

TEST(FactoryNames, FactoriesTakeVectorsAndDtypes) {
  EXPECT_EQ(tensor(std::vector<int>{1, 2}).dtype(), int64);
  EXPECT_EQ(tensor(std::vector<float>{1, 2}, float64).dtype(), float64);
  EXPECT_EQ(arange(4, float32).dtype(), float32);
  EXPECT_LT(randint(3, {100}).max().item(), 3);
  EXPECT_EQ(arange(4, {.dtype = float64}).dtype(), float64);
  const Tensor x = zeros({2, 3}, float64);
  EXPECT_EQ(ones_like(x, {.dtype = float32}).dtype(), float32);
  EXPECT_EQ(zeros_like(x, {.requires_grad = true}).dtype(), float64);
  EXPECT_EQ(empty_like(x).shape(), x.shape());
  EXPECT_EQ(empty_like(x, {.dtype = int64}).dtype(), int64);
  EXPECT_EQ(full_like(x, 2.5, {.dtype = float32}).dtype(), float32);
  EXPECT_EQ(full_like(x, 2.5, {.requires_grad = true}).dtype(), float64);
  EXPECT_EQ(full_like(x, 2.5, {}).sum().item(), 15);
  EXPECT_TRUE(rand_like(x, {.requires_grad = true}).requires_grad());
  EXPECT_EQ(randn_like(x, {.dtype = float32}).dtype(), float32);
  EXPECT_EQ(ones(1).type_as(x).dtype(), float64);
  EXPECT_EQ(x.stride(0), 3);
  EXPECT_EQ(x.ndim(), 2);
  EXPECT_TRUE(x.is_floating_point());
  EXPECT_NEAR(normal(5, 0.1, {1000}).mean().item(), 5, 0.02);
}

TEST(Bernoulli, DrawsOnesWithTheProbabilityGiven) {
  Generator generator(3);
  const Tensor drawn = bernoulli(full({10000}, 0.3), generator);
  EXPECT_NEAR(drawn.mean().item(), 0.3, 0.02);
  EXPECT_TRUE(((drawn == 0) | (drawn == 1)).all().item<bool>());
  expect_values(bernoulli(tensor({0.0, 1.0}), generator), {0, 1});
  expect_error<ValueError>(
      [] {
        (void)bernoulli(tensor({0.5, 1.5}));
      },
      {"bernoulli", "1.5", "[1]"});
}

TEST(FactoryNames, VectorsOfAnyWholeNumbersBecomeInt64AndBack) {
  EXPECT_EQ(from_vector(std::vector<int>{1, -2}).dtype(), int64);
  expect_values(from_vector(std::vector<unsigned char>{1, 255}, {2, 1}), {1, 255});
  expect_values(from_vector(std::vector<size_t>{7}), {7});
  EXPECT_EQ(arange(3).to_vector<int>(), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(tensor({2.0}).item<int>(), 2);
  EXPECT_EQ(arange(3).to_vector<size_t>().back(), 2u);
  EXPECT_EQ(tensor({1, 0}, bool_).to_vector<char>(), (std::vector<char>{1, 0}));
}

TEST(FactoryNames, NumbersBeyondATypeAreRefused) {
  const auto most = std::numeric_limits<uint64_t>::max();
  expect_error<ValueError>([&] { from_vector(std::vector<uint64_t>{most}); }, {"8 bytes"});
  expect_error<ValueError>([&] { tensor({300}, int64).to_vector<uint8_t>(); }, {"1 bytes"});
  expect_error<ValueError>([&] { tensor({-1}, int64).to_vector<uint64_t>(); }, {"8 bytes"});
  expect_error<ValueError>([&] { tensor({-1}, int64).item<unsigned>(); }, {"4 bytes"});
}

TEST(FactoryNames, FactoriesLikeOthers) {
  const Tensor x = zeros({2, 3}, float64);
  EXPECT_EQ(full_like(x, 7).shape(), x.shape());
  EXPECT_EQ(full_like(x, 7).dtype(), float64);
  EXPECT_EQ(full_like(x, 7)[0][0].item(), 7);
  EXPECT_EQ(rand_like(x).dtype(), float64);
  EXPECT_EQ(randn_like(x).shape(), x.shape());
}

}  // namespace
}  // namespace rill
