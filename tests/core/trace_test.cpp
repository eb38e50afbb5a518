#include <cmath>
#include <numeric>

#include <rill/core/autograd.h>
#include <rill/core/inspect/trace.h>
#include <rill/core/losses.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "tests/support/memory_diary.h"

namespace rill::inspect {
namespace {

using testing::expect_error;

/// The first op of this name in the trace.
const TracedOp& op_named(const Trace& trace, const std::string& name) {
  for (const TracedOp& op : trace.ops())
    if (op.name == name) return op;
  ADD_FAILURE() << "no op " << name;
  return trace.ops().at(0);
}

int64_t number_of(const Trace& trace, const TracedOp& op) { return &op - trace.ops().data(); }

double sum_of(const std::vector<Term>& terms) {
  double sum = 0;
  for (const Term& term : terms) sum += term.product;
  return sum;
}

/// y = Σ tanh(x · w + b), traced.
struct Perceptron {
  Perceptron() {
    trace.name({{"w", w}, {"b", b}});
    const ObserverGuard watching(trace);
    matmul(x, w).add(b).tanh().sum().backward();
  }
  const Tensor x = tensor({{1.0, -2.0}, {0.5, 3.0}}, float64);
  const Tensor w = tensor({{0.3, -0.1, 0.2}, {0.4, 0.0, -0.6}}, float64).requires_grad_();
  const Tensor b = tensor({0.1, 0.2, -0.3}, float64).requires_grad_();
  Trace trace;
};

TEST(Trace, NamesWhatOpsGaveAlsoOnceItHasSeenThem) {
  const Tensor x = tensor(0.5).requires_grad_();
  Trace trace;
  const ObserverGuard watching(trace);
  const Tensor h = tanh(x);
  trace.name({{"h", h}, {"x", x}});
  (h * 2.0).backward();
  EXPECT_EQ(trace.values()[trace.ops()[0].output].name, "h");
  EXPECT_EQ(trace.values()[trace.ops()[0].inputs[0]].name, "x");
  EXPECT_EQ(trace.values()[trace.ops()[1].output].name, "");
}

TEST(Trace, HoldsTheOpsInTheOrderInWhichTheyRanWithTheirInputsAndOutputs) {
  const Perceptron run;
  std::vector<std::string> names;
  for (const TracedOp& op : run.trace.ops()) names.push_back(op.name);
  EXPECT_EQ(names, (std::vector<std::string>{"matmul", "add", "tanh", "sum"}));
  const TracedOp& product = run.trace.ops()[0];
  ASSERT_EQ(product.inputs.size(), 2u);
  const TracedValue &x = run.trace.values()[product.inputs[0]],
                    &w = run.trace.values()[product.inputs[1]];
  EXPECT_EQ(x.data.values, run.x.to_vector());  // which wants no gradient
  EXPECT_FALSE(x.is_leaf_with_gradient);
  EXPECT_EQ(w.name, "w");
  EXPECT_EQ(w.made_by, -1);
  EXPECT_TRUE(w.is_leaf_with_gradient);
  EXPECT_EQ(run.trace.ops()[1].inputs[0], product.output);
  EXPECT_EQ(run.trace.values()[product.output].made_by, 0);
  EXPECT_EQ(run.trace.values()[product.output].data.values, matmul(run.x, run.w).to_vector());
}

TEST(Trace, HoldsTheRowsWithTheirFormulasAndWhatTheyGave) {
  const Perceptron run;
  const TracedOp& product = run.trace.ops()[0];
  ASSERT_EQ(product.rows.size(), 2u);
  EXPECT_FALSE(product.rows[0].is_wanted);
  EXPECT_FALSE(product.rows[0].outgoing);
  EXPECT_TRUE(product.rows[1].is_wanted);
  EXPECT_EQ(product.rows[1].input, 1);
  EXPECT_NE(product.rows[1].formula.find("aᵀ · dout"), std::string::npos);
  EXPECT_EQ(product.rows[1].outgoing->values, run.w.grad().to_vector());
  EXPECT_EQ(run.trace.passes(), (std::vector<int64_t>{3, 2, 1, 0}));
  EXPECT_EQ(product.pass, 3);
}

TEST(Trace, HoldsGradientsBesideValuesAndWhereBackwardBegan) {
  const Perceptron run;
  const TracedValue& loss = run.trace.values()[run.trace.ops()[3].output];
  EXPECT_EQ(loss.start->values, std::vector<double>{1});
  EXPECT_EQ(loss.gradient->values, std::vector<double>{1});
  EXPECT_TRUE(loss.arrivals.empty());
  const TracedValue& b = run.trace.values()[run.trace.ops()[1].inputs[1]];
  EXPECT_EQ(b.gradient->values, run.b.grad().to_vector());
}

TEST(Trace, NamesEverySummandWherePathsJoin) {
  const Tensor x = tensor({2.0, 3.0}, float64).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    (x * x + x.exp()).sum().backward();
  }
  const TracedValue& joined = trace.values()[op_named(trace, "exp").inputs[0]];
  ASSERT_EQ(joined.arrivals.size(), 3u);
  std::vector<double> sum(2);
  for (const TracedValue::Arrival& arrival : joined.arrivals)
    for (size_t i = 0; i < 2; ++i)
      sum[i] += trace.ops()[arrival.op].rows[arrival.row].outgoing->values[i];
  EXPECT_EQ(sum, x.grad().to_vector());
  const TracedOp& product = op_named(trace, "mul");  // x, twice
  EXPECT_EQ(product.rows[0].input, 0);
  EXPECT_EQ(product.rows[1].input, 1);
}

TEST(Trace, CountsTheGradientsOfTheLastWalkAlone) {
  const Tensor x = tensor({2.0}).requires_grad_();
  Trace trace;
  const ObserverGuard watching(trace);
  const Tensor y = x * 3;
  y.backward({}, {.retain_graph = true});
  y.backward();
  const TracedValue& leaf = trace.values()[trace.ops()[0].inputs[0]];
  EXPECT_EQ(leaf.arrivals.size(), 1u);
  EXPECT_EQ(trace.passes(), std::vector<int64_t>{0});
  EXPECT_EQ(leaf.gradient->values, std::vector<double>{3});
  EXPECT_EQ(x.grad().item(), 6);
}

TEST(Trace, SeesOpsThatAreNotRecorded) {
  Trace trace;
  const ObserverGuard watching(trace);
  const NoGradGuard no_grad;
  const Tensor x = ones({2}).requires_grad_();
  static_cast<void>(exp(x).argmax(0));
  EXPECT_TRUE(op_named(trace, "exp").rows.empty());
  EXPECT_GE(op_named(trace, "argmax").output, 0);
}

TEST(Trace, WritesInPlaceMakeAnotherValueOfTheSameTensor) {
  const Tensor x = tensor({2.0}).requires_grad_();
  Trace trace;
  const ObserverGuard watching(trace);
  const Tensor y = x * 3;
  y.add_(1);
  y.backward();
  const TracedOp &product = op_named(trace, "mul"), &sum = op_named(trace, "add_");
  EXPECT_EQ(sum.inputs[0], product.output);
  EXPECT_NE(sum.output, product.output);
  EXPECT_EQ(trace.values()[product.output].data.values, std::vector<double>{6});
  EXPECT_EQ(trace.values()[sum.output].data.values, std::vector<double>{7});
  EXPECT_EQ(trace.values()[sum.output].gradient->values, std::vector<double>{1});
}

TEST(Trace, OpsOfOpsStandInsideThem) {
  Trace trace;
  const ObserverGuard watching(trace);
  static_cast<void>(bmm(ones({1, 2, 3}), ones({1, 3, 2})));
  const TracedOp &outer = op_named(trace, "bmm"), &inner = op_named(trace, "matmul");
  EXPECT_EQ(outer.parent, -1);
  EXPECT_EQ(inner.parent, number_of(trace, outer));
  EXPECT_EQ(inner.output, outer.output);
  EXPECT_EQ(trace.values()[outer.output].made_by, number_of(trace, inner));
}

TEST(Trace, EachOutputOfAnOpStandsByItself) {
  const Tensor x = tensor({1.0, 2.0, 3.0, 4.0}).requires_grad_();
  Trace trace;
  const ObserverGuard watching(trace);
  const std::vector<Tensor> parts = x.split({2, 2});
  (parts[0] * parts[1]).sum().backward();
  const TracedOp &first = trace.ops()[0], &second = trace.ops()[1];
  EXPECT_EQ(first.name, "split");
  EXPECT_EQ(second.name, "split");
  EXPECT_EQ(first.inputs.at(0), second.inputs.at(0));
  EXPECT_EQ(trace.values()[second.output].data.values, (std::vector<double>{3, 4}));
  EXPECT_EQ(trace.values()[second.output].gradient->values, (std::vector<double>{1, 2}));
  EXPECT_EQ(trace.values()[first.inputs[0]].arrivals.size(), 2u);
}

TEST(Trace, TermsSumToTheElementOfTheGradient) {
  const Perceptron run;
  for (size_t op = 0; op < run.trace.ops().size(); ++op)
    for (size_t row = 0; row < run.trace.ops()[op].rows.size(); ++row) {
      const auto& outgoing = run.trace.ops()[op].rows[row].outgoing;
      for (int64_t i = 0; outgoing && i < outgoing->numel(); ++i)
        EXPECT_NEAR(sum_of(run.trace.terms(op, row, i)), outgoing->values[i], 1e-12);
    }
}

TEST(Trace, TermsAreTheProductsOfTheFormula) {
  const Perceptron run;
  const std::vector<Term> terms = run.trace.terms(0, 1, 3);  // dw[1, 0] = Σ x[i, 1] dout[i, 0]
  const std::vector<double>& dout = run.trace.values()[run.trace.ops()[0].output].gradient->values;
  ASSERT_EQ(terms.size(), 2u);
  for (const Term& term : terms) {
    const bool is_first = term.element == 0;
    EXPECT_EQ(term.element, is_first ? 0 : 3);
    EXPECT_EQ(term.incoming, dout[is_first ? 0 : 3]);
    EXPECT_EQ(term.derivative, is_first ? -2 : 3);
    EXPECT_EQ(term.product, term.incoming * term.derivative);
  }
  EXPECT_GE(std::abs(terms[0].product), std::abs(terms[1].product));
}

TEST(Trace, TermsOfWhatIsNotThereAreRefused) {
  const Perceptron run;
  expect_error<IndexError>([&] { run.trace.terms(9, 0, 0); }, {"4 ops", "9"});
  expect_error<ValueError>([&] { run.trace.terms(0, 0, 0); }, {"row 0", "matmul", "backward"});
  expect_error<IndexError>([&] { run.trace.terms(0, 1, 6); }, {"element 6", "[2, 3]"});
  Trace light({.keep_rows = false});
  {
    const ObserverGuard watching(light);
    run.w.exp().sum().backward();
  }
  expect_error<ValueError>([&] { light.terms(0, 0, 0); }, {"exp", "keep_rows"});
}

TEST(Trace, TermsAfterTheWeightsHaveMovedAreRefused) {
  const Tensor w = tensor({2.0, 3.0}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    (w * w).sum().backward();
  }
  const NoGradGuard no_grad;
  w.add_(1);
  expect_error<AutogradError>([&] { trace.terms(0, 0, 0); }, {"changed in place"});
}

TEST(Trace, FusedOpsOpenIntoPlainOnesWithTheSameNumbers) {
  const Tensor x = randn({3, 4}, float64).requires_grad_(), w = ones({4}, float64).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    layer_norm(x, {4}, w, {}).pow(2).sum().backward();
  }
  const std::shared_ptr<const Trace> inside = trace.inside(0);
  ASSERT_TRUE(inside);
  EXPECT_GT(inside->ops().size(), 4u);
  const TracedValue& made = inside->values()[inside->ops().back().output];
  const TracedValue& out = trace.values()[trace.ops()[0].output];
  for (size_t i = 0; i < 12; ++i) EXPECT_NEAR(made.data.values[i], out.data.values[i], 1e-12);
  bool is_there = false;
  for (const TracedValue& value : inside->values())
    if (value.gradient && value.is_leaf_with_gradient && value.data.values == x.to_vector()) {
      is_there = true;
      for (size_t i = 0; i < 12; ++i)
        EXPECT_NEAR(value.gradient->values[i], x.grad().to_vector()[i], 1e-12);
    }
  EXPECT_TRUE(is_there);
  EXPECT_FALSE(trace.inside(1));  // pow is no fused op
  EXPECT_EQ(trace.inside(0), inside);
}

