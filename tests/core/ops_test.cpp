#include <cctype>
#include <cmath>
#include <cstring>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <rill/core/autograd.h>
#include <rill/core/gradcheck.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/random.h>

#include "test_paths.h"
#include "tests/core/kernels/simd_levels.h"
#include "tests/core/op_table.h"
#include "tests/support/float_state.h"

// Every case of tests/reference/ops.json, by the table of ops: PyTorch's numbers, and differences.

namespace rill::testing {
namespace {

struct Tolerance {
  double relative, absolute;
};
constexpr Tolerance in_float64{1e-7, 1e-7};
constexpr Tolerance in_float32{1.3e-6, 1e-5};

/// Where in the file a case stands; a name for GoogleTest.
struct CaseNumber {
  size_t number;
  const ReferenceCase& get() const { return reference_cases("ops.json")[number]; }
};

void PrintTo(const CaseNumber& which, std::ostream* out) { *out << which.get().label(); }

std::string test_name(const ::testing::TestParamInfo<CaseNumber>& info) {
  std::string name;
  for (const char c : info.param.get().label())
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name + "_" + std::to_string(info.param.number);
}

template <class Wanted>
std::vector<CaseNumber> cases_where(Wanted wanted) {
  const auto& cases = reference_cases("ops.json");
  std::vector<CaseNumber> numbers;
  for (size_t i = 0; i < cases.size(); ++i)
    if (op_table().contains(cases[i].op) && wanted(cases[i])) numbers.push_back({i});
  return numbers;
}

Inputs inputs_of(const ReferenceCase& test, DType floating) {
  Inputs inputs;
  for (const ReferenceTensor& input : test.inputs) inputs.push_back(to_tensor(input, floating));
  return inputs;
}

std::vector<Tensor> call(const ReferenceCase& test, const Inputs& inputs) {
  return op_table().at(test.op)(inputs, test.args);
}

bool near(double found, double expected, Tolerance tolerance) {
  if (std::isnan(expected)) return std::isnan(found);
  if (found == expected) return true;
  return std::abs(found - expected) <= tolerance.absolute + tolerance.relative * std::abs(expected);
}

void expect_near(const Tensor& found, const std::vector<double>& expected, Tolerance tolerance,
                 const std::string& what) {
  const std::vector<double> values = found.to_vector();
  ASSERT_EQ(values.size(), expected.size()) << what;
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_TRUE(near(values[i], expected[i], tolerance))
        << what << ", element " << i << ": found " << values[i] << ", expected " << expected[i];
}

void expect_outputs(const ReferenceCase& test, const std::vector<Tensor>& outputs, DType floating,
                    Tolerance tolerance) {
  ASSERT_EQ(outputs.size(), test.outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const ReferenceTensor& expected = test.outputs[i];
    const std::string what = "output " + std::to_string(i);
    EXPECT_EQ(to_string(outputs[i].shape()), to_string(Shape(expected.shape))) << what;
    if (floating == float64 || !is_floating(expected.dtype)) {
      EXPECT_EQ(name_of(outputs[i].dtype()), std::string(name_of(expected.dtype))) << what;
    }
    expect_near(outputs[i], expected.values, outputs[i].dtype() == float32 ? in_float32 : tolerance,
                what);
  }
}

/// The gradients that the outputs start from, undefined where there is none.
std::vector<Tensor> cotangents_of(const ReferenceCase& test, const std::vector<Tensor>& outputs) {
  std::vector<Tensor> cotangents(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i)
    if (i < test.cotangents.size() && test.cotangents[i] && outputs[i].requires_grad())
      cotangents[i] = cotangent_of(test, i, outputs[i]);
  return cotangents;
}

/// The gradients of the inputs, undefined where there is none.
std::vector<Tensor> gradients_of(const Inputs& inputs, const std::vector<Tensor>& outputs,
                                 const std::vector<Tensor>& starts) {
  std::vector<Tensor> recorded, cotangents, wanted, all(inputs.size());
  for (size_t i = 0; i < outputs.size(); ++i)
    if (starts[i].defined()) {
      recorded.push_back(outputs[i]);
      cotangents.push_back(starts[i]);
    }
  for (const Tensor& input : inputs)
    if (input.requires_grad()) wanted.push_back(input);
  if (recorded.empty() || wanted.empty()) return all;
  const auto found = grad(recorded, wanted, {.grad_outputs = cotangents, .allow_unused = true});
  for (size_t i = 0, next = 0; i < inputs.size(); ++i)
    if (inputs[i].requires_grad()) all[i] = found[next++];
  return all;
}

std::vector<Tensor> gradients_of(const ReferenceCase& test, const Inputs& inputs,
                                 const std::vector<Tensor>& outputs) {
  return gradients_of(inputs, outputs, cotangents_of(test, outputs));
}

void expect_gradients(const ReferenceCase& test, const Inputs& inputs,
                      const std::vector<Tensor>& outputs, Tolerance tolerance) {
  const std::vector<Tensor> gradients = gradients_of(test, inputs, outputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::string what = "gradient of input " + std::to_string(i);
    const bool expected = i < test.grads.size() && test.grads[i].has_value();
    ASSERT_EQ(gradients[i].defined(), expected) << what;
    if (!expected) continue;
    EXPECT_EQ(to_string(gradients[i].shape()), to_string(inputs[i].shape())) << what;
    expect_near(gradients[i], *test.grads[i], tolerance, what);
  }
}

void run_against_pytorch(const ReferenceCase& test, DType floating, Tolerance tolerance) {
  const kernels::Settings restore;
  for (const kernels::SimdLevel level : kernels::levels()) {
    SCOPED_TRACE("instruction set " + std::to_string(static_cast<int>(level)));
    kernels::set_simd_level(level);
    const Inputs inputs = inputs_of(test, floating);
    const std::vector<Tensor> outputs = call(test, inputs);
    expect_outputs(test, outputs, floating, tolerance);
    expect_gradients(test, inputs, outputs, tolerance);
  }
}

class OpCase : public ::testing::TestWithParam<CaseNumber> {};

TEST_P(OpCase, EqualsPyTorchInFloat64) {
  run_against_pytorch(GetParam().get(), float64, in_float64);
}

class OpCaseInFloat32 : public ::testing::TestWithParam<CaseNumber> {};

TEST_P(OpCaseInFloat32, EqualsPyTorch) {
  run_against_pytorch(GetParam().get(), float32, in_float32);
}

TEST_P(OpCaseInFloat32, EqualsFloat64) {
  const ReferenceCase& test = GetParam().get();
  const Inputs single = inputs_of(test, float32), twice = inputs_of(test, float64);
  const std::vector<Tensor> outputs = call(test, single), expected = call(test, twice);
  const auto gradients = gradients_of(test, single, outputs);
  const auto expected_gradients = gradients_of(test, twice, expected);
  for (size_t i = 0; i < outputs.size(); ++i)
    expect_near(outputs[i], expected[i].to_vector(), in_float32, "output");
  for (size_t i = 0; i < gradients.size(); ++i)
    if (gradients[i].defined())
      expect_near(gradients[i], expected_gradients[i].to_vector(), in_float32, "gradient");
}

#if defined(RILL_HAS_UNUSUAL_FLOAT_STATE)
std::vector<double> bits_of(const Tensor& x) {
  return x.defined() ? x.to_vector() : std::vector<double>();
}

void expect_same_bits(const std::vector<Tensor>& found, const std::vector<Tensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const std::vector<double> a = bits_of(found[i]), b = bits_of(expected[i]);
    ASSERT_EQ(a.size(), b.size());
    if (a.empty()) continue;
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)), 0) << i;
  }
}

