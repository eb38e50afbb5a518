// "Follow this element": backward along the paths by which its gradient came, forward to what it
// reaches.

// How much of element `element` of a value's gradient came through each op, and through each value. It
// goes from what was made first to what was made last, so that each value is complete before it is
// asked where it came from.
const follow_backward = (trace, value, element) => {
  const total = trace.gradient(value)?.values?.[element];
  const amounts = new Map([[value, new Map([[element, total]])]]);
  const found = {total, ops: new Map(), values: amounts, lost: 0, at_start: 0};
  const waiting = new Set(total ? [value] : []);
  while (waiting.size) {
    const next = [...waiting].reduce((a, b) => trace.values[a].by <= trace.values[b].by ? a : b);
    waiting.delete(next);
    go_up(trace, next, amounts, found, waiting);
  }
  return found;
};

const go_up = (trace, value, amounts, found, waiting) => {
  const gradient = trace.gradient(value), {start, from = []} = trace.values[value];
  for (const [element, amount] of amounts.get(value)) {
    const whole = gradient?.values?.[element];
    if (!whole) { found.lost += amount; continue; }
    if (start != null) found.at_start += amount * trace.snapshot(start).values[element] / whole;
    for (const [op, row] of from) {
      const came = op < 0 ? null : trace.outgoing(op, row)?.values?.[element];
      if (!came) continue;
      spread(trace, op, row, element, amount * came / whole, amounts, found, waiting);
    }
  }
};

const spread = (trace, op, row, element, amount, amounts, found, waiting) => {
  found.ops.set(op, (found.ops.get(op) ?? 0) + amount);
  const terms = trace.terms(op, row)?.of(element);
  if (!terms || !terms.sum) { found.lost += amount; return; }
  const out = trace.ops[op].out;
  if (!amounts.has(out)) amounts.set(out, new Map());
  const into = amounts.get(out);
  for (const term of terms.list)
    into.set(term.element, (into.get(term.element) ?? 0) + amount * term.product / terms.sum);
  found.lost += amount * terms.rest / terms.sum;
  waiting.add(out);
};

// The elements of each value that element `element` of `value` has a part in.
const follow_forward = (trace, value, element) => {
  const reached = new Map([[value, new Set([element])]]);
  trace.ops.forEach(({in: inputs, out}, op) => {
    if (out < 0) return;
    trace.rows(op).forEach((row, r) => {
      const from = row.in < 0 ? null : reached.get(inputs[row.in]);
      const terms = from && trace.terms(op, r);
      if (!terms) return;
      for (const i of from) for (const term of terms.of(i)?.list ?? []) {
        if (!reached.has(out)) reached.set(out, new Set());
        reached.get(out).add(term.element);
      }
    });
  });
  return reached;
};

// Shares for the graph, by keys of its nodes.
const followed = (trace, graph, value, element) => {
  const back = follow_backward(trace, value, element);
  const reached = follow_forward(trace, value, element);
  const nodes = new Map([[`${trace.key}value${value}`, 1]]);
  for (const [op, amount] of back.ops) {
    const shown = graph.shown[op];
    if (shown >= 0) nodes.set(`${trace.key}op${shown}`, amount / back.total);
  }
  return {trace, value, element, back, reached, nodes};
};

const follow_text = ({trace, back, reached}) => {
  const lines = [...back.ops].map(([op, amount]) => element_of("tr", {},
    element_of("td", {class: "name"}, op_title(trace, op)),
    element_of("td", {class: "product"}, number_span(percent(amount / back.total))),
    element_of("td", {}, share_bar(amount / back.total))));
  const outputs = [...reached].slice(-1).map(([value, elements]) =>
    `Forward it has a part in ${elements.size} of ${trace.data(value).numel} elements of ${trace.names[value]}.`);
  return element_of("div", {class: "followed"},
    element_of("p", {class: "soft"}, "Which part of it came through each op: "),
    element_of("div", {class: "wide"}, element_of("table", {}, element_of("tbody", {}, lines))),
    element_of("p", {class: "soft"},
      `${percent(back.at_start / back.total)} of it is traced back to the start of backward` +
      (Math.abs(back.lost / back.total) > 1e-4
        ? `; ${percent(back.lost / back.total)} goes through elements of which this page holds no terms. ` : ". "),
      outputs));
};
