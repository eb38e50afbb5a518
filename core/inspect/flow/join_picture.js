// Where gradients meet: an arrow for each, as thick as its share, and their sum.

const arrow_pitch = 26;  // pixels from one to the next

const join_arrows = (shares, are_pending) => {
  const high = arrow_pitch * shares.length, middle = high / 2;
  const svg = svg_element("svg", {class: "arrows", width: 92, height: high, "aria-hidden": true});
  shares.forEach((share, i) => {
    const y = arrow_pitch * (i + 0.5);
    svg.append(svg_element("path", {d: `M2,${y}C40,${y} 34,${middle} 66,${middle}`,
                                    class: are_pending[i] ? "pending" : null,
                                    "stroke-width": (1 + 9 * share).toFixed(2)}));
  });
  svg.append(svg_element("path", {class: "head", d: `M64,${middle - 7}L76,${middle}L64,${middle + 7}z`}),
             svg_element("text", {x: 79, y: middle + 5}, "Σ"));
  return svg;
};

// A sum gives its inputs dout itself: the way past whatever else was done to the value.
const is_short_cut = (trace, op, row) => op >= 0 && trace.ops[op].name === "add" &&
  trace.rows(op)[row].out === trace.values[trace.ops[op].out].grad;

const most_summands = 4;

// The summands of a gradient as maps, and their sum.
const summand_figures = (panel, trace, value) => {
  const from = trace.arrivals(value).filter(([op]) => op >= 0);
  if (from.length < 2 || from.length > most_summands) return null;
  return element_of("div", {class: "figures equation"}, from.map(([op, row], i) => element_of("div", {class: "signed"}, i ? "+" : "",
    figure_of(panel.map("summand", trace.outgoing(op, row), {kind: "gradient", label: `from ${op_title(trace, op)}`,
                                                             width: 200, height: 150}),
              `from ${op_title(trace, op)}`, `|g| ${written(trace.outgoing(op, row).norm, 3)}`))));
};

// Rows of a table that no gradient has come to: not looked up, or beyond the text.
const untouched_rows = ({shape, values}) => {
  if (!values || shape.length !== 2) return [];
  const n = shape[1];
  return Array.from({length: shape[0]}, (_, row) => row).filter((row) =>
    values.slice(row * n, row * n + n).every((x) => x === 0));
};

// "0, 3–5"
const ranges_text = (numbers) => {
  const parts = [];
  for (const x of numbers)
    if (parts.length && parts.at(-1)[1] === x - 1) parts.at(-1)[1] = x;
    else parts.push([x, x]);
  return parts.map(([from, to]) => from === to ? `${from}` : `${from}–${to}`).join(", ");
};

const untouched_text = (gradient) => {
  const rows = untouched_rows(gradient), all = gradient.shape[0];
  return rows.length ? words(`Rows ${ranges_text(rows)} of ${all} got nothing, and stay 0.`) : null;
};
