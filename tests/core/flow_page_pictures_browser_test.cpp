#include <rill/core/losses.h>

#include "tests/support/flow_page_in_browser.h"

// Pictures of single kinds of ops: whoever computes again what they show comes to the same numbers.

namespace rill::inspect {
namespace {

using nlohmann::json;

class FlowPagePictures : public FlowPageInBrowser {
 protected:
  json look(const Trace& trace, const std::string& body) const {
    return evaluate(trace, helpers + body);
  }

 private:
  static inline const std::string helpers = R"js(
    const {trace} = flow;
    const step_of = (name) => flow.steps.findIndex(({op, phase}) => phase === "backward" && trace.ops[op].name === name);
    const open = (name) => { flow.go(step_of(name)); return trace.ops[flow.step.op]; };
    const number = (text) => Number(text.replaceAll("−", "-"));
    const picture = () => document.querySelector("#panel .picture");
    // The numbers of bars, null where there is none.
    const bars = (name) => {
      const row = [...picture().querySelectorAll(".bar-row")].find((r) => r.firstChild.textContent === name);
      return row && [...row.querySelectorAll("i")].map(({title}) => title.endsWith("none") ? null : number(title.split(": ")[1]));
    };
    const map = (label) => document.querySelector(`#panel canvas[data-map="${label}"]`)?.map;
    const choose = (name, i) => {
      const slider = picture().querySelector(`[data-one-of="${name}"] input`);
      if (!slider) return;
      slider.value = i;
      slider.dispatchEvent(new Event("input"));
    };
    const told = () => [...picture().querySelectorAll(".soft .num")].map(({textContent}) => number(textContent));
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    const largest = (list) => Math.max(...list.map(Math.abs));
    // The largest difference, beside the largest number.
    const apart = (a, b) => a.length !== b.length ? Infinity
      : largest(a.map((x, i) => x - b[i])) / (largest([...b]) || 1);
    const dot = (a, b) => sum(a.map((x, i) => x * b[i]));
  )js";
};

constexpr double shown_digits = 1e-3;  // bars are told with four digits

template <class Function>
Trace traced(const std::vector<NamedTensor>& names, Function step) {
  Trace trace;
  trace.name(names);
  const ObserverGuard watching(trace);
  step().backward();
  return trace;
}

const char* const cross_entropy_rows = R"js(
  open("cross_entropy_of_rows");
  const seen = [];
  for (let row = 0; row < 3; ++row) {
    choose("row", row);
    const p = bars("p"), y = bars("y"), difference = bars("p − y"), given = bars("∂L/∂logits");
    const [dout] = told(), right = y?.indexOf(1), jacobian = map("∂p/∂logits").numbers;
    const expected = p.flatMap((a, i) => p.map((b, j) => (i === j ? a : 0) - a * b));
    seen.push({p, y, jacobian: apart(jacobian, expected),
               difference: y && apart(difference, p.map((x, i) => x - y[i])),
               given: y && apart(given, difference.map((x) => dout * x)),
               by_jacobian: y && apart(jacobian.slice(4 * right, 4 * right + 4).map((x) => -x / p[right]), difference)});
  }
  return seen;)js";

TEST_F(FlowPagePictures, CrossEntropyShowsSharesTheRightAnswerAndTheJacobian) {
  manual_seed(5);
  const Tensor logits = randn({3, 4}).requires_grad_();
  const Trace trace = traced({{"logits", logits}}, [&] {
    return cross_entropy(logits, tensor({2, 0, 2}));
  });
  const json seen = look(trace, cross_entropy_rows);
  const std::vector<double> p = softmax(logits, 1).detach().to_vector();
  for (size_t row = 0; row < 3; ++row) {
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(seen[row]["p"][i], p[4 * row + i], shown_digits);
    EXPECT_EQ(seen[row]["y"], row == 1 ? json({1, 0, 0, 0}) : json({0, 0, 1, 0}));
    for (const char* what : {"jacobian", "difference", "given", "by_jacobian"})
      EXPECT_LT(seen[row][what], 2 * shown_digits) << what << " of row " << row;
  }
}

TEST_F(FlowPagePictures, SmoothedLabelsAreNotShownAsOneRightAnswer) {
  const Tensor logits =
      tensor({{1.0, 2.0, 0.0, 1.0}, {0.0, 1.0, 3.0, 1.0}, {0.0, 1.0, 1.0, 0.0}}).requires_grad_();
  const Trace trace = traced({}, [&] {
    return cross_entropy(logits, tensor({2, 0, 2}), {.label_smoothing = 0.2});
  });
  for (const json& row : look(trace, cross_entropy_rows)) {
    EXPECT_FALSE(row.contains("y"));
    EXPECT_LT(row["jacobian"], 2 * shown_digits);
  }
}