void run_in_unusual_state(const ReferenceCase& test, DType floating) {
  const Inputs inputs = inputs_of(test, floating), again = inputs_of(test, floating);
  const std::vector<Tensor> expected = call(test, inputs), starts = cotangents_of(test, expected);
  const std::vector<Tensor> gradients = gradients_of(inputs, expected, starts);
  std::vector<Tensor> found, found_gradients;
  {
    const UnusualFloatState unusual;
    found = call(test, again);
    found_gradients = gradients_of(again, found, starts);
  }
  expect_same_bits(found, expected);
  expect_same_bits(found_gradients, gradients);
}

TEST_P(OpCase, HasTheSameBitsWhateverTheFloatingPointStateOfTheCaller) {
  for (const DType floating : {float32, float64}) run_in_unusual_state(GetParam().get(), floating);
}
#endif

class OpCaseByDifferences : public ::testing::TestWithParam<CaseNumber> {
 protected:
  /// The outputs that have a gradient.
  static TensorsFunction function_of(const ReferenceCase& test) {
    return [&test](const Inputs& inputs) {
      std::vector<Tensor> kept;
      for (const Tensor& out : call(test, inputs))
        if (is_floating(out.dtype())) kept.push_back(out);
      return kept;
    };
  }
};

TEST_P(OpCaseByDifferences, HasTheRightGradient) {
  const ReferenceCase& test = GetParam().get();
  EXPECT_TRUE(gradcheck(function_of(test), inputs_of(test, float64)));
}

class OpCaseByDifferencesTwice : public OpCaseByDifferences {};

TEST_P(OpCaseByDifferencesTwice, HasTheRightGradientOfTheGradient) {
  const ReferenceCase& test = GetParam().get();
  EXPECT_TRUE(gradgradcheck(function_of(test), inputs_of(test, float64)));
}

