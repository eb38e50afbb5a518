// The time line: each op forward, the start of backward, each op backward.

const steps_of = (trace, graph) => {
  const is_node = (op) => graph.shown[op] === op;
  const steps = trace.ops.map((_, op) => ({phase: "forward", op})).filter(({op}) => is_node(op));
  const passes = trace.passes.filter(is_node);
  if (passes.length) steps.push({phase: "start", op: passes[0]});
  for (const op of passes) steps.push({phase: "backward", op});
  return steps;
};

// What has happened when step `now` has: ops up to `op` have run, passes up to `pass` are over.
// Ops that are left out between two steps belong to the first of them.
const moment_of = (trace, steps, now) => {
  const step = steps[now];
  const began = trace.passes.length > 0;
  if (!step) return {op: trace.ops.length, pass: trace.passes.length, began};
  if (step.phase === "forward") return {op: step.op, pass: -1, began: false};
  const next = steps[now + 1];
  const last = next ? trace.ops[next.op].pass - 1 : trace.passes.length;
  return {op: trace.ops.length, pass: step.phase === "start" ? -1 : last, began};
};

const beginning_text = (trace, op) => {
  const {out} = trace.ops[op], first = trace.snapshot(trace.values[out].start);
  return first?.numel === 1 && first.mean === 1
    ? `Backward begins here: ${trace.names[out]} is L, and ∂L/∂L is 1.`
    : "Backward begins here, with a gradient that was given.";
};

const has_passed = (trace, op, moment) =>
  trace.ops[op].pass >= 0 && trace.ops[op].pass <= moment.pass;

// Which summands of a value's gradient have come, and how many will.
const arrived = (trace, value, moment) => {
  const all = trace.arrivals(value);
  const came = all.filter(([op]) => op >= 0 && has_passed(trace, op, moment));
  return {came: came.length, all: all.length};
};