TEST_F(FlowPagePictures, TheJacobianOfSoftmaxTimesWhatCameInIsWhatGoesOut) {
  manual_seed(5);
  const Tensor x = randn({3, 5}).requires_grad_(), w = randn({3, 5});
  const Trace trace = traced({}, [&] { return (softmax(x, 1) * w).sum(); });
  const json seen = look(trace, R"js(
    open("softmax");
    return [0, 1, 2].map((row) => {
      choose("row", row);
      const jacobian = map("∂p/∂x").numbers, dout = bars("dout");
      return apart(dout.map((_, i) => dot(dout, jacobian.slice(5 * i, 5 * i + 5))), bars("goes out"));
    });)js");
  for (const json& row : seen) EXPECT_LT(row, 3 * shown_digits);
}

TEST_F(FlowPagePictures, AttentionShowsOneQueryAtATimeAndNothingWhereItIsMasked) {
  manual_seed(5);
  const Tensor q = randn({1, 2, 4, 3}).requires_grad_(), k = randn({1, 2, 4, 3}).requires_grad_(),
               v = randn({1, 2, 4, 3}).requires_grad_(), w = randn({1, 2, 4, 3});
  const Trace trace = traced(
      {}, [&] { return (scaled_dot_product_attention(q, k, v, {.is_causal = true}) * w).sum(); });
  const json seen = look(trace, R"js(
    open("scaled_dot_product_attention");
    const seen = [];
    for (const head of [0, 1]) for (const query of [0, 1, 2, 3]) {
      choose("head", head);
      choose("query", query);
      const list = ["weights", "∂L/∂weights", "∂L/∂scores"].map(bars);
      const [weights, from_out, scores] = list.map((numbers) => numbers.filter((x) => x !== null));
      const common = dot(weights, from_out), maps = ["weights", "∂L/∂weights", "∂L/∂scores"].map(map);
      seen.push({bars: list.map((numbers) => numbers.map((x) => x !== null)), weights: sum(weights),
                 common: Math.abs(common - told()[0]) / largest(from_out),
                 scores: query ? apart(weights.map((w, i) => w * (from_out[i] - common)), scores) : largest(scores),
                 lit: maps.map(({lit}) => [...lit.keys()]),
                 empty: maps.map((m) => Array.from(m.numbers, (_, i) => m.options.is_absent(i)))});
    }
    return seen;)js");
  ASSERT_EQ(seen.size(), 8u);
  for (int query = 0; query < 4; ++query)
    for (const json& row : {seen[query], seen[4 + query]}) {
      json shown, lit, empty;
      for (int key = 0; key < 4; ++key) {
        shown.push_back(key <= query);
        lit.push_back(4 * query + key);
      }
      for (int i = 0; i < 16; ++i) empty.push_back(i % 4 > i / 4);
      EXPECT_EQ(row["bars"], json({shown, shown, shown}));
      EXPECT_EQ(row["lit"], json({lit, lit, lit}));
      EXPECT_EQ(row["empty"], json({empty, empty, empty}));
      EXPECT_NEAR(row["weights"], 1, 4 * shown_digits);
      EXPECT_LT(row["common"], 2 * shown_digits);
      EXPECT_LT(row["scores"], 0.02);  // a difference of numbers with four digits
    }
}

const char* const norm_rows = R"js(
  open(NAME);
  const seen = [];
  for (let row = 0; row < 3; ++row) {
    choose("row", row);
    const [g, left, given] = ["g", "left", "goes out"].map(bars), along = bars("along x̂");
    const shift = bars("along 1"), [scale] = told().slice(-1);
    const share = picture().querySelectorAll(".stack .num")[row].textContent;
    seen.push({left: apart(left, g.map((x, i) => x - along[i] - (shift ? shift[i] : 0))),
               given: apart(given, left.map((x) => scale * x)), sum: Math.abs(sum(left)) / largest(left),
               is_shifted: Boolean(shift), share: Math.abs(parseFloat(share) - 100 * dot(left, left) / dot(g, g))});
  }
  return seen;)js";

