#include <set>

#include <rill/nn/decoder.h>
#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/transformer_encoder.h>

#include "tests/support/flow_page_in_browser.h"

// Whoever computes again what a flow page shows comes to the same numbers.

namespace rill::inspect {
namespace {

using nlohmann::json;
using FlowPageArithmetic = FlowPageInBrowser;

/// A traced pass and the leaves whose gradients it left in `.grad`.
struct Pass {
  Trace trace;
  std::vector<NamedTensor> leaves;
};

/// exp(a · tanh(a·b + c))
Pass scalar_expression() {
  const Tensor a = tensor(2.0).requires_grad_(), b = tensor(-0.4).requires_grad_(),
               c = tensor(0.3).requires_grad_();
  Pass pass{.trace = Trace(), .leaves = {{"a", a}, {"b", b}, {"c", c}}};
  pass.trace.name(pass.leaves);
  const ObserverGuard watching(pass.trace);
  ((a * b + c).tanh() * a).exp().backward();
  return pass;
}

Pass perceptron() {
  Perceptron net;
  return {.trace = std::move(net.trace),
          .leaves = {{"W1", net.w1}, {"b1", net.b1}, {"W2", net.w2}, {"b2", net.b2}}};
}

/// Which of 20 names comes first in "A and B are awesome."
class WordOrder final : public nn::Layer<WordOrder> {
 public:
  Tensor forward(const Tensor& ids) const { return head(encoder(position(token(ids))).mean(1)); }
  const nn::Embedding token = register_module("token", nn::Embedding(23, 32));
  const nn::LearnedPositionalEncoding position = register_module(
      "position", nn::LearnedPositionalEncoding(32, {.dropout = 0, .max_len = 5, .std = 1}));
  const nn::TransformerEncoder encoder = register_module(
      "encoder",
      nn::TransformerEncoder(
          nn::TransformerEncoderLayer(32, 4, {.dim_feedforward = 64, .norm_first = true}), 1));
  const nn::Linear head = register_module("head", nn::Linear(32, 20));
};

Pass word_order() {
  manual_seed(1);
  const WordOrder model;
  Pass pass{.trace = Trace(model), .leaves = model.named_parameters()};
  const ObserverGuard watching(pass.trace);
  cross_entropy(model(tensor({{0, 20, 1, 21, 22}, {1, 20, 0, 21, 22}})), tensor({0, 1})).backward();
  return pass;
}

/// A step of a language model of four layers, all of whose tensors the page has as a whole.
Pass tiny_transformer() {
  manual_seed(1);
  const nn::LanguageModel model(
      {.vocab_size = 32, .block_size = 8, .n_layer = 4, .n_head = 4, .n_embd = 32});
  Pass pass{.trace = Trace(model, {.whole_values = 4096}), .leaves = model.named_parameters()};
  const Tensor ids = tensor({{20, 5, 0, 3, 18, 0, 4, 6, 20}});
  const ObserverGuard watching(pass.trace);
  model.loss(ids.slice(1, 0, 8), ids.slice(1, 1, 9)).backward();
  return pass;
}

/// Takes random pairs of a row that gave a gradient, also of the parts of fused ops, and of an
/// element of it; multiplies and adds what the page shows for them, and compares with the gradient
/// that it shows.
const char* const pairs_script = R"js(
  let state = SEED;
  const random = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
  const rows = [];
  const gather = (trace) => {
    trace.ops.forEach((_, op) => trace.rows(op).forEach((_, row) => {
      if (trace.terms(op, row)) rows.push({trace, op, row});
    }));
    for (const op of Object.keys(trace.json.inside)) gather(trace.inside(Number(op)));
  };
  gather(flow.trace);

  const seen = {wrong: [], pairs: 0, products: 0, partial: 0, rounded: 0, coarse: 0};
  const rounds_to = (sum, total, parts) =>
    Math.abs(sum - total.value) < (total.value ? total.half : Math.min(...parts.map(({half}) => half)));

