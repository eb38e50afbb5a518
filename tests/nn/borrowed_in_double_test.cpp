#include <rill/nn/check_encoding.h>
#include <rill/nn/learned_positional_encoding.h>

#include "tests/support/expect.h"

namespace rill {
namespace {

using testing::expect_values;

TEST(CheckEncoding, LeavesGradientsHooksAndGraphsOfTheEncodingAsTheyWere) {
  const nn::LearnedPositionalEncoding encoding(12, 8, {.dropout = 0});
  encoding.weight.register_hook([](const Tensor& gradient) { return gradient * 2.0; });
  encoding.weight.set_grad(ones({12, 8}));
  const Tensor recorded = encoding(zeros({1, 12, 8})).sum();
  nn::check_encoding(encoding);
  expect_values(encoding.weight.grad(), std::vector<double>(96, 1));
  recorded.backward();
  expect_values(encoding.weight.grad(), std::vector<double>(96, 3));
}

}  // namespace
}  // namespace rill
