#include <rill/core/losses.h>
#include <rill/nn/activation.h>
#include <rill/nn/decoder.h>
#include <rill/nn/linear.h>
#include <rill/nn/sequential.h>

#include "tests/support/flow_page_in_browser.h"

namespace rill::nn {
namespace {

using inspect::Trace;
using nlohmann::json;

/// A step of a small language model, with tied weights.
Trace step_of(int64_t layers) {
  manual_seed(1);
  const LanguageModel model({.vocab_size = 12,
                             .block_size = 8,
                             .n_layer = layers,
                             .n_head = 2,
                             .n_embd = 16,
                             .dropout = 0.1});
  const Tensor ids = randint(0, 12, {2, 9});
  Trace trace(model);
  const ObserverGuard watching(trace);
  const Tensor logits = model(ids.narrow(1, 0, 8)).reshape({16, 12});
  cross_entropy(logits, ids.narrow(1, 1, 8).reshape({16})).backward();
  return trace;
}

class FlowPageOfModel : public inspect::FlowPageInBrowser {};

TEST_F(FlowPageOfModel, TermsShownOfRandomElementsAddUpToTheGradientShown) {
  const json seen = evaluate(step_of(2), R"js(
    let seed = 7;
    const below = (n) => (seed = (seed * 48271) % 2147483647) % n;
    const {trace} = flow, wrong = [];
    let last = -1;
    for (let i = 0; i < 300; ++i) {
      const list = trace.json.terms, {op, row, elements} = list[below(list.length)];
      const step = flow.steps.findIndex((s) => s.phase === "backward" && s.op === op);
      if (step < 0) continue;
      if (step !== last) flow.go(last = step);
      const n = trace.outgoing(op, row).numel;
      flow.pick({row, element: elements ? elements[below(elements.length)] : below(n)});
      const table = document.querySelector(`[data-row="${row}"] .terms`);
      const total = shown(table.querySelector(".sum .num"));
      let sum = 0;
      for (const line of table.querySelectorAll("tbody tr")) {
        const part = (name) => shown(line.querySelector(`.${name} .num`));
        if (!line.querySelector(".product")) continue;
        if (line.className === "term" &&
            !near(part("incoming").value * part("derivative").value, part("product")))
          wrong.push(line.textContent);
        sum += part("product").value;
      }
      if (!near(sum, total)) wrong.push(table.textContent);
    }
    return wrong;)js");
  EXPECT_EQ(seen, json::array());
}

TEST_F(FlowPageOfModel, TheSummandsOfEachJoinAddUpToItsGradient) {
  const json seen = evaluate(step_of(2), R"js(
    const {trace} = flow, wrong = [];
    let joins = 0;
    trace.values.forEach((value, i) => {
      const gradient = trace.gradient(i), from = trace.arrivals(i);
      if (!gradient?.values || from.length < 2) return;
      ++joins;
      const parts = from.map(([op, row]) => trace.outgoing(op, row).values);
      gradient.values.forEach((g, e) => {
        const sum = parts.reduce((s, part) => s + part[e], 0);
        if (Math.abs(sum - g) > 1e-6 * Math.max(gradient.rms, Math.abs(g))) wrong.push([i, e, sum, g]);
      });
    });
    return {wrong, joins};)js");
  EXPECT_EQ(seen["wrong"], json::array());
  EXPECT_GE(seen["joins"], 5);  // two short cuts in each block, and the tied weights
}

TEST_F(FlowPageOfModel, EveryStepIsShownAndEveryBoxOpens) {
  const json seen = evaluate(step_of(2), R"js(
    for (let step = 0; step < flow.steps.length; ++step) {
      flow.go(step);
      if (!document.querySelector("#graph .node.current, #graph .open.current"))
        return `no op is marked at step ${step}`;
    }
    flow.go(null);
    const pane = document.getElementById("pane"), inside = new Set();
    const is_at_end = () => pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 1;
    for (pane.scrollTop = 0;; pane.scrollTop += pane.clientHeight) {
      flow.graph.update();
      for (let closed; (closed = document.querySelector("#graph .node.box, #graph .node.op .opener"));)
        flow.toggle(closed.dataset.toggle);
      for (const {dataset} of document.querySelectorAll("#graph .node.op"))
        if (dataset.trace !== "") inside.add(`${dataset.trace} ${dataset.op}`);
      if (is_at_end()) break;
    }
    return inside.size > 40 ? "all" : `only ${inside.size} ops inside of fused ones`;)js");
  EXPECT_EQ(seen, "all");
}

TEST_F(FlowPageOfModel, ABoxThatOpensMovesWhatIsDrawnAlready) {
  const json seen = evaluate(step_of(2), R"js(
    const nodes = () => [...document.querySelectorAll("#graph .node")];
    const before = nodes(), [box] = document.querySelectorAll("#graph .node.box");
    flow.toggle(box.dataset.toggle);
    const gone = before.filter((node) => !node.isConnected);
    return [gone.length === 1 && gone[0] === box, nodes().length > before.length];)js");
  EXPECT_EQ(seen, json({true, true}));
}

TEST_F(FlowPageOfModel, WhatIsFarIsDrawnWhenItIsScrolledNear) {
  const json seen = evaluate(step_of(6), R"js(
    flow.trace.json.graphs[0].boxes.forEach(({id}, b) => { if (b > 0) flow.graph.open.add(id); });
    flow.graph.draw();
    flow.go(0);
    const of_step = ({op}) => `#graph [data-trace=""][data-op="${op}"]`;
    const first = of_step(flow.steps[0]), last = of_step(flow.steps.findLast(({phase}) => phase === "forward"));
    const drawn = () => [first, last].map((node) => document.querySelector(node) !== null);
    const pane = document.getElementById("pane"), list = [drawn()];
    const scroll_to = (top) => {
      pane.scrollTop = top;
      pane.dispatchEvent(new Event("scroll"));  // that of the browser waits for a frame
      list.push(drawn());
    };
    scroll_to(0.9 * pane.scrollHeight);
    scroll_to(0);
    flow.go(null);
    scroll_to(0.9 * pane.scrollHeight);
    return [...list, document.querySelector(last).classList.contains("ran")];)js");
  EXPECT_EQ(seen, json({{true, false}, {false, true}, {true, false}, {false, true}, true}));
}

TEST_F(FlowPageOfModel, EdgesGoAroundBoxesThatAreOpen) {
  manual_seed(1);
  const Sequential model{Linear(6, 8), ReLU(), Linear(8, 3)};
  Trace trace(model);
  {
    const ObserverGuard watching(trace);
    cross_entropy(model(randn({5, 6})), randint(0, 3, {5})).backward();
  }
  const json seen = evaluate(trace, R"js(
    const {nodes, edges} = flow.graph.whole, open = nodes.filter(({is_open}) => is_open);
    const points = (path) => Array.from({length: 101}, (_, i) =>
      path.getPointAtLength(path.getTotalLength() * i / 100));
    const is_inside = ({x, y}, {node}) =>
      Math.abs(x - node.x) < node.w / 2 - 3 && Math.abs(y - node.y) < node.h / 2 - 3;
    const across = edges.filter(({hit}) => points(hit).some((p) => open.some((box) => is_inside(p, box))));
    return [open.length, edges.length, across.length];)js");
  EXPECT_EQ(seen, json({2, 4, 0}));
}

TEST_F(FlowPageOfModel, BlocksThatAreAlikeAreLaidOutOnce) {
  const json small = evaluate(step_of(2), "return flow.layouts.length;"),
             large = evaluate(step_of(6), "return flow.layouts.length;");
  EXPECT_EQ(small, large);
}

}  // namespace
}  // namespace rill::nn
