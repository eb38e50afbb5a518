#include <gtest/gtest.h>

#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>
#include <rill/nn/loss.h>

#include "tests/core/kernels/simd_levels.h"

namespace rill::testing {
namespace {

/// The loss of a training step with dropout, and the gradients of all parameters, the same weights
/// and random numbers each time.
std::vector<Tensor> training_step() {
  manual_seed(5);
  const nn::LanguageModel model({.vocab_size = 65,
                                 .block_size = 48,
                                 .n_layer = 2,
                                 .n_head = 3,
                                 .n_embd = 72,
                                 .dropout = 0.1});
  const Tensor ids = randint(0, 65, {3, 48}), targets = randint(0, 65, {3, 48});
  const Tensor loss = cross_entropy(model(ids).flatten(0, 1), targets.flatten());
  loss.backward();
  std::vector<Tensor> found{loss.detach()};
  for (const Tensor& parameter : model.parameters()) found.push_back(parameter.grad());
  return found;
}

TEST(InstructionSets, AgreeOnATrainingStepWithinRounding) {
  const kernels::Settings restore;
  kernels::set_simd_level(kernels::SimdLevel::portable);
  const std::vector<Tensor> expected = training_step();
  for (const kernels::SimdLevel level : kernels::levels()) {
    kernels::set_simd_level(level);
    const std::vector<Tensor> found = training_step();
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      const double largest = expected[i].abs().max().item();
      EXPECT_GT(largest, 0) << i;
      EXPECT_LT((found[i] - expected[i]).abs().max().item(), 1e-5 * largest) << i;
    }
  }
}

}  // namespace
}  // namespace rill::testing