TEST(Trace, FusedOpsTellTheFormulasOfTheirGradients) {
  const Tensor x = ones({2, 3}).requires_grad_(), q = ones({1, 2, 3}).requires_grad_();
  Trace trace;
  const ObserverGuard watching(trace);
  layer_norm(x, {3}, x[0], x[0]);
  rms_norm(x, {3}, x[0]);
  cross_entropy(x, tensor({0, 2}));
  scaled_dot_product_attention(q, q, q);
  packed_attention(ones({3, 1, 2, 3}).requires_grad_());

  const auto formula = [&](const std::string& op, size_t row) {
    return op_named(trace, op).rows.at(row).formula;
  };
  EXPECT_EQ(formula("layer_norm", 0), "(g − mean(g) − x̂ · mean(g · x̂)) · rstd, g = dout · weight");
  EXPECT_EQ(formula("layer_norm", 2), "Σ dout over the rows");
  EXPECT_EQ(formula("rms_norm", 1), "Σ dout · x̂ over the rows");
  EXPECT_EQ(formula("cross_entropy_of_rows", 0), "dout · (p − y), p = softmax(logits)");
  EXPECT_EQ(formula("scaled_dot_product_attention", 2), "Pᵀ · dout, P = softmax(scores)");
  EXPECT_NE(formula("packed_attention", 0).find("dscoresᵀ · query"), std::string::npos);
}

