#include <gtest/gtest.h>

#include <rill/core/detail/system_memory.h>
#include <rill/core/node.h>
#include <rill/core/random.h>
#include <rill/nn/decoder.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>

namespace rill::nn {
namespace {

constexpr int steps = rill::detail::is_sanitized ? 100 : 2000;

TEST(SteadyState, TrainingLeavesNoNodesAndNoMemoryBehind) {
  manual_seed(1);
  const LanguageModel model(
      {.vocab_size = 11, .block_size = 8, .n_layer = 2, .n_head = 2, .n_embd = 16, .dropout = 0.1});
  const std::vector<Tensor> parameters = model.parameters();
  optim::AdamW optimizer(parameters);
  const Tensor ids = randint(0, 11, {2, 8});
  int64_t nodes = 0;
  int64_t tensors = 0;
  int64_t bytes = 0;
  for (int step = 0; step < steps; ++step) {
    optimizer.zero_grad();
    model.loss(ids, ids).backward();
    optim::clip_grad_norm_(parameters, 1);
    optimizer.step();
    if (step == 1) {  // gradients and the optimizer's state are there now
      nodes = live_nodes();
      tensors = live_tensors();
      bytes = live_tensor_bytes();
    }
    if (step <= 1) continue;
    ASSERT_EQ(live_nodes(), nodes) << "at step " << step;
    ASSERT_EQ(live_tensors(), tensors) << "at step " << step;
    ASSERT_EQ(live_tensor_bytes(), bytes) << "at step " << step;
  }
}

}  // namespace
}  // namespace rill::nn