  // Where large summands leave no more than their rounding, the page says so in a row of its own.
  const is_rounding = (row) => row.querySelector(".name").textContent === "rounding";

  const is_right = (table, gradient, dout) => {
    const total = shown(table.querySelector(".sum .num"));
    const lines = [...table.querySelectorAll("tbody tr")].filter((row) => row.querySelector(".product"));
    const parts = lines.map((row) => shown(row.querySelector(".product .num")));
    const factors = lines.map((row) =>
      [...row.querySelectorAll(".incoming .num, .derivative .num")].map((number) => shown(number).value));
    const terms = parts.map(({value}, i) => factors[i].length ? factors[i][0] * factors[i][1] : value);
    const add = (numbers) => numbers.reduce((sum, x) => sum + x, 0);
    const size = add(factors.flatMap(([a, b], i) => a === undefined ? [] : [Math.abs(parts[i].value)])) ||
      Math.max(-dout.min, dout.max);
    const rounding = lines.findIndex(is_rounding);
    seen.products += factors.filter(({length}) => length).length;
    seen.partial += factors.some(({length}) => !length);
    seen.rounded += rounding >= 0;
    seen.coarse += total.value !== gradient && total.half > 0.005 * Math.abs(gradient);
    return terms.every((term, i) => near(term, parts[i])) && near(gradient, total) &&
      rounds_to(add(parts.map(({value}) => value)), total, parts) &&
      (rounding < 0 ? rounds_to(add(terms), total, parts) : Math.abs(parts[rounding].value) < 1e-5 * size);
  };

  for (; seen.pairs < PAIRS; ++seen.pairs) {
    const {trace, op, row} = rows[random(rows.length)];
    const terms = trace.terms(op, row), {values, numel} = trace.outgoing(op, row);
    const element = terms.elements ? terms.elements[random(terms.elements.length)] : random(numel);
    const gradient = values ? values[element] : terms.of(element).sum;
    const spot = document.createElement("div");
    flow.panel.fill_spot(spot, trace, op, row, element);
    const check = () => {
      const table = spot.querySelector(".terms table");
      if (!is_right(table, gradient, trace.gradient(trace.ops[op].out)))
        seen.wrong.push(`${trace.ops[op].name}: ${table.textContent}`);
    };
    check();
    const all = spot.querySelector(".terms button");
    if (all) { all.click(); check(); }
  }
  return seen;
)js";

std::string with(std::string script, const std::string& name, const std::string& value) {
  return script.replace(script.find(name), name.size(), value);
}

void expect_terms_add_up(const json& seen, int pairs) {
  EXPECT_EQ(seen["wrong"], json::array());
  EXPECT_EQ(seen["pairs"], pairs);
  EXPECT_GE(seen["products"], pairs);
  EXPECT_LE(seen["rounded"], pairs / 50);
  EXPECT_LE(seen["coarse"], pairs / 20);  // totals of less than three digits
}

std::string random_pairs(int pairs) {
  return with(with(pairs_script, "SEED", "15"), "PAIRS", std::to_string(pairs));
}

TEST_F(FlowPageArithmetic, OfAScalarExpressionCanBeDoneAgain) {
  expect_terms_add_up(evaluate(scalar_expression().trace, random_pairs(50)), 50);
}

TEST_F(FlowPageArithmetic, OfTwoLayersWithBroadcastBiasesCanBeDoneAgain) {
  expect_terms_add_up(evaluate(perceptron().trace, random_pairs(150)), 150);
}

TEST_F(FlowPageArithmetic, OfAClassifierWithAnEncoderCanBeDoneAgain) {
  const json seen = evaluate(word_order().trace, random_pairs(400));
  expect_terms_add_up(seen, 400);
  EXPECT_GT(seen["partial"], 20);  // of large gradients, the largest terms and the sum of the rest
}

TEST_F(FlowPageArithmetic, OfAStepOfATransformerCanBeDoneAgain) {
  const json seen = evaluate(tiny_transformer().trace, random_pairs(400));
  expect_terms_add_up(seen, 400);
  EXPECT_GT(seen["partial"], 20);
}

/// The sum shown at each leaf, and at each other value to which several gradients came, against
/// `expected`, the `.grad` of the leaves by name.
const char* const joins_script = R"js(
  const expected = EXPECTED;
  const seen = {wrong: [], leaves: [], joins: 0};
  const {trace} = flow;
  const add = (list) => list.reduce((sum, {value}) => sum + value, 0);
  trace.values.forEach(({leaf, name}, i) => {
    const gradient = trace.gradient(i)?.values;
    if (!gradient || (!leaf && trace.arrivals(i).length < 2)) return;
    const wanted = leaf ? expected[name] : Array.from(gradient);
    if (leaf) seen.leaves.push(name);
    if (wanted.length !== gradient.length || wanted.some((x, e) => x !== gradient[e]))
      seen.wrong.push(`the gradient of ${name}`);
    flow.select_value(trace, i);
    const last = gradient.length - 1;
    for (const element of new Set([trace.gradient(i).largest, 0, last >> 1, last])) {
      flow.pick({element});
      const table = document.querySelector("#panel [data-join]");
      const total = shown(table.querySelector(".sum .num"));
      const parts = [...table.querySelectorAll("tbody .product .num")].map(shown);
      const room = total.value ? total.half : Math.min(...parts.map(({half}) => half));
      if (!near(wanted[element], total) || Math.abs(add(parts) - total.value) >= room ||
          parts.length < trace.arrivals(i).length)
        seen.wrong.push(`${name} ${element}: ${table.textContent}`);
      ++seen.joins;
    }
  });
  return seen;
)js";

