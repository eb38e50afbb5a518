#include <gtest/gtest.h>
#include <rill/core/ops.h>
#include <rill/nn/linear.h>
#include <rill/nn/parameter_vector.h>

#include "tests/support/expect.h"

namespace rill::testing {

using nn::utils::parameters_to_vector;
using nn::utils::vector_to_parameters;

TEST(ParameterVector, HoldsAllParametersAndGoesBackIntoThem) {
  const nn::Linear layer(3, 2);
  const Tensor vector = parameters_to_vector(layer.parameters());
  EXPECT_EQ(vector.shape(), Shape{8});
  vector_to_parameters(vector.detach() * 2, layer.parameters());
  expect_values(parameters_to_vector(layer.parameters()), (vector * 2).to_vector());
  EXPECT_TRUE(layer.weight.is_leaf());
}

TEST(ParameterVector, LetsGradientsThrough) {
  const nn::Linear layer(2, 1);
  (parameters_to_vector(layer.parameters()) * tensor({1.0, 2.0, 3.0})).sum().backward();
  expect_values(layer.weight.grad(), {1, 2});
  expect_values(layer.bias.grad(), {3});
}

TEST(ParameterVector, OfAnotherLengthIsRefused) {
  const nn::Linear layer(3, 2);
  expect_error<ShapeError>([&] { vector_to_parameters(zeros(7), layer.parameters()); },
                           {"8 elements", "[7]"});
}

}  // namespace rill::testing