TEST_F(FlowPagePictures, NormsShowWhatTheyThrowAway) {
  manual_seed(5);
  const Tensor x = (2 * randn({3, 6}) + 1).detach().requires_grad_(), w = randn({3, 6}),
               weight = randn({6}).requires_grad_();
  const Trace layer =
                  traced({}, [&] { return (layer_norm(x, {6}, weight, weight, 0.1) * w).sum(); }),
              rms = traced({}, [&] { return (rms_norm(x, {6}, weight) * w).sum(); });
  const std::string rows = norm_rows;
  for (const char* name : {"layer_norm", "rms_norm"}) {
    const bool is_layer = name == std::string("layer_norm");
    const json seen =
        look(is_layer ? layer : rms, "const NAME = '" + std::string(name) + "';" + rows);
    for (const json& row : seen) {
      EXPECT_EQ(row["is_shifted"], is_layer);
      EXPECT_LT(row["left"], 3 * shown_digits) << name;
      EXPECT_LT(row["given"], 2 * shown_digits) << name;
      EXPECT_LT(row["share"], 0.7) << name;
      if (is_layer) {
        EXPECT_LT(row["sum"], 3 * shown_digits);
      }
    }
  }
}

TEST_F(FlowPagePictures, AnEmbeddingShowsWhichRowsGetWhatAndTheSum) {
  manual_seed(5);
  const Tensor table = randn({5, 3}).requires_grad_(), w = randn({4, 3});
  const Trace trace = traced({{"table", table}}, [&] {
    return (embedding(table, tensor({3, 0, 3, 3})) * w).sum();
  });
  const json seen = look(trace, R"js(
    open("embedding");
    const said = [], sums = [];
    for (const i of [0, 1]) {
      choose("id", i);
      const {numbers, rows, options} = map("added up"), row = (r) => numbers.slice(3 * r, 3 * r + 3);
      const parts = Array.from({length: rows - 1}, (_, r) => row(r));
      said.push(options.row_labels);
      sums.push([apart([0, 1, 2].map((j) => sum(parts.map((part) => part[j]))), row(rows - 1)), ...row(rows - 1)]);
    }
    const of_table = map("the table's gradient");
    const empty = [0, 1, 2, 3, 4].map((row) => of_table.options.is_absent(3 * row));
    of_table.options.on_pick(2);  // row 0
    flow.select_value(trace, trace.values.findIndex(({name}) => name === "table"));
    return {said, sums, empty, text: document.getElementById("panel").textContent};)js");
  EXPECT_EQ(seen["said"], json({{"dout 1", "row 0"}, {"dout 0", "dout 2", "dout 3", "row 3"}}));
  EXPECT_EQ(seen["empty"], json({false, true, true, false, true}));
  const std::vector<double> gradient = table.grad().to_vector();
  for (const int i : {0, 1}) {
    EXPECT_LT(seen["sums"][i][0], 1e-6);
    for (int j = 0; j < 3; ++j) EXPECT_EQ(seen["sums"][i][1 + j], gradient[(i ? 9 : 0) + j]);
  }
  EXPECT_NE(seen["text"].get<std::string>().find("Rows 1–2, 4 of 5 got nothing, and stay 0."),
            std::string::npos);
}

TEST_F(FlowPagePictures, PositionsBeyondTheTextStayZero) {
  const Tensor table = ones({6, 2});
  table[1][0].fill_(0);  // a row that is not 0 as a whole
  table.requires_grad_();
  const Trace trace =
      traced({{"positions", table}}, [&] { return table.slice(0, 0, 4).pow(2).sum(); });
  const json seen = look(trace, R"js(
    flow.select_value(trace, trace.values.findIndex(({name}) => name === "positions"));
    return document.getElementById("panel").textContent;)js");
  EXPECT_NE(seen.get<std::string>().find("Rows 4–5 of 6 got nothing, and stay 0."),
            std::string::npos);
}

TEST_F(FlowPagePictures, DropoutShowsTheSameMaskForthAndBack) {
  manual_seed(5);
  const Tensor x = randn({4, 6}).requires_grad_(), w = randn({4, 6});
  const Trace trace = traced({}, [&] { return (dropout(x, 0.25, true) * w).sum(); });
  const json seen = look(trace, R"js(
    open("dropout");
    const of = (line) => [...line.querySelectorAll("canvas")].map((canvas) => [...canvas.map.numbers]);
    const lines = [...picture().querySelectorAll(".equation")].map(of);
    const [[, mask], [, again]] = lines, [factor] = told();
    return {text: picture().textContent, factor, same: apart(mask, again),
            dropped: mask.filter((m) => m === 0).length, others: mask.every((m) => m === 0 || near(m, {value: factor, half: 1e-3})),
            products: lines.map(([from, m, to]) => apart(from.map((a, i) => a * m[i]), to))};)js");
  EXPECT_NEAR(seen["factor"], 4.0 / 3, 1e-3);
  EXPECT_EQ(seen["same"], 0);
  EXPECT_EQ(seen["others"], true);
  EXPECT_GT(seen["dropped"], 0);
  EXPECT_NE(seen["text"].get<std::string>().find(seen["dropped"].dump() + " of 24 were dropped"),
            std::string::npos);
  for (const json& difference : seen["products"]) EXPECT_LT(difference, 1e-5);
}

