#include <rill/core/autograd.h>
#include <rill/core/inspect/trace.h>
#include <rill/nn/activation.h>
#include <rill/nn/decoder.h>
#include <rill/nn/linear.h>
#include <rill/nn/sequential.h>
#include <rill/nn/summary.h>

#include "tests/support/expect.h"

namespace rill::nn {
namespace {

TEST(Summary, CountsParametersProductsAndBytesOfEachModule) {
  const Sequential net{Linear(3, 5), Tanh(), Linear(5, 2)};

  const ModelSummary found = summary(net, ones({4, 3}));

  ASSERT_EQ(found.rows.size(), 4U);
  EXPECT_EQ(found.rows[0].type, "Sequential");
  EXPECT_EQ(found.rows[0].output, "[4, 2]");
  EXPECT_EQ(found.rows[0].parameters, 3 * 5 + 5 + 5 * 2 + 2);
  EXPECT_EQ(found.rows[0].multiply_adds, 4 * 3 * 5 + 4 * 5 * 2);
  EXPECT_EQ(found.rows[1].name, "0");
  EXPECT_EQ(found.rows[1].output, "[4, 5]");
  EXPECT_EQ(found.rows[1].parameters, 3 * 5 + 5);
  EXPECT_EQ(found.rows[1].multiply_adds, 4 * 3 * 5);
  EXPECT_EQ(found.rows[1].kept_bytes, 0);  // its weight and the input, which are there anyway
  EXPECT_EQ(found.rows[2].kept_bytes, 4 * 5 * 4);  // what tanh gave
  EXPECT_EQ(found.rows[3].kept_bytes, 0);          // the same, once
  EXPECT_EQ(found.kept_bytes, 4 * 5 * 4);
}

TEST(Summary, KeepsAsManyBytesAsATraceSees) {
  const LanguageModel model(
      {.vocab_size = 11, .block_size = 8, .n_layer = 2, .n_head = 2, .n_embd = 16});
  const Tensor ids = randint(0, 11, {3, 8});
  inspect::Trace trace(model);
  {
    const ObserverGuard watching(trace);
    static_cast<void>(model(ids));
  }
  int64_t bytes = 0;
  for (const inspect::TracedOp& op : trace.ops())
    for (const auto& kept : op.kept) bytes += kept.is_new ? kept.bytes : 0;

  EXPECT_EQ(summary(model, ids).kept_bytes, bytes);
}

TEST(Summary, WritesATable) {
  const Sequential net{Linear(3, 1000)};
  net.requires_grad_(false);

  EXPECT_EQ(summary(net, ones({2, 3})).text(),
            "module       output     parameters  multiply-adds  bytes kept for backward\n"
            "Sequential   [2, 1000]       4,000          6,000                        0\n"
            "  0: Linear  [2, 1000]       4,000          6,000                        0\n"
            "parameters 4,000, of which 0 are trained, 16 kB\n"
            "multiply-adds of forward 6,000\nkept for backward 0 bytes\n");
}

TEST(Summary, TellsBytesInAUnitOfTheirSize) {
  const auto text_of = [](int64_t outputs) {
    return summary(Linear(1000, outputs, {.bias = false}), ones({1, 1000})).text();
  };

  EXPECT_NE(text_of(1).find("are trained, 4,000 bytes\n"), std::string::npos) << text_of(1);
  EXPECT_NE(text_of(1000).find("are trained, 4 MB\n"), std::string::npos) << text_of(1000);
}

TEST(Summary, OfAPartOfAModelCountsThatPart) {
  const Sequential net{Linear(3, 5), Linear(5, 2)};
  const Linear last(5, 2);

  const ModelSummary found = summary(last, ones({4, 5}));

  ASSERT_EQ(found.rows.size(), 1U);
  EXPECT_EQ(found.rows[0].multiply_adds, 40);
}

}  // namespace
}  // namespace rill::nn
