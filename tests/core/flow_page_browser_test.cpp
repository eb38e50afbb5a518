#include "tests/support/flow_page_in_browser.h"

namespace rill::inspect {
namespace {

using nlohmann::json;

/// a·b + a with a = 2, b = −1.5: a has two uses.
struct Join {
  Join() {
    trace.name({{"a", a}, {"b", b}});
    const ObserverGuard watching(trace);
    (a * b + a).backward();
  }
  Tensor a = tensor(2.0).requires_grad_(), b = tensor(-1.5).requires_grad_();
  Trace trace;
};

TEST_F(FlowPageInBrowser, StepsForwardAndBackwardByKeys) {
  const json seen = evaluate(Join().trace, R"(
    const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    const said = () => document.getElementById("live").textContent;
    const texts = [];
    for (let i = 0; i < 5; ++i) { press("ArrowRight"); texts.push(said()); }
    press("ArrowLeft");
    texts.push(said());
    press("End"); press("Home");
    texts.push(said());
    return texts;)");
  EXPECT_EQ(seen[0], "Step 1 of 5, forward: mul makes −3.");
  EXPECT_EQ(seen[1], "Step 2 of 5, forward: add makes −1.");
  EXPECT_EQ(seen[2], "Step 3 of 5, backward: add. Backward begins here: add is L, and ∂L/∂L is 1.");
  EXPECT_EQ(seen[3],
            "Step 4 of 5, backward: add. A gradient goes to mul. A gradient goes to a, 1 of 2 have "
            "arrived there.");
  EXPECT_EQ(seen[4],
            "Step 5 of 5, backward: mul. A gradient goes to a, 2 of 2 have arrived there. A "
            "gradient goes to b.");
  EXPECT_EQ(seen[5], seen[3]);
  EXPECT_EQ(seen[6], seen[0]);
}

TEST_F(FlowPageInBrowser, ShowsWhatIsPendingAtAJoin) {
  const json seen = evaluate(Join().trace, R"(
    const badge = () => document.querySelector('#graph [data-value="0"] .badge').textContent;
    const list = [];
    for (const step of [1, 2, 3, 4]) { flow.go(step); list.push(badge()); }
    flow.go(4);
    const join = document.querySelector('[data-join="0"]');
    return [list, [...join.querySelectorAll("tbody tr")].map((row) => row.className),
            join.querySelector(".sum").textContent];)");
  EXPECT_EQ(seen[0], json({"", "0 of 2", "1 of 2", "2 of 2"}));
  EXPECT_EQ(seen[1], json({"arrived", "arrived"}));
  EXPECT_EQ(seen[2], "−0.5");  // 1 + b
}

TEST_F(FlowPageInBrowser, ScalarsAreWholeEvenWhereNothingElseIs) {
  const Tensor a = tensor(2.0).requires_grad_();
  Trace trace(TraceOptions{.whole_values = 0});
  {
    const ObserverGuard watching(trace);
    (a * a).backward();
  }
  const json seen = evaluate(trace, R"(
    flow.go(0);
    return document.getElementById("live").textContent;)");
  EXPECT_EQ(seen, "Step 1 of 3, forward: mul makes 4.");
}

/// tanh(w·h + b) of h = tanh(w·x + b): every op runs twice, and the letter b of a product is no b.
Trace twice() {
  const Tensor x = tensor(0.8), w = tensor(0.5).requires_grad_(), b = tensor(0.1).requires_grad_();
  Trace trace;
  const ObserverGuard watching(trace);
  const Tensor h = tanh(w * x + b), y = tanh(w * h + b);
  trace.name({{"x", x}, {"w", w}, {"b", b}, {"y", y}});
  y.backward();
  return trace;
}

TEST_F(FlowPageInBrowser, OpsOfOneNameAreToldApart) {
  const json seen = evaluate(twice(), R"(
    flow.go(flow.steps.length - 1);
    const texts = (where) => [...document.querySelectorAll(where)].map((e) => e.textContent);
    return [texts(".join tbody .name"), texts('#graph .node.op > text:not(.note)'),
            document.querySelector("#panel h2").firstChild.textContent];)");
  EXPECT_EQ(seen[0], json({"● mul 2", "● mul 1"}));
  EXPECT_EQ(seen[1], json({"mul 1", "add 1", "tanh", "mul 2", "add 2", "tanh → y"}));
  EXPECT_EQ(seen[2], "mul 1");
}

TEST_F(FlowPageInBrowser, SaysWhatTheLettersOfAFormulaStandFor) {
  const json seen = evaluate(twice(), R"(
    const letters = (step) => { flow.go(step); return document.querySelector(".letters")?.textContent ?? ""; };
    return [letters(flow.steps.length - 1), letters(7)];)");
  EXPECT_EQ(seen[0], "In the formula b is x = 0.8000.");
  EXPECT_EQ(seen[1], "In the formula out is y = 0.3195.");  // tanh(0.5 tanh(0.5) + 0.1)
}

TEST_F(FlowPageInBrowser, BadgesLieOverNoOtherNode) {
  const json seen = evaluate(twice(), R"(
    flow.set_follow([flow.trace, flow.trace.values.findIndex(({name}) => name === "w"), 0]);
    flow.go(flow.steps.length - 1);
    const nodes = [...document.querySelectorAll("#graph .node")];
    const badges = [...document.querySelectorAll("#graph .badge.shown")];
    const over = badges.filter((badge) => {
      const at = badge.getBoundingClientRect();
      return nodes.some((node) => {
        const box = node.querySelector("rect").getBoundingClientRect();
        return !node.contains(badge) && at.left < box.right - 2 && at.right > box.left + 2 &&
               at.top < box.bottom - 2 && at.bottom > box.top + 2;
      });
    });
    return [badges.length, over.map((badge) => badge.textContent)];)");
  EXPECT_EQ(seen[0], 8);  // six ops, w and b
  EXPECT_EQ(seen[1], json::array());
}

TEST_F(FlowPageInBrowser, BadgesLieOverNoEdge) {
  const Tensor x = ones({2, 3}), t = ones({2, 2}), w = ones({3, 2}).requires_grad_(),
               b = ones({2}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    const Tensor difference = matmul(x, w) + b - t;
    ((difference * difference).sum() + difference.sum() + w.sum()).backward();
  }
  const json seen = evaluate(trace, R"(
    flow.go(flow.steps.length - 1);
    const badges = [...document.querySelectorAll("#graph .badge.shown rect")].map((e) => e.getBoundingClientRect());
    const points = [...document.querySelectorAll("#graph .hit")].flatMap((path) => {
      const screen = path.getScreenCTM(), length = path.getTotalLength();
      return Array.from({length: 201}, (_, i) => path.getPointAtLength(length * i / 200).matrixTransform(screen));
    });
    const is_over = (at) => points.some(({x, y}) => x > at.left && x < at.right && y > at.top && y < at.bottom);
    return [badges.length, points.length > 1000, badges.filter(is_over).length];)");
  EXPECT_EQ(seen, json({2, true, 0}));  // sub and w
}

TEST_F(FlowPageInBrowser, TheOverviewFollowsNothing) {
  const json seen = evaluate(twice(), R"(
    flow.go(flow.steps.length - 1);
    document.querySelector("#panel .follow").click();
    const before = document.querySelectorAll("#graph .followed").length;
    document.getElementById("overview").click();
    return [before > 0, document.querySelectorAll("#graph .followed").length];)");
  EXPECT_EQ(seen, json({true, 0}));
}

TEST_F(FlowPageInBrowser, TheOverviewTellsTheGradientsOfScalarsWithTheirSigns) {
  const json seen = evaluate(Join().trace, R"(
    return [...document.querySelectorAll(".leaves .num")].map((e) => e.textContent);)");
  EXPECT_EQ(seen, json({"−0.5", "2"}));  // 1 + b and a
}

TEST_F(FlowPageInBrowser, TermsShownAddUpToTheGradientShown) {
  const json seen = evaluate(Perceptron().trace, R"(
    const wrong = [];
    let count = 0, products = 0;
    for (let step = 0; step < flow.steps.length; ++step) {
      if (flow.steps[step].phase !== "backward") continue;
      flow.go(step);
      const {op} = flow.steps[step], {trace} = flow;
      for (let row = 0; row < trace.rows(op).length; ++row) {
        const outgoing = trace.outgoing(op, row);
        for (let element = 0; outgoing && element < outgoing.numel; ++element) {
          flow.pick({row, element});
          const table = document.querySelector(`[data-row="${row}"] .terms`);
          const total = shown(table.querySelector(".sum .num"));
          let sum = 0;
          for (const term of table.querySelectorAll("tr.term")) {
            const part = (name) => shown(term.querySelector(`.${name} .num`));
            const product = part("product");
            if (!near(part("incoming").value * part("derivative").value, product))
              wrong.push(term.textContent);
            sum += product.value;
            ++products;
          }
          if (!near(sum, total) || !near(outgoing.values[element], total))
            wrong.push(table.textContent);
          ++count;
        }
      }
    }
    return {wrong, count, products};)");
  EXPECT_EQ(seen["wrong"], json::array());
  EXPECT_GT(seen["count"], 100);
  EXPECT_GT(seen["products"], 200);
}

TEST_F(FlowPageInBrowser, EveryGradientShownIsThatOfTheTensor) {
  const Perceptron net;
  const json seen = evaluate(net.trace, R"(
    const found = {};
    flow.trace.values.forEach((value, i) => {
      if (!value.leaf) return;
      flow.select_value(flow.trace, i);
      found[value.name] = Array.from(flow.trace.gradient(i).values, (_, element) => {
        flow.pick({element});
        const {value, half} = shown(document.querySelector("[data-join] .sum .num"));
        return [value, half];
      });
    });
    return found;)");
  for (const auto& [name, tensor] : std::vector<std::pair<std::string, Tensor>>{
           {"W1", net.w1}, {"b1", net.b1}, {"W2", net.w2}, {"b2", net.b2}}) {
    const std::vector<double> gradient = tensor.grad().to_vector();
    ASSERT_EQ(seen[name].size(), gradient.size()) << name;
    for (size_t i = 0; i < gradient.size(); ++i)
      EXPECT_NEAR(seen[name][i][0].get<double>(), gradient[i],
                  seen[name][i][1].get<double>() * 1.000001)
          << name << " " << i;
  }
}

TEST_F(FlowPageInBrowser, AWeightThatChangesChangesThePage) {
  const std::string first = R"(
    const i = flow.trace.values.findIndex(({name}) => name === "W1");
    flow.select_value(flow.trace, i);
    flow.pick({element: 0});
    const {value, half} = shown(document.querySelector("[data-join] .sum .num"));
    return [flow.trace.data(i).values[0], flow.trace.gradient(i).values[0], value, half];)";
  const Perceptron before, after(0.25);
  const json was = evaluate(before.trace, first), is = evaluate(after.trace, first);
  EXPECT_EQ(is[0], after.w1.to_vector()[0]);
  EXPECT_EQ(is[1], after.w1.grad().to_vector()[0]);
  EXPECT_NEAR(is[2].get<double>(), after.w1.grad().to_vector()[0], is[3].get<double>());
  for (const size_t i : {0, 1, 2}) EXPECT_NE(is[i], was[i]);
}

TEST_F(FlowPageInBrowser, SharesOfPathsAddUpToTheWholeGradient) {
  const json seen = evaluate(Perceptron().trace, R"(
    const i = flow.trace.values.findIndex(({name}) => name === "W1");
    const parts = [];
    for (let element = 0; element < 15; ++element) {
      flow.set_follow([flow.trace, i, element]);
      const {back} = flow.follow;
      const of = (name) => [...back.ops].filter(([op]) => flow.trace.ops[op].name === name)
          .reduce((sum, [, amount]) => sum + amount, 0);
      parts.push([back.at_start / back.total, back.lost / back.total,
                  of("tanh") / back.total, (of("matmul") + of("mean")) / back.total]);
    }
    return parts;)");
  for (const json& parts : seen) {
    EXPECT_NEAR(parts[0].get<double>(), 1, 1e-4) << seen;  // all comes from where backward began
    EXPECT_NEAR(parts[1].get<double>(), 0, 1e-4);
  }
}

TEST_F(FlowPageInBrowser, BoxesOpenAndCloseByMouseAndKey) {
  const Tensor logits = tensor({{1.0, 2.0}, {0.5, -1.0}}).requires_grad_();
  Trace trace;
  {
    const ObserverGuard watching(trace);
    cross_entropy(logits * 2, tensor({0, 1})).backward();
  }
  const json seen = evaluate(trace, R"(
    const nodes = () => document.querySelectorAll("#graph .node").length;
    const counts = [nodes()];
    const title = document.querySelector("#graph .title");
    title.dispatchEvent(new MouseEvent("click", {bubbles: true}));
    counts.push(nodes());
    document.querySelector("#graph .node.box").dispatchEvent(
        new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
    counts.push(nodes());
    const is_focused = document.activeElement.matches("#graph .title");
    document.querySelector("#graph .opener").dispatchEvent(new MouseEvent("click", {bubbles: true}));
    counts.push(nodes());
    return [...counts, is_focused];)");
  EXPECT_LT(seen[1], seen[0]);
  EXPECT_EQ(seen[2], seen[0]);
  EXPECT_GT(seen[3], seen[0]);  // what the fused part is made of
  EXPECT_EQ(seen[4], true);
}

TEST_F(FlowPageInBrowser, WhatGoesOutFollowsThePaintOfWhatCameIn) {
  const json seen = evaluate(Join().trace, R"(
    delete flow.panel.draw;
    const parts = () => ["incoming", "row"].map((name) => document.querySelectorAll(`#panel section.${name}`).length);
    const later = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
    flow.go(4);
    const list = [parts()];
    await later();
    list.push(parts());
    flow.go(3);
    flow.go(4);
    flow.pick({row: 1, element: 0});  // asks for it at once
    list.push(parts());
    await later();
    return [...list, parts()];)");
  EXPECT_EQ(seen, json({{1, 0}, {1, 2}, {1, 2}, {1, 2}}));
}

TEST_F(FlowPageInBrowser, AnAddressLeadsToAStepAndAnElement) {
  const json seen = evaluate(Perceptron().trace, R"(
    const step = flow.steps.findIndex(({phase, op}) => phase === "backward" && flow.trace.ops[op].name === "matmul");
    const until = async (is) => {
      for (let tries = 0; tries < 500 && !is(); ++tries) await new Promise((done) => setTimeout(done, 10));
    };
    await until(() => !flow.address_timer);  // else the page writes its own address over this one
    const changed = new Promise((done) => addEventListener("hashchange", done));
    location.hash = `#step=${step + 1}&element=1.7`;
    await changed;
    const terms = () => document.querySelector('[data-row="1"] .terms');
    await until(terms);
    const there = terms().dataset.element;
    flow.pick({row: 1, element: 3});
    await until(() => location.hash.endsWith("element=1.3"));
    return [flow.now === step, there, location.hash.endsWith("element=1.3")];)");
  EXPECT_EQ(seen, json({true, "7", true}));
}

TEST_F(FlowPageInBrowser, NumbersHideUntilTheyAreAskedFor) {
  const json seen = evaluate(Join().trace, R"(
    flow.go(4);
    document.getElementById("guess").click();
    const number = document.querySelector("#panel .num");
    const hidden = getComputedStyle(number).color;
    number.click();
    return [hidden, getComputedStyle(number).color !== hidden];)");
  EXPECT_EQ(seen, json({"rgba(0, 0, 0, 0)", true}));
}

TEST_F(FlowPageInBrowser, SearchFindsOpsAndParameters) {
  const json seen = evaluate(Perceptron().trace, R"(
    const search = document.getElementById("search");
    search.value = "w2";
    search.dispatchEvent(new Event("input"));
    const names = [...document.querySelectorAll("#matches button")].map((b) => b.textContent);
    search.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
    return [names, document.querySelector("#panel h2").textContent];)");
  EXPECT_EQ(seen, json::parse(R"([["W2"], "W2value"])"));
}

TEST_F(FlowPageInBrowser, OnAPhoneALongTextIsWholeOnceItIsTapped) {
  const json seen = evaluate(Perceptron().trace, R"(
    flow.go(flow.steps.length - 2);
    const live = document.getElementById("live");
    live.textContent = "A gradient goes on. ".repeat(30);
    const is_cut = () => live.scrollHeight > live.clientHeight + 1, list = [is_cut()];
    live.click();
    list.push(is_cut());
    flow.move(1);
    live.textContent = "A gradient goes on. ".repeat(30);
    return [...list, is_cut()];)",
                             {.width = 500});
  EXPECT_EQ(seen, json({true, false, true}));
}

TEST_F(FlowPageInBrowser, FitsAPhoneAndTheDark) {
  const Perceptron net;
  const std::string look = R"(
    flow.go(flow.steps.length - 1);
    return [document.scrollingElement.scrollWidth <= innerWidth,
            getComputedStyle(document.body).backgroundColor];)";
  EXPECT_EQ(evaluate(net.trace, look, {.width = 500}), json({true, "rgb(255, 255, 255)"}));
  EXPECT_EQ(evaluate(net.trace, look, {.dark = true, .width = 500}),
            json({true, "rgb(21, 24, 30)"}));
}

}  // namespace
}  // namespace rill::inspect
