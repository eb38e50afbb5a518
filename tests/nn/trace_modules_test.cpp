#include <algorithm>
#include <numeric>

#include <rill/core/inspect/trace.h>
#include <rill/nn/decoder.h>

#include "tests/support/expect.h"
#include "tests/support/memory_diary.h"

namespace rill::inspect {
namespace {

TEST(TraceOfModules, KeptBytesOfAModelAreTheAllocatorsAndAreFreedInTheOrderShown) {
  // Not tied: where two gradients of a weight meet, one is let go beside what was kept.
  const nn::LanguageModel model({.vocab_size = 11,
                                 .block_size = 16,
                                 .n_layer = 4,
                                 .n_head = 2,
                                 .n_embd = 16,
                                 .dropout = 0.1,
                                 .tie = false});
  const Tensor ids = randint(0, 11, {3, 16}), targets = randint(0, 11, {3, 16});
  model.loss(ids, targets).backward();  // what later steps find made already
  Trace trace({.whole_values = 0, .keep_rows = false});
  testing::MemoryDiary diary;
  const int64_t before = live_tensor_bytes();
  const ObserverGuard watching(trace), noting(diary);
  const Tensor loss = model.loss(ids, targets);
  const int64_t held = live_tensor_bytes() - before - loss.numel() * 4;
  int64_t kept = 0;
  for (const TracedOp& op : trace.ops())
    for (const TracedOp::Kept& one : op.kept) kept += one.is_new ? one.bytes : 0;
  EXPECT_EQ(kept, held);
  loss.backward();
  std::vector<int64_t> shown;
  for (const int64_t op : trace.passes()) shown.push_back(trace.ops()[op].freed_bytes);
  EXPECT_EQ(shown, diary.freed());
  EXPECT_EQ(std::accumulate(shown.begin(), shown.end(), int64_t{0}), kept);
}

TEST(TraceOfModules, KnowsTheModulesWhoseForwardRanAnOp) {
  const nn::LanguageModel model(
      {.vocab_size = 5, .block_size = 4, .n_layer = 2, .n_head = 2, .n_embd = 8});
  Trace trace(model);
  {
    const ObserverGuard watching(trace);
    cross_entropy(model(tensor({{1, 2, 3}})).view(-1, 5), tensor({2, 3, 4})).backward();
  }
  std::vector<std::string> modules;
  for (const TracedOp& op : trace.ops()) modules.push_back(op.module);
  EXPECT_NE(std::ranges::find(modules, "blocks.1.linear1"), modules.end())
      << ::testing::PrintToString(modules);
  for (const TracedCall& call : trace.calls()) EXPECT_LE(call.first_op, call.last_op);
  for (const NamedTensor& named : model.named_parameters()) {
    const auto value = std::ranges::find(trace.values(), named.name, &TracedValue::name);
    ASSERT_NE(value, trace.values().end()) << named.name;
    EXPECT_NEAR(value->gradient->rms, named.tensor.grad().pow(2).mean().sqrt().item(), 1e-6);
  }
}

}  // namespace
}  // namespace rill::inspect
