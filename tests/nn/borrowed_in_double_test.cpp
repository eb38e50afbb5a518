#include <future>

#include <rill/core/random.h>
#include <rill/nn/positions/check_encoding.h>
#include <rill/nn/positions/learned_positional_encoding.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_values;

TEST(CheckEncoding, LeavesGradientsHooksAndGraphsOfTheEncodingAsTheyWere) {
  const nn::LearnedPositionalEncoding encoding(8, {.dropout = 0, .max_len = 12});
  encoding.weight.register_hook([](const Tensor& gradient) { return gradient * 2.0; });
  encoding.weight.set_grad(ones({12, 8}));
  const Tensor recorded = encoding(zeros({1, 12, 8})).sum();
  nn::check_encoding(encoding);
  expect_values(encoding.weight.grad(), std::vector<double>(96, 1));
  recorded.backward();
  expect_values(encoding.weight.grad(), std::vector<double>(96, 3));
}

TEST(CheckEncoding, LeavesTheRandomNumbersOfAllThreadsAsTheyWere) {
  const auto drawn_by_a_thread = [] {
    return std::async(std::launch::async, [] { return rand({3}).to_vector(); }).get();
  };
  manual_seed(5);
  const std::vector<double> here = rand({3}).to_vector(), there = drawn_by_a_thread();
  manual_seed(5);
  nn::check_encoding(nn::LearnedPositionalEncoding(8, {.max_len = 12}));
  EXPECT_EQ(drawn_by_a_thread(), there);
  const nn::LearnedPositionalEncoding encoding(8, {.max_len = 12});
  manual_seed(5);
  nn::check_encoding(encoding);
  EXPECT_EQ(rand({3}).to_vector(), here);
}

}  // namespace
}  // namespace rill