TEST_F(FlowPagePictures, ColumnsFallIntoABiasAndIntoNothingElse) {
  const json seen = look(Perceptron().trace, R"js(
    const seen = [];
    flow.steps.forEach(({op, phase}, step) => {
      if (phase !== "backward") return;
      flow.go(step);
      trace.rows(op).forEach((_, row) => {
        const section = document.querySelector(`#panel [data-row="${row}"]`);
        const columns = section?.querySelector('[data-map="columns of dout"]')?.map;
        if (!columns) return;
        flow.pick({row, element: 1});
        const given = [...section.querySelectorAll("canvas")].at(-1).map, n = given.numbers.length;
        const sums = Array(n).fill(0);
        columns.numbers.forEach((x, i) => { sums[i % n] += x; });
        seen.push({name: trace.names[trace.target(op, row)], apart: apart(sums, given.numbers),
                   same_width: columns.cell_w === given.cell_w, lit: [...columns.lit.keys()].sort((a, b) => a - b)});
      });
    });
    return seen;)js");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0]["name"], "b2");
  EXPECT_EQ(seen[1]["name"], "b1");
  EXPECT_EQ(seen[0]["lit"], json({1, 3, 5, 7}));
  EXPECT_EQ(seen[1]["lit"], json({1, 6, 11, 16}));
  for (const json& bias : seen) {
    EXPECT_LT(bias["apart"], 1e-5);
    EXPECT_EQ(bias["same_width"], true);
  }
}

TEST_F(FlowPagePictures, AJoinShowsTheShareOfTheShortCutAsTheWidthOfItsArrow) {
  manual_seed(5);
  const Tensor x = randn({4, 3}).requires_grad_(), w = randn({3, 3}).requires_grad_();
  const Trace trace =
      traced({{"x", x}, {"w", w}}, [&] { return (x + matmul(x, w).tanh()).pow(2).sum(); });
  const json seen = look(trace, R"js(
    const value = trace.values.findIndex(({name}) => name === "x");
    flow.select_value(trace, value);
    const table = document.querySelector("#panel [data-join]");
    const norms = trace.arrivals(value).map(([op, row]) => trace.outgoing(op, row).norm);
    return {names: [...table.querySelectorAll("tbody .name")].map(({textContent}) => textContent.slice(2)),
            shares: [...table.querySelectorAll("tbody .soft")].map(({textContent}) => parseFloat(textContent)),
            widths: [...table.querySelectorAll(".arrows [stroke-width]")].map((path) => Number(path.getAttribute("stroke-width"))),
            expected: norms.map((norm) => norm / sum(norms))};)js");
  EXPECT_EQ(seen["names"], json({"add, the short cut", "matmul"}));
  for (const int i : {0, 1}) {
    EXPECT_NEAR(seen["shares"][i], 100 * seen["expected"][i].get<double>(), 0.51);
    EXPECT_NEAR(seen["widths"][i], 1 + 9 * seen["expected"][i].get<double>(), 0.01);
  }
}

TEST_F(FlowPagePictures, TiedWeightsShowBothUsesAndTheirSum) {
  manual_seed(5);
  const Tensor table = randn({4, 3}).requires_grad_();
  const Trace trace = traced({{"table", table}}, [&] {
    const Tensor rows = embedding(table, tensor({1, 3}));  // before the other use, in any compiler
    return cross_entropy(matmul(rows, table.T()), tensor({0, 2}));
  });
  const json seen = look(trace, R"js(
    flow.select_value(trace, trace.values.findIndex(({name}) => name === "table"));
    const maps = [...document.querySelectorAll("#panel .equation canvas")].map(({map}) => map);
    const labels = maps.map(({options}) => options.label);
    const total = Array.from(map("∂L/∂table").numbers);
    return [labels, apart(total.map((_, i) => sum(maps.map(({numbers}) => numbers[i]))), total), total];)js");
  EXPECT_EQ(seen[0], json({"from transpose", "from embedding"}));
  EXPECT_LT(seen[1], 1e-6);
  EXPECT_EQ(seen[2], json(table.grad().to_vector()));
}

}  // namespace
}  // namespace rill::inspect
