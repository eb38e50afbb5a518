#include <algorithm>

#include <rill/core/inspect/trace.h>
#include <rill/nn/decoder.h>

#include "tests/support/expect.h"

namespace rill::inspect {
namespace {

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
