#include <gtest/gtest.h>
#include <rill/core/autograd.h>
#include <rill/core/inspect/profile.h>
#include <rill/core/ops.h>
#include <rill/core/threads.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

Profiler::Row row_of(const Profiler& profiler, const std::string& op, bool is_backward = false) {
  for (const Profiler::Row& row : profiler.rows())
    if (row.op == op && row.is_backward == is_backward) return row;
  return {};
}

Tensor broken(const Tensor& x) {
  Op op("broken");
  return op.record(x.detach().clone(), row(x, "none", [](const Tensor&) -> Tensor {
                     fail<ValueError>("this gradient fails");
                   }));
}

/// sum(a · b) and its backward, watched.
Profiler profile_of_product() {
  Profiler profiler;
  const ObserverGuard watching(profiler);
  const Tensor a = ones({64, 32}).requires_grad_(), b = ones({32, 16});
  matmul(a, b).sum().backward();
  matmul(a.detach(), b);
  return profiler;
}

nlohmann::json trace_of(const Profiler& profiler) {
  const std::string path = ::testing::TempDir() + "/rill_trace.json";
  profiler.write_trace(path);
  std::ifstream file(path);
  return nlohmann::json::parse(file)["traceEvents"];
}

TEST(Profiler, CountsCallsOfEachOpForwardAndBackward) {
  const Profiler profiler = profile_of_product();
  EXPECT_EQ(row_of(profiler, "matmul").calls, 2);
  EXPECT_EQ(row_of(profiler, "matmul", true).calls, 1);
  EXPECT_EQ(row_of(profiler, "sum").calls, 1);
}

TEST(Profiler, CountsTheFlopsOfProductsAlone) {
  const Profiler profiler = profile_of_product();
  EXPECT_EQ(row_of(profiler, "matmul").flops, 2u * (2 * 64 * 16 * 32));
  EXPECT_EQ(row_of(profiler, "matmul", true).flops, 2u * 64 * 16 * 32);  // that of b is not wanted
  EXPECT_EQ(row_of(profiler, "sum").flops, 0u);
}

TEST(Profiler, ALinearLayerOnManyThreadsIsCountedOnce) {
  const int before = num_threads();
  for (const int threads : {1, 4}) {
    set_num_threads(threads);
    Profiler profiler;
    const ObserverGuard watching(profiler);
    const Tensor x = ones({300, 64}).requires_grad_(), w = ones({48, 64}).requires_grad_();
    linear(x, w).sum().backward();
    EXPECT_EQ(row_of(profiler, "linear", true).flops, 4u * 300 * 48 * 64) << threads;
  }
  set_num_threads(before);
}

TEST(Profiler, AttentionOnManyThreadsIsCountedOnce) {
  Profiler profiler;
  {
    const ObserverGuard watching(profiler);
    const Tensor q = ones({8, 4, 64, 16});
    scaled_dot_product_attention(q, q, q);
  }
  EXPECT_EQ(row_of(profiler, "scaled_dot_product_attention").flops, 2u * 8 * 4 * 64 * 64 * 32);
}

TEST(Profiler, CountsTheBytesOfResults) {
  const Profiler profiler = profile_of_product();
  EXPECT_EQ(row_of(profiler, "matmul").bytes, 2 * 64 * 16 * 4);
  EXPECT_EQ(row_of(profiler, "matmul", true).bytes, 64 * 32 * 4);
}

TEST(Profiler, TheTableSharesOutAllTime) {
  const inspect::Table table = profile_of_product().table();
  double all = 0;
  for (const std::vector<std::string>& row : table.rows) all += std::stod(row[3]);
  EXPECT_NEAR(all, 100, 0.06 * static_cast<double>(table.rows.size()));
  EXPECT_EQ(table.columns[0], "op");
}

TEST(Profiler, TheTableTellsTheForwardPassFromTheBackward) {
  std::map<std::string, std::string> calls;
  for (const std::vector<std::string>& row : profile_of_product().table().rows)
    calls[row[0]] = row[1];
  EXPECT_EQ(calls["matmul"], "2");
  EXPECT_EQ(calls["matmul backward"], "1");
}

TEST(Profiler, TheTraceHasABarForEachWithItsPass) {
  const nlohmann::json bars = trace_of(profile_of_product());
  int forward = 0, backward = 0;
  for (const nlohmann::json& bar : bars) {
    if (bar["name"] != "matmul") continue;
    ++(bar["cat"] == "backward" ? backward : forward);
    EXPECT_EQ(bar["ph"], "X");
    EXPECT_GE(bar["ts"].get<double>(), 0);
    EXPECT_GT(bar["dur"].get<double>(), 0);
  }
  EXPECT_EQ(forward, 2);
  EXPECT_EQ(backward, 2);  // the node, and the product inside it
}

TEST(Profiler, AnOpWithinAnotherIsNotCountedTwice) {
  Profiler profiler;
  {
    const ObserverGuard watching(profiler);
    const Op outer("outer_op");
    for (int i = 0; i < 50; ++i) matmul(ones({64, 64}), ones({64, 64}));
  }
  EXPECT_EQ(row_of(profiler, "outer_op").flops, 0u);
  EXPECT_EQ(row_of(profiler, "matmul").flops, 50u * 2 * 64 * 64 * 64);
  double whole = 0;
  for (const nlohmann::json& bar : trace_of(profiler))
    if (bar["name"] == "outer_op") whole = bar["dur"].get<double>() / 1e3;
  double sum = 0;
  for (const Profiler::Row& row : profiler.rows()) sum += row.ms;
  EXPECT_NEAR(sum, whole, 1e-6 * whole);
}

TEST(Profiler, GoesOnAfterAFailedOp) {
  Profiler profiler;
  const ObserverGuard watching(profiler);
  EXPECT_THROW(matmul(ones({2, 3}), ones({2, 3})), ShapeError);
  matmul(ones({2, 3}), ones({3, 2}));
  EXPECT_EQ(row_of(profiler, "matmul").calls, 2);
}

TEST(Profiler, GoesOnAfterAFailedBackward) {
  Profiler profiler;
  const ObserverGuard watching(profiler);
  const Tensor x = ones({2}).requires_grad_();
  EXPECT_THROW(broken(x).sum().backward(), ValueError);
  matmul(ones({2, 3}), ones({3, 2}));
  EXPECT_EQ(row_of(profiler, "matmul").calls, 1);
}

TEST(Profiler, LeavesOutAnOpThatBeganBeforeItWasAttached) {
  Profiler profiler;
  {
    auto before = std::make_unique<Op>("before");
    const ObserverGuard watching(profiler);
    before.reset();
    matmul(ones({2, 3}), ones({3, 2}));
  }
  EXPECT_EQ(row_of(profiler, "before").calls, 0);
  EXPECT_EQ(row_of(profiler, "matmul").calls, 1);
  for (const nlohmann::json& bar : trace_of(profiler)) EXPECT_NE(bar["name"], "before");
}

TEST(Profiler, NamesThatAreNoUtf8AreReplacedInTheTrace) {
  Profiler profiler;
  {
    const ObserverGuard watching(profiler);
    const Op op("half\xC3");
  }
  EXPECT_EQ(trace_of(profiler)[0]["name"], "half\xEF\xBF\xBD");
}

TEST(Profiler, SaysWhereNoTraceCanBeWritten) {
  expect_error<Error>([] { Profiler().write_trace("/no/such/folder/trace.json"); },
                      {"/no/such/folder/trace.json"});
}

}  // namespace
}  // namespace rill::testing
