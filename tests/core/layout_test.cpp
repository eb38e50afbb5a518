#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>
#include <rill/core/autograd.h>
#include <rill/core/random.h>

#include "tests/core/op_table.h"
#include "tests/support/layouts.h"

// An op must not see how its inputs lie in memory, and its gradients must not see how the gradient
// of its output does: every op, on every case of tests/reference/ops.json, in every layout.

namespace rill::testing {
namespace {

/// An op with inputs to call it with.
struct Example {
  std::string label;
  std::function<std::vector<Tensor>(const Inputs&)> call;
  Inputs inputs;
  std::vector<bool> wants_gradient;
};

/// What came of a call: outputs and then gradients, or the error.
struct Result {
  std::vector<Tensor> tensors;
  std::string error;
};

/// How a tensor is laid out for a call.
using LaidOut = std::function<Tensor(const Tensor&)>;

Tensor as_it_is(const Tensor& x) { return x.clone(); }

/// x so, where it can lie so, or a row-major tensor of the same numbers.
LaidOut as_view(const Layout& layout) {
  return [&layout](const Tensor& x) {
    const Tensor view = layout.view(x);
    return view.defined() ? view : x.clone();
  };
}
LaidOut as_clone(const Layout& layout) {
  return [view = as_view(layout)](const Tensor& x) { return view(x).clone(); };
}

Tensor some_numbers(const Tensor& like) {
  return linspace(-1, 2, like.numel(), like.dtype()).view(like.shape());
}

std::vector<Tensor> outputs_and_gradients(const Example& example, const Inputs& inputs,
                                          const LaidOut& cotangent, bool create_graph) {
  std::vector<Tensor> all = example.call(inputs), recorded, cotangents, wanted;
  for (const Tensor& out : all)
    if (out.requires_grad()) {
      recorded.push_back(out);
      cotangents.push_back(cotangent(some_numbers(out)));
    }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (example.wants_gradient[i]) wanted.push_back(inputs[i]);
  if (recorded.empty() || wanted.empty()) return all;
  const GradOptions options{
      .grad_outputs = cotangents, .create_graph = create_graph, .allow_unused = true};
  for (const Tensor& gradient : grad(recorded, wanted, options)) all.push_back(gradient);
  return all;
}

/// Input i laid out by lay_out(i).
Result run(const Example& example, const std::function<LaidOut(size_t)>& lay_out,
           const LaidOut& cotangent, bool create_graph) {
  Inputs inputs;
  for (size_t i = 0; i < example.inputs.size(); ++i) {
    inputs.push_back(lay_out(i)(example.inputs[i]));
    if (example.wants_gradient[i]) inputs.back().requires_grad_();
  }
  try {
    return {outputs_and_gradients(example, inputs, cotangent, create_graph), ""};
  } catch (const std::exception& error) {
    return {{}, error.what()};
  }
}

double largest_of(const std::vector<Tensor>& tensors) {
  double largest = 0;
  for (const Tensor& tensor : tensors) {
    if (!tensor.defined()) continue;
    for (const double value : tensor.to_vector())
      if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  return largest;
}

/// A few units in the last place of the largest number: a product sums in another order where a
/// matrix lies transposed.
double allowed_difference(double largest, DType dtype) {
  return 16 * largest *
         (dtype == float64 ? std::numeric_limits<double>::epsilon()
                           : std::numeric_limits<float>::epsilon());
}

bool is_near(double found, double expected, double difference) {
  if (std::isnan(expected)) return std::isnan(found);
  return found == expected || std::fabs(found - expected) <= difference;
}

/// But for the rounding of numbers up to `largest`.
void expect_equal(const Tensor& found, const Tensor& expected, const std::string& what,
                  double largest = 0) {
  ASSERT_EQ(found.defined(), expected.defined()) << what;
  if (!expected.defined()) return;
  ASSERT_EQ(to_string(found.shape()), to_string(expected.shape())) << what;
  ASSERT_EQ(found.dtype(), expected.dtype()) << what;
  const std::vector<double> values = found.to_vector(), wanted = expected.to_vector();
  const double difference = allowed_difference(largest, expected.dtype());
  for (size_t i = 0; i < wanted.size(); ++i)
    ASSERT_TRUE(is_near(values[i], wanted[i], difference))
        << what << ", element " << i << ": found " << values[i] << ", expected " << wanted[i];
}

void expect_equal(const Result& found, const Result& expected, const std::string& what) {
  ASSERT_EQ(found.error, expected.error) << what;
  ASSERT_EQ(found.tensors.size(), expected.tensors.size()) << what;
  // Of all, since a gradient may be but the rounding of terms that cancel.
  const double largest = largest_of(expected.tensors);
  for (size_t i = 0; i < found.tensors.size(); ++i)
    expect_equal(found.tensors[i], expected.tensors[i], what + ", tensor " + std::to_string(i),
                 largest);
}

/// Only input i laid out so.
std::function<LaidOut(size_t)> only(size_t i, const LaidOut& so) {
  return [i, so](size_t k) -> LaidOut { return k == i ? so : LaidOut(as_it_is); };
}

void expect_layouts_of_inputs_do_not_show(const Example& example, const Layout& layout) {
  for (size_t i = 0; i < example.inputs.size(); ++i) {
    if (!layout.view(example.inputs[i]).defined()) continue;
    const std::string what = example.label + ", input " + std::to_string(i) + " " + layout.name;
    for (const bool create_graph : {false, true})
      expect_equal(run(example, only(i, as_view(layout)), as_it_is, create_graph),
                   run(example, only(i, as_clone(layout)), as_it_is, create_graph), what);
  }
}

void expect_layout_of_dout_does_not_show(const Example& example, const Layout& layout) {
  const auto plain = [](size_t) { return LaidOut(as_it_is); };
  for (const bool create_graph : {false, true})
    expect_equal(run(example, plain, as_view(layout), create_graph),
                 run(example, plain, as_clone(layout), create_graph),
                 example.label + ", incoming gradient " + layout.name);
}

/// The example with inputs whose size along the dim-th dimension from the end is `size` cut to
/// nothing there.
Example emptied(const Example& example, int dim, int64_t size) {
  Example out = example;
  out.label += ", nothing along " + std::to_string(-dim);
  for (Tensor& input : out.inputs)
    if (input.dims() >= dim && input.size(-dim) == size) input = input.narrow(-dim, 0, 0).clone();
  return out;
}

std::vector<Example> emptied_in_every_way(const Example& example) {
  std::vector<Example> out;
  std::set<std::pair<int, int64_t>> done;
  for (const Tensor& input : example.inputs)
    for (int dim = 1; dim <= input.dims(); ++dim)
      if (input.size(-dim) > 0 && done.emplace(dim, input.size(-dim)).second)
        out.push_back(emptied(example, dim, input.size(-dim)));
  return out;
}

void expect_no_layout_shows(const Example& example) {
  for (const Layout& layout : layouts()) {
    expect_layouts_of_inputs_do_not_show(example, layout);
    expect_layout_of_dout_does_not_show(example, layout);
  }
}

Example example_of(const ReferenceCase& test, DType floating) {
  Example out{test.label(),
              [&test](const Inputs& inputs) { return op_table().at(test.op)(inputs, test.args); },
              {},
              {}};
  for (const ReferenceTensor& input : test.inputs) {
    out.inputs.push_back(to_tensor(input, floating).detach().clone());
    out.wants_gradient.push_back(input.requires_grad);
  }
  return out;
}

class OpOfViews : public ::testing::TestWithParam<std::string> {};

TEST_P(OpOfViews, EqualsThatOfClones) {
  for (const ReferenceCase& test : reference_cases("ops.json", GetParam()))
    for (const DType dtype : {float32, float64}) expect_no_layout_shows(example_of(test, dtype));
}

TEST_P(OpOfViews, EqualsThatOfClonesWithoutElements) {
  for (const ReferenceCase& test : reference_cases("ops.json", GetParam()))
    for (const Example& example : emptied_in_every_way(example_of(test, float32)))
      expect_no_layout_shows(example);
}

/// All ops but `view`, which is to refuse what strides cannot express.
std::vector<std::string> ops_of_the_table() {
  std::vector<std::string> names;
  for (const auto& [name, call] : op_table())
    if (name != "view") names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Ops, OpOfViews, ::testing::ValuesIn(ops_of_the_table()),
                         [](const auto& info) { return info.param; });

// ---- what the table has not ------------------------------------------------------------------

Tensor numbers(const Shape& shape, uint64_t seed) {
  Generator generator(seed);
  return rand(shape, generator, float64) + 0.5;
}

void expect_no_layout_shows(const char* name, const Inputs& inputs,
                            const std::function<Tensor(const Inputs&)>& call, bool wanted = true) {
  const auto list = [&](const Inputs& x) { return std::vector{call(x)}; };
  expect_no_layout_shows({name, list, inputs, std::vector<bool>(inputs.size(), wanted)});
}

TEST(RandomOpOfViews, EqualsThatOfClones) {
  expect_no_layout_shows("dropout", {numbers({2, 3, 4}, 1)}, [](const Inputs& x) {
    Generator generator(7);
    return dropout(x[0], 0.3, true, generator);
  });
  expect_no_layout_shows("attention with dropout",
                         {numbers({2, 5, 4}, 1), numbers({2, 6, 4}, 2), numbers({2, 6, 3}, 3)},
                         [](const Inputs& x) {
                           Generator generator(7);
                           return scaled_dot_product_attention(
                               x[0], x[1], x[2], {.dropout_p = 0.3, .generator = &generator});
                         });
  expect_no_layout_shows(
      "multinomial", {numbers({3, 4}, 1)},
      [](const Inputs& x) {
        Generator generator(7);
        return multinomial(x[0], 2, false, generator);
      },
      false);
}

TEST(InPlaceOpOfViews, EqualsThatOfClones) {
  using Write = Tensor (*)(const Tensor& x, const Tensor& source);
  const std::pair<const char*, Write> writes[] = {
      {"add_", [](const Tensor& x, const Tensor& source) { return x.add_(source, 3); }},
      {"sub_", [](const Tensor& x, const Tensor& source) { return x.sub_(source); }},
      {"mul_", [](const Tensor& x, const Tensor& source) { return x.mul_(source); }},
      {"div_", [](const Tensor& x, const Tensor& source) { return x.div_(source); }},
      {"copy_", [](const Tensor& x, const Tensor& source) { return x.copy_(source); }}};
  for (const auto& [name, write] : writes) {
    const auto to_a_copy = [write = write](const Inputs& x) { return write(x[0].clone(), x[1]); };
    expect_no_layout_shows(name, {numbers({2, 3, 4}, 1), numbers({2, 3, 4}, 2)}, to_a_copy);
    expect_no_layout_shows(name, {numbers({2, 3, 4}, 1), numbers({3, 1}, 2)}, to_a_copy);
  }
}

TEST(InPlaceOpOfViews, WritesToAViewAsToAClone) {
  const Tensor x = numbers({2, 3, 4}, 1), source = numbers({2, 3, 4}, 2);
  for (const Layout& layout : layouts()) {
    const Tensor view = layout.view(x);
    if (!view.defined() || layout.name.starts_with("expanded") || layout.name == "overlapping")
      continue;
    const Tensor clone = view.clone();
    for (const Tensor& target : {view, clone})
      target.add_(source).mul_(source).sub_(source).div_(source);
    expect_equal(view, clone, layout.name);
    expect_equal(view.copy_(source), source, layout.name);
    expect_equal(view.fill_(3), full(x.shape(), 3, float64), layout.name);
  }
}

}  // namespace
}  // namespace rill::testing
