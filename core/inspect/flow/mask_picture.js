// Dropout: the same mask forth and back.

const dropout_picture = (trace, op) => {
  const [x] = trace.ops[op].in.map((value) => trace.data(value)), {out} = trace.ops[op];
  const y = trace.data(out), dout = trace.gradient(out), given = trace.outgoing(op, 0);
  if (![x, y, dout, given].every((snapshot) => snapshot?.values)) return null;
  const mask = mask_between([[x, y], [dout, given]]);
  if (!mask) return null;
  const factor = Math.max(...mask), dropped = mask.filter((m) => m === 0).length;
  const line = (name, kind, [from, to], [from_name, to_name]) => element_of("div", {class: "figures equation"},
    mask_figure("", from, kind, from_name), mask_figure("⊙", snapshot_of(x.shape, mask), "value", "mask"),
    mask_figure("=", to, kind, to_name));
  return picture_of("dropout",
    words(`${dropped} of ${mask.length} were dropped; the others are multiplied by 1 / (1 − p) = `,
          number_span(written(factor)), ". Backward the mask is the same."),
    line("forward", "value", [x, y], ["x", "out"]), line("backward", "gradient", [dout, given], ["dout", "goes out"]));
};

const mask_figure = (sign, snapshot, kind, title) => element_of("div", {class: "signed"}, sign,
  figure_of(still_map(snapshot, {kind, label: title, width: 125, height: 150}), title, ""));

// The factor of each element in both [from, to], 0 or the one factor; null where there is none.
const mask_between = (pairs) => {
  const factors = pairs.map(([from, to]) => Array.from(to.values, (y, i) => y / from.values[i]));
  const factor = largest_size(factors.flat());
  const mask = factors[0].map((_, i) => factors.some((list) => list[i] > factor / 2) ? factor : 0);
  const fits = pairs.every(([from, to]) => mask.every((m, i) =>
    Math.abs(from.values[i] * m - to.values[i]) <= 1e-5 * Math.abs(to.values[i])));
  return fits && factor > 0 ? mask : null;
};
