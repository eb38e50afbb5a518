#include "tests/support/layer_case.h"
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include <rill/core/node.h>
#include <rill/core/ops.h>

namespace rill::testing {
namespace {

/// PyTorch's values under all names of the module; buffers keep their own.
void load(const nn::Module& module, const ReferenceCase& reference, const Rename& rename,
          DType dtype) {
  module.to(dtype);
  std::map<std::string, Tensor> given;
  for (const ReferenceTensor& parameter : reference.parameters)
    given[rename(parameter.name)] = to_tensor(parameter.values, parameter.shape, dtype);
  std::map<const void*, Tensor> by_memory;  // so that a tied weight finds its value by any name
  StateDict state = module.state_dict();
  for (const auto& [name, tensor] : state)
    if (given.contains(name)) by_memory[tensor.raw_data()] = given[name];
  for (auto& [name, tensor] : state) {
    const auto found = by_memory.find(tensor.raw_data());
    tensor = found == by_memory.end() ? tensor.clone() : found->second;
    given.erase(name);
  }
  for (const auto& [name, tensor] : given) state.push_back({name, tensor});  // to be refused
  module.load_state_dict(state);
}

Tensor parameter_of(const nn::Module& module, const std::string& name) {
  for (const auto& [own, tensor] : module.named_parameters())
    if (own == name) return tensor;
  ADD_FAILURE() << "no parameter " << name;
  return {};
}

void backward_through(const ReferenceCase& reference, const std::vector<Tensor>& outputs) {
  Tensor total;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!reference.cotangents.at(i)) continue;
    const Tensor part = (outputs[i] * cotangent_of(reference, i, outputs[i])).sum();
    total = total.defined() ? total + part : part;
  }
  if (total.defined() && total.requires_grad()) total.backward();
}

void expect_gradient(const Tensor& tensor, const ReferenceNumbers& expected,
                     const std::string& what) {
  if (!expected) return;
  ASSERT_TRUE(tensor.grad().defined()) << what << " has no gradient";
  expect_near_reference(tensor.grad(), *expected, what);
}

void run_case(const ReferenceCase& reference, const MakeLayer& make, const Rename& rename,
              DType dtype) {
  SCOPED_TRACE(name_of(dtype));
  const RunnableLayer layer = make(reference);
  load(layer.module, reference, rename, dtype);
  std::vector<Tensor> inputs;
  for (const ReferenceTensor& input : reference.inputs) inputs.push_back(to_tensor(input, dtype));
  const std::vector<Tensor> outputs = layer.run(inputs);
  backward_through(reference, outputs);
  for (size_t i = 0; i < reference.outputs.size(); ++i) {
    const ReferenceTensor& expected = reference.outputs[i];
    const Tensor actual =
        i < outputs.size() ? outputs[i] : parameter_of(layer.module, rename(expected.name));
    EXPECT_EQ(actual.shape(), Shape(expected.shape));
    expect_near_reference(actual, expected.values, "output " + std::to_string(i));
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    expect_gradient(inputs[i], reference.grads.at(i), "gradient of " + reference.inputs[i].name);
  for (size_t i = 0; i < reference.parameters.size(); ++i) {
    const std::string name = rename(reference.parameters[i].name);
    expect_gradient(parameter_of(layer.module, name), reference.parameter_grads.at(i),
                    "gradient of " + name);
  }
}

}  // namespace

void expect_layer_case(const ReferenceCase& reference, const MakeLayer& make,
                       const Rename& rename) {
  run_case(reference, make, rename, float64);
  if (reference.float32) run_case(reference, make, rename, float32);
}

void expect_near_reference(const Tensor& actual, const std::vector<double>& expected,
                           const std::string& what) {
  const std::vector<double> values = actual.to_vector();
  ASSERT_EQ(values.size(), expected.size()) << what;
  const bool single = actual.dtype() == float32;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(values[i])) continue;
    const double tolerance =
        single ? 1e-5 + 1.3e-6 * std::abs(expected[i]) : 1e-7 * (1 + std::abs(expected[i]));
    if (values[i] == expected[i]) continue;
    EXPECT_NEAR(values[i], expected[i], tolerance) << what << ", element " << i;
  }
}

void expect_trains_exactly_its_parameters(const nn::Module& module, const Tensor& loss) {
  std::set<const Node*> reached;
  std::vector<const Node*> open{loss.impl()->node.get()};
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    if (!node || !reached.insert(node).second) continue;
    for (const Input& input : node->inputs()) open.push_back(input.node.get());
  }
  for (const auto& [name, parameter] : module.named_parameters()) {
    const Node* node = parameter.impl()->node.get();
    EXPECT_TRUE(node && reached.erase(node)) << name << " is not part of the loss";
  }
  for (const Node* node : reached)
    EXPECT_FALSE(node->is_leaf()) << "a leaf of shape " << to_string(node->shape())
                                  << " is trained but not registered";

  module.zero_grad();
  loss.backward();
  for (const auto& [name, parameter] : module.named_parameters()) {
    ASSERT_TRUE(parameter.grad().defined()) << name << " has no gradient";
    EXPECT_GT(parameter.grad().abs().max().item(), 0) << name << " has a gradient of zeros";
  }
}

}  // namespace rill::testing
