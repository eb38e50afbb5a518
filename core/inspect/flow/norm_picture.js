// What a norm throws away of the gradient g that comes to its normalised rows x̂: forward gives the same for
// rows that are longer by a factor, and layer_norm's for rows that are shifted.

const norm_picture = (trace, op) => {
  const root = made_inside(trace, op, "rsqrt");
  const scaled = root?.inner.ops.find(({name, in: inputs}) => name === "mul" && inputs.includes(root.out));
  if (!scaled) return null;
  const {inner} = root, rows = inner.data(scaled.out), came = inner.gradient(scaled.out);
  const row = trace.rows(op).findIndex((r) => r.in === 0), given = trace.outgoing(op, row);
  if (!rows.values || !came?.values) return null;
  const scales = inner.data(root.out), n = rows.numel / scales.numel;
  const is_centred = trace.ops[op].name === "layer_norm";
  const parts = (i) => norm_parts(row_of(rows, i, n), row_of(came, i, n), is_centred);
  const details = one_of("row", scales.numel, 0, (i) =>
    norm_row(parts(i), scales.values[i], given?.values && row_of(given, i, n), is_centred));
  return picture_of("norm",
    words(`Of what comes to each normalised row${is_centred ? ", the part along 1" : ""} and the part along the row ` +
          "itself are thrown away."),
    element_of("div", {class: "thrown"}, Array.from({length: Math.min(12, scales.numel)}, (_, i) =>
      thrown_row(parts(i), i, () => details.show(i)))),
    n > most_bars ? null : details.element);
};

// g, and its parts along 1 and along x̂, and what is left.
const norm_parts = (row, came, is_centred) => {
  const n = row.length, ones = row.map(() => 1);
  const mean = is_centred ? dot(came, ones) / n : 0, along = dot(came, row) / n;
  return {came, shift: row.map(() => mean), stretch: row.map((x) => along * x),
          left: came.map((g, i) => g - mean - along * row[i])};
};

const norm_row = ({came, shift, stretch, left}, scale, given, is_centred) => {
  const most = largest_size(came);
  return [
    bar_rows([["g", came, "gradient", most], ...is_centred ? [["along 1", shift, "gradient", most]] : [],
              ["along x̂", stretch, "gradient", most], ["left", left, "gradient", most],
              ...given ? [["goes out", given, "gradient"]] : []]),
    words("What is left, by the scale of the row, ", number_span(written(scale)), ", goes out."),
  ];
};

const thrown_row = ({came, shift, stretch, left}, number, on_choose) => {
  const whole = dot(came, came) || 1, shares = [shift, stretch, left].map((part) => dot(part, part) / whole);
  return element_of("button", {class: "stack", title: shares.map(percent).join(", "), onclick: on_choose},
    element_of("span", {class: "bar-name"}, `row ${number}`),
    shares.map((share, i) => element_of("i", {class: `part${i}`, style: `--share:${share.toFixed(4)}`})),
    element_of("span", {class: "num soft", tabindex: 0}, `${percent(shares[2])} goes on`));
};
