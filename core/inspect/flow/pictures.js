// Pictures for single kinds of ops, beside the maps that every op has.

const figure_of = (map, title, note) => element_of("figure", {},
  element_of("figcaption", {}, element_of("b", {}, title), " ", element_of("span", {class: "soft"}, note)),
  element_of("div", {class: "wide"}, map.canvas));

// "[4, 3]", and the range of numbers.
const map_note = (snapshot) =>
  snapshot.numel === 1 ? shape_text(snapshot.shape)
    : `${shape_text(snapshot.shape)} ${written(snapshot.min, 3)} … ${written(snapshot.max, 3)}`;

// A map of numbers that are none of the trace's own snapshots.
const snapshot_of = (shape, values) => {
  const finite = values.filter(Number.isFinite);
  return {shape, values, numel: values.length, picture: null, dtype: "float64",
          min: Math.min(...finite), max: Math.max(...finite)};
};

// Bars of what the model held likely, what was right, and the difference, for one row of logits.
const cross_entropy_picture = (trace, op, row) => {
  const inner = trace.inside(op);
  const log_softmax = inner?.ops.findIndex(({name}) => name === "log_softmax") ?? -1;
  if (log_softmax < 0) return null;
  const logs = inner.data(inner.ops[log_softmax].out);
  const dlogits = trace.rows(op).length ? trace.outgoing(op, 0) : null;
  if (!logs.values || !dlogits?.values || dlogits.numel !== logs.numel) return null;
  const classes = logs.shape.at(-1), rows = logs.numel / classes;
  const at = (i) => row * classes + i;
  const p = Array.from({length: classes}, (_, i) => Math.exp(logs.values[at(i)]));
  const d = Array.from({length: classes}, (_, i) => dlogits.values[at(i)]);
  const right = d.reduce((found, x, i) => x < d[found] ? i : found, 0);
  return element_of("div", {class: "bars"},
    element_of("div", {class: "soft"}, `row ${row} of ${rows}: what softmax gave (p), what is right (y), p − y`),
    bar_row("p", p, 1, "value", right), bar_row("y", p.map((_, i) => Number(i === right)), 1, "value", right),
    bar_row("p − y", p.map((x, i) => x - Number(i === right)), 1, "gradient", right));
};

const bar_row = (name, numbers, most, kind, right) => element_of("div", {class: "bar-row"},
  element_of("span", {class: "bar-name"}, name),
  element_of("span", {class: `columns ${kind}`}, numbers.map((x, i) =>
    element_of("i", {class: `${x < 0 ? "negative" : ""}${i === right ? " right" : ""}`,
                     title: `${i}: ${written(x)}`,
                     style: `--height:${(Math.abs(x) / most * 100).toFixed(1)}%`}))));

// The weights of attention beside their gradient and that of the scores.
const attention_maps = (trace, op) => {
  const inner = trace.inside(op);
  const softmax = inner?.ops.findIndex(({name}) => name === "softmax") ?? -1;
  if (softmax < 0) return [];
  const {in: [scores], out: weights} = inner.ops[softmax];
  return [["weights", inner.data(weights), "value"],
          ["∂L/∂weights", inner.gradient(weights), "gradient"],
          ["∂L/∂scores", inner.gradient(scores), "gradient"]]
    .filter(([, snapshot]) => snapshot)
    .map(([title, snapshot, kind]) => {
      const one = first_matrix(snapshot);
      const map = new HeatMap(one, {kind, width: 200, height: 200, label: title});
      map.show_mark();
      return figure_of(map, title,
                       one === snapshot ? map_note(snapshot) : `first of ${shape_text(snapshot.shape)}`);
    });
};

const first_matrix = (snapshot) => {
  if (!snapshot.values || snapshot.shape.length < 3) return snapshot;
  const [n, m] = snapshot.shape.slice(-2);
  return snapshot_of([n, m], Array.from(snapshot.values.slice(0, n * m)));
};

// What a layer norm throws away of the gradient at its normalised rows: the parts along 1 and along
// the row itself, as shares of the squared length.
const layer_norm_picture = (trace, op) => {
  const inner = trace.inside(op);
  const root = inner?.ops.findIndex(({name}) => name === "rsqrt") ?? -1;
  const scaled = inner?.ops.find(({name, in: inputs}) =>
    name === "mul" && root >= 0 && inputs.includes(inner.ops[root].out));
  if (!scaled) return null;
  const rows = inner.data(scaled.out), came = inner.gradient(scaled.out);
  if (!rows.values || !came?.values) return null;
  const n = rows.shape.at(-1), count = Math.min(12, rows.numel / n);
  return element_of("div", {class: "thrown"},
    element_of("div", {class: "soft"}, "Of what comes to each normalised row: along 1 and along the row " +
      "(both thrown away), and what goes on."),
    Array.from({length: count}, (_, row) => thrown_row(
      rows.values.slice(row * n, row * n + n), came.values.slice(row * n, row * n + n), row)));
};

const thrown_row = (row, came, number) => {
  const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const ones = row.map(() => 1), whole = dot(came, came);
  const along = (direction) => whole ? dot(came, direction) ** 2 / (dot(direction, direction) || 1) / whole : 0;
  const shares = [along(ones), along(row)];
  shares.push(Math.max(0, 1 - shares[0] - shares[1]));
  return element_of("div", {class: "stack", title: shares.map(percent).join(", ")},
    element_of("span", {class: "bar-name"}, `row ${number}`),
    shares.map((share, i) => element_of("i", {class: `part${i}`, style: `--share:${share.toFixed(4)}`})),
    element_of("span", {class: "num soft", tabindex: 0}, `${percent(shares[2])} goes on`));
};
