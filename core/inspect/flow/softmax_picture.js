// Softmax, alone and in a cross-entropy: shares, what was right, and how all shares of a row hang together.

const softmax_jacobian = (p, label, marked) => {
  const n = p.length;
  const values = p.flatMap((pi, i) => p.map((pj, j) => (i === j ? pi : 0) - pi * pj));
  const map = still_map(snapshot_of([n, n], values), {label, width: 300, height: 300, dims: false});
  if (marked !== undefined) map.mark(null, new Map(p.map((_, j) => [marked * n + j, 1])));
  map.show_mark();
  return map;
};

const cross_entropy_picture = (trace, op) => {
  const found = made_inside(trace, op, "log_softmax");
  const logs = found && found.inner.data(found.out), given = trace.outgoing(op, 0);
  if (!logs?.values || !given?.values || given.numel !== logs.numel) return null;
  const n = logs.shape.at(-1), target = ids_of(trace, op), dout = trace.gradient(trace.ops[op].out);
  const first = Math.floor((given.largest ?? 0) / n);
  return picture_of("cross_entropy", one_of("row", logs.numel / n, first, (row) =>
    cross_entropy_row(row_of(logs, row, n).map(Math.exp), row_of(given, row, n), target?.values?.[row],
                      dout.values[row])).element);
};

// With weights of classes or smoothed labels there is more to it than p − y, and p alone is shown.
const cross_entropy_row = (p, given, right, dout) => {
  const y = p.map((_, i) => Number(i === right)), difference = p.map((x, i) => x - y[i]);
  const is_plain = given.every((g, i) => Math.abs(g - dout * difference[i]) <= 1e-5 * Math.abs(dout) + 1e-12);
  const rows = is_plain ? [["y", y, "value", 1], ["p − y", difference, "gradient", 1]] : [];
  return [
    words(is_plain ? "What softmax gave (p), what is right (y), and p − y; times dout, " : "What softmax gave (p); dout is ",
          number_span(written(dout)), is_plain ? ", that goes out." : "."),
    bar_rows([["p", p, "value", 1], ...rows, ["∂L/∂logits", given, "gradient"]], (i) => i === right),
    p.length > most_bars ? null : figure_of(softmax_jacobian(p, "∂p/∂logits", is_plain ? right : undefined),
      "∂p/∂logits = diag(p) − p pᵀ", is_plain ? `row ${right}, times −1/p[${right}], is p − y` : ""),
  ];
};

const softmax_picture = (trace, op) => {
  const out = trace.data(trace.ops[op].out), dout = trace.gradient(trace.ops[op].out);
  const given = trace.outgoing(op, 0), n = out.shape.at(-1);
  if (!out.values || !dout?.values || !given?.values || n > most_bars) return null;
  const sums_to_one = Math.abs(dot(row_of(out, 0, n), Array(n).fill(1)) - 1) < 1e-4;
  if (!sums_to_one) return null;  // it is taken along another dimension
  return picture_of("softmax", one_of("row", out.numel / n, Math.floor(given.largest / n), (row) => [
    bar_rows([["p", row_of(out, row, n), "value", 1], ["dout", row_of(dout, row, n), "gradient"],
              ["goes out", row_of(given, row, n), "gradient"]]),
    figure_of(softmax_jacobian(row_of(out, row, n), "∂p/∂x"), "∂p/∂x = diag(p) − p pᵀ", "times dout is what goes out"),
  ]).element);
};