void expect_joins_are_the_gradients(const json& seen, const std::vector<NamedTensor>& leaves) {
  EXPECT_EQ(seen["wrong"], json::array());
  EXPECT_GT(seen["joins"], seen["leaves"].size());
  std::set<std::string> names;
  for (const NamedTensor& leaf : leaves) names.insert(leaf.name);
  EXPECT_EQ(seen["leaves"].get<std::set<std::string>>(), names);
}

std::string all_joins(const std::vector<NamedTensor>& leaves) {
  json expected;
  for (const auto& [name, tensor] : leaves) expected[name] = tensor.grad().to_vector();
  return with(joins_script, "EXPECTED", expected.dump());
}

TEST_F(FlowPageArithmetic, JoinsOfTwoLayersSumToTheGradientsOfTheParameters) {
  const Pass pass = perceptron();
  expect_joins_are_the_gradients(evaluate(pass.trace, all_joins(pass.leaves)), pass.leaves);
}

TEST_F(FlowPageArithmetic, JoinsOfATransformerSumToTheGradientsOfTheParameters) {
  const Pass pass = tiny_transformer();
  expect_joins_are_the_gradients(evaluate(pass.trace, all_joins(pass.leaves)), pass.leaves);
}

TEST_F(FlowPageArithmetic, WhatLargeTermsLeaveOfTheirRoundingIsARowOfItsOwn) {
  const Tensor a = tensor({{1.0}}).requires_grad_(), w = tensor({{1.0, -1.0}});
  Trace trace;
  {
    const ObserverGuard watching(trace);
    matmul(a, w).sum().backward();
  }
  const json seen = evaluate(trace, R"(
    flow.trace.outgoing(0, 0).values[0] = 1e-6;  // as if its 1 − 1 had been rounded
    const spot = document.createElement("div");
    flow.panel.fill_spot(spot, flow.trace, 0, 0, 0);
    return [...spot.querySelectorAll(".product, .sum")].slice(-2).map(({textContent}) => textContent);)");
  EXPECT_EQ(seen, json({"1.000e−6", "1.000e−6"}));
}

}  // namespace
}  // namespace rill::inspect