TEST(Trace, KeptBytesAreTheAllocatorsAndAreFreedInTheOrderShown) {
  const Tensor x = randn({7, 5}), w = randn({5, 9}).requires_grad_();
  Trace trace({.whole_values = 0, .keep_rows = false});
  testing::MemoryDiary diary;
  const int64_t before = live_tensor_bytes();
  const ObserverGuard watching(trace), noting(diary);
  const Tensor loss = matmul(x, w).tanh().exp().layer_norm({9}).pow(3).sum();
  const int64_t held = live_tensor_bytes() - before - 4;  // the loss is the program's
  int64_t kept = 0;
  for (const TracedOp& op : trace.ops())
    for (const TracedOp::Kept& one : op.kept) kept += one.is_new ? one.bytes : 0;
  EXPECT_EQ(kept, held);
  EXPECT_EQ(kept, 3 * 7 * 9 * 4 + 2 * 7 * 8);  // of tanh, exp, layer_norm; its means and widths
  loss.backward();
  std::vector<int64_t> shown;
  for (const int64_t op : trace.passes()) shown.push_back(trace.ops()[op].freed_bytes);
  EXPECT_EQ(shown, diary.freed());
  EXPECT_EQ(std::accumulate(shown.begin(), shown.end(), int64_t{0}), kept);
}

}  // namespace
}  // namespace rill::inspect
