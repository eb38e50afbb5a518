#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rill/nn/init.h>

#include "tests/support/reference.h"

// The bounds and spreads that PyTorch's initialisers have, over many draws.

namespace rill::nn {
namespace {

using testing::ReferenceArgs;
using testing::ReferenceCase;
using Fill = std::function<Tensor(const Tensor&, const ReferenceArgs&, Generator&)>;

init::Nonlinearity nonlinearity_of(const ReferenceArgs& args) {
  const std::map<std::string, init::Nonlinearity> names = {
      {"linear", init::Nonlinearity::linear},
      {"sigmoid", init::Nonlinearity::sigmoid},
      {"tanh", init::Nonlinearity::tanh},
      {"relu", init::Nonlinearity::relu},
      {"leaky_relu", init::Nonlinearity::leaky_relu},
      {"selu", init::Nonlinearity::selu}};
  return names.at(args.text("nonlinearity"));
}

init::KaimingOptions kaiming_of(const ReferenceArgs& args) {
  return {.a = args.number("a"),
          .mode = args.text("mode") == "fan_in" ? init::Fan::in : init::Fan::out,
          .nonlinearity = nonlinearity_of(args)};
}

/// At least 20,000 numbers from a tensor of the case's shape, filled again and again.
std::vector<double> draw(const ReferenceCase& reference, const Fill& fill) {
  Generator generator(11);
  std::vector<double> all;
  while (all.size() < 20000) {
    const Tensor tensor = zeros(reference.args.integers("shape"));
    const std::vector<double> values = fill(tensor, reference.args, generator).to_vector();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

void expect_uniform_bound(const std::string& op, const Fill& fill) {
  for (const ReferenceCase& reference : testing::reference_cases("optimizers.json", op)) {
    SCOPED_TRACE(reference.label());
    const double bound = reference.outputs.at(0).values.at(0);
    const std::vector<double> values = draw(reference, fill);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    // All within (float32 rounds the bound), and the gap to it 20 times what is likely.
    EXPECT_LE(*high, bound * (1 + 1e-6));
    EXPECT_GE(*low, -bound * (1 + 1e-6));
    EXPECT_NEAR(*high, bound, 2e-3 * bound);
    EXPECT_NEAR(*low, -bound, 2e-3 * bound);
  }
}

void expect_normal_spread(const std::string& op, const Fill& fill) {
  for (const ReferenceCase& reference : testing::reference_cases("optimizers.json", op)) {
    SCOPED_TRACE(reference.label());
    const double spread = reference.outputs.at(0).values.at(0);
    double squares = 0;
    const std::vector<double> values = draw(reference, fill);
    for (const double value : values) squares += value * value;
    // Its standard error is 1 / √(2 n) = 0.5 %.
    EXPECT_NEAR(std::sqrt(squares / static_cast<double>(values.size())), spread, 0.025 * spread);
  }
}

TEST(InitReference, GainsArePyTorchs) {
  for (const ReferenceCase& reference :
       testing::reference_cases("optimizers.json", "calculate_gain"))
    EXPECT_DOUBLE_EQ(
        init::calculate_gain(nonlinearity_of(reference.args), reference.args.number("slope", 0.01)),
        reference.outputs.at(0).values.at(0))
        << reference.label();
}

TEST(InitReference, XavierUniformFillsPyTorchsBounds) {
  expect_uniform_bound("xavier_uniform_",
                       [](const Tensor& tensor, const ReferenceArgs& args, Generator& generator) {
                         return init::xavier_uniform_(tensor, args.number("gain"), generator);
                       });
}

TEST(InitReference, XavierNormalHasPyTorchsSpread) {
  expect_normal_spread("xavier_normal_",
                       [](const Tensor& tensor, const ReferenceArgs& args, Generator& generator) {
                         return init::xavier_normal_(tensor, args.number("gain"), generator);
                       });
}

TEST(InitReference, KaimingUniformFillsPyTorchsBounds) {
  expect_uniform_bound("kaiming_uniform_",
                       [](const Tensor& tensor, const ReferenceArgs& args, Generator& generator) {
                         return init::kaiming_uniform_(tensor, kaiming_of(args), generator);
                       });
}

TEST(InitReference, KaimingNormalHasPyTorchsSpread) {
  expect_normal_spread("kaiming_normal_",
                       [](const Tensor& tensor, const ReferenceArgs& args, Generator& generator) {
                         return init::kaiming_normal_(tensor, kaiming_of(args), generator);
                       });
}

}  // namespace
}  // namespace rill::nn
