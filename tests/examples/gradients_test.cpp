#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <rill/core/ops.h>

#include "examples/gradients/report.h"
#include "run_program.h"
#include "tests/support/browser.h"

namespace gradients {
namespace {

using rill::testing::Outcome;
using rill::testing::run_example;
using rill::testing::temporary_folder;

class Cases : public ::testing::TestWithParam<size_t> {
 protected:
  const Case case_ = cases()[GetParam()];
};

TEST_P(Cases, ThreeWaysGiveOneGradientAndTheSlipAnother) {
  EXPECT_EQ(case_.by_hand.shape(), case_.by_rill.shape()) << case_.name;
  EXPECT_EQ(case_.wrong.shape(), case_.by_rill.shape()) << case_.name;
  EXPECT_TRUE(allclose(case_.by_hand, case_.by_rill, 1e-10)) << case_.name;
  EXPECT_TRUE(allclose(case_.by_hand, case_.nudged, 1e-6, 1e-7)) << case_.name;
  EXPECT_GT((case_.by_hand - case_.wrong).abs().max().item(), 0.2) << case_.name;
}

INSTANTIATE_TEST_SUITE_P(Gradients, Cases, ::testing::Range<size_t>(0, 12));

TEST(Gradients, AreTwelveCasesOfDifferentNames) {
  std::set<std::string> names;
  for (const Case& example : cases()) names.insert(example.name);
  EXPECT_EQ(names.size(), 12u);
}

TEST(Gradients, ANudgeFindsTheSlopeOfEachElement) {
  const rill::Tensor x = rill::tensor({{1.0, 2.0}, {3.0, -4.0}}, rill::float64);
  const auto f = [](const rill::Tensor& in) { return in.pow(3).sum(); };
  EXPECT_TRUE(allclose(nudge(f, x), 3 * x.pow(2), 1e-7));
}

double at_the_first_layer(Block block, std::vector<double> Flow::*part) {
  const Flow flow = flow_through(block, 24);
  return (flow.*part).front() / (flow.*part).back();
}

TEST(Gradients, VanishOrExplodeInDeepNetsUnlessNormsAndResidualsKeepThem) {
  const auto activations = [](Block block) {
    return at_the_first_layer(block, &Flow::activations);
  };
  EXPECT_LT(activations(Block::plain), 1e-6);
  EXPECT_GT(activations(Block::residual), 20);
  EXPECT_GT(activations(Block::norm), 20);
  EXPECT_GT(activations(Block::both), 0.1);
  EXPECT_LT(activations(Block::both), 10);
}

TEST(Gradients, OfTheWeightsHideThatTheyVanish) {
  const double weights = at_the_first_layer(Block::plain, &Flow::weights);
  EXPECT_GT(weights, 0.1);
  EXPECT_LT(weights, 10);
}

TEST(Gradients, FlowHasANormForEachLayer) {
  const Flow flow = flow_through(Block::both, 5);
  EXPECT_EQ(flow.activations.size(), 6u);
  EXPECT_EQ(flow.weights.size(), 5u);
}

TEST(Gradients, TablesShowEverySixthLayerAndTheLast) {
  const Flow flow{{0.5, 1, 1, 1, 1, 1, 0.25, 2}, {4, 1, 1, 1, 1, 1, 2}};
  const Flows flows(4, flow);
  const auto layers = [](const rill::inspect::Table& table) {
    std::string layers;
    for (const auto& row : table.rows) layers += row[0] + ":" + row[1] + " ";
    return layers;
  };
  EXPECT_EQ(layers(activations_table(flows)), "0:2.5e-01 6:1.2e-01 7:1.0e+00 ");
  EXPECT_EQ(layers(weights_table(flows)), "0:2.0e+00 6:1.0e+00 ");
}

TEST(Gradients, ThePageShowsTheNumbersPrinted) {
  if (!rill::testing::has_browser()) GTEST_SKIP() << rill::testing::no_browser;
  const std::string folder = temporary_folder();
  const Outcome run = run_example("gradients --out-dir " + folder);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const nlohmann::json seen = rill::testing::evaluate_in_browser(folder + "/gradients.html", R"({
    tables: ["the_chain_rule", "softmax_with_cross_entropy", "tied_weights", "activations",
             "weights"].map(cells)})");
  for (const auto& table : seen["tables"])
    for (const auto& row : table)
      for (const auto& cell : row)
        EXPECT_NE(run.output.find(cell.get<std::string>()), std::string::npos) << cell;
}

}  // namespace
}  // namespace gradients