/// Holds the terms of up to 20 random elements of every row's gradient to what the row gave.
void expect_terms_to_sum(const inspect::Trace& trace, int64_t op, Generator& generator) {
  const inspect::TracedOp& traced = trace.ops()[op];
  for (size_t row = 0; row < traced.rows.size(); ++row) {
    const auto& outgoing = traced.rows[row].outgoing;
    if (!outgoing || outgoing->numel() == 0) continue;
    for (const auto element : randint(0, outgoing->numel(), {20}, generator).to_vector<int64_t>()) {
      const double expected = outgoing->values[element];
      if (!std::isfinite(expected)) continue;
      double sum = 0;
      for (const inspect::Term& term : trace.terms(op, static_cast<int>(row), element))
        sum += term.product;
      EXPECT_NEAR(sum, expected, 1e-10 * std::max(1.0, std::abs(expected)))
          << traced.name << ", row " << row << " (" << traced.rows[row].formula << "), element "
          << element;
    }
  }
}

TEST_P(OpCaseByDifferencesTwice, HasTermsThatSumToEachElementOfItsRowsGradients) {
  const ReferenceCase& test = GetParam().get();
  const Inputs inputs = inputs_of(test, float64);
  inspect::Trace trace({.whole_values = 1 << 20});
  {
    const ObserverGuard watching(trace);
    const std::vector<Tensor> outputs = call(test, inputs);
    gradients_of(test, inputs, outputs);
  }
  Generator generator(1);
  for (size_t op = 0; op < trace.ops().size(); ++op)
    expect_terms_to_sum(trace, static_cast<int64_t>(op), generator);
}

bool any_case(const ReferenceCase&) { return true; }
bool holds_in_float32(const ReferenceCase& test) { return test.float32; }
bool has_gradcheck(const ReferenceCase& test) { return test.gradcheck; }
bool has_gradgradcheck(const ReferenceCase& test) { return test.gradgradcheck; }

INSTANTIATE_TEST_SUITE_P(Ops, OpCase, ::testing::ValuesIn(cases_where(any_case)), test_name);
INSTANTIATE_TEST_SUITE_P(Ops, OpCaseInFloat32, ::testing::ValuesIn(cases_where(holds_in_float32)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Ops, OpCaseByDifferences, ::testing::ValuesIn(cases_where(has_gradcheck)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Ops, OpCaseByDifferencesTwice,
                         ::testing::ValuesIn(cases_where(has_gradgradcheck)), test_name);

/// The names of the ops that core/ops.h, core/further_ops.h and core/losses.h declare, operators
/// aside: those have no name, and the table calls them by the op that they stand for.
std::set<std::string> declared_ops() {
  const std::regex declaration("^(Tensor|ValuesAndIndices|.*std::vector<Tensor>) ([a-z_0-9]+)\\(");
  std::set<std::string> names;
  std::smatch match;
  for (const char* header : {"/core/ops.h", "/core/further_ops.h", "/core/losses.h"}) {
    std::ifstream file(RILL_SOURCE_DIR + std::string(header));
    for (std::string line; std::getline(file, line);)
      if (std::regex_search(line, match, declaration)) names.insert(match[2]);
  }
  return names;
}

/// Random ops: PyTorch draws other numbers. dropout_test.cpp and multinomial's tests hold them.
const std::set<std::string> without_reference = {"dropout", "multinomial", "bernoulli"};

TEST(OpTable, FindsTheOpsThatTheHeaderDeclares) {
  const std::set<std::string> declared = declared_ops();
  for (const char* op : {"add", "softplus", "topk", "split", "scaled_dot_product_attention"})
    EXPECT_TRUE(declared.contains(op)) << op;
}

TEST(OpTable, HasEveryOpThatTheHeaderDeclares) {
  for (const std::string& op : declared_ops())
    EXPECT_TRUE(op_table().contains(op) || without_reference.contains(op))
        << op << " is missing in tests/core/op_table_*.cpp";
}

TEST(OpTable, HoldsOnlyOpsThatTheHeaderDeclares) {
  const std::set<std::string> declared = declared_ops();
  for (const auto& [op, call] : op_table()) EXPECT_TRUE(declared.contains(op)) << op;
}

TEST(OpTable, HasEightCasesOrMoreForEveryOp) {
  std::map<std::string, int> counts;
  for (const ReferenceCase& test : reference_cases("ops.json")) ++counts[test.op];
  for (const auto& [op, call] : op_table())
    EXPECT_GE(counts[op], 8) << op << ": add cases in tests/reference/samples";
}

TEST(OpTable, HasAStridedCaseAndOneWithoutElementsForEveryOp) {
  std::set<std::string> strided, empty;
  for (const ReferenceCase& test : reference_cases("ops.json"))
    for (const ReferenceTensor& input : test.inputs) {
      if (input.layout != "contiguous") strided.insert(test.op);
      if (Shape(input.shape).numel() == 0) empty.insert(test.op);
    }
  for (const auto& [op, call] : op_table()) {
    EXPECT_TRUE(strided.contains(op)) << op << ": add a strided case in tests/reference/samples";
    EXPECT_TRUE(empty.contains(op)) << op << ": add a case of size 0 in tests/reference/samples";
  }
}

TEST(OpTable, KnowsEveryOpOfTheReference) {
  for (const ReferenceCase& test : reference_cases("ops.json"))
    EXPECT_TRUE(op_table().contains(test.op)) << test.label();
}

}  // namespace
}  // namespace rill::testing
