// What pictures of single kinds of ops are made of.

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

// A map that the panel's element under the cursor does not mark.
const still_map = (snapshot, options) => {
  const map = new HeatMap(snapshot, {kind: "value", width: 200, height: 200, ...options});
  map.show_mark();
  return map;
};

const panel_width = () => Math.min(460, by_id("panel").clientWidth - 40);

// A row of a matrix, as a plain list.
const row_of = ({values}, row, n) => Array.from(values.slice(row * n, row * n + n));

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

const largest_size = (numbers) =>
  numbers.reduce((most, x) => Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most, 0);

const most_bars = 40;     // more are no longer told apart
const most_numbers = 8;   // have room below their bars

// Rows of bars, each [name, numbers, "value" | "gradient", what the highest stands for]. NaN has no bar.
const bar_rows = (rows, is_lit = () => false) => element_of("div", {class: "bars"},
  rows.map(([name, numbers, kind, most = largest_size(numbers)]) => element_of("div", {class: "bar-row"},
    element_of("span", {class: "bar-name"}, name),
    element_of("div", {class: `columns ${kind}`}, numbers.map((x, i) => bar_of(x, i, most, is_lit(i)))),
    numbers.length <= most_numbers ? numbers_under(numbers) : null)));

// Small or large ones without their common power of ten, which is told before them.
const numbers_under = (numbers) => {
  const power = Math.floor(Math.log10(largest_size(numbers) || 1)), scale = power < -2 || power > 2 ? power : 0;
  const text = (x) => Number.isNaN(x) ? "" : (x / 10 ** scale).toFixed(power < 0 && !scale ? 3 : 2).replace("-", "−");
  return [element_of("span", {class: "bar-name"}, scale ? `× 1e${scale}`.replace("-", "−") : ""),
          element_of("div", {class: "under"}, numbers.map((x) => number_span(text(x))))];
};

const bar_of = (x, i, most, is_lit) => Number.isNaN(x)
  ? element_of("i", {class: "absent", title: `${i}: none`})
  : element_of("i", {class: `${x < 0 ? "negative" : ""}${is_lit ? " lit" : ""}`, title: `${i}: ${written(x)}`,
                     style: `--height:${(Math.abs(x) / (most || 1) * 100).toFixed(1)}%`});

// One of several at a time, chosen by a slider; `draw` gives what is shown of it.
const one_of = (name, count, first, draw, said_of = (i) => `${name} ${i} of ${count}`) => {
  const spot = element_of("div"), said = element_of("span", {class: "soft"});
  const slider = element_of("input", {type: "range", min: 0, max: count - 1, "aria-label": name,
                                      oninput: () => show(Number(slider.value))});
  const show = (i) => {
    slider.value = i;
    said.textContent = said_of(i);
    spot.replaceChildren(...draw(i).filter(Boolean));
  };
  show(first);
  const element = element_of("div", {class: "one-of", "data-one-of": name},
                             count > 1 ? element_of("label", {}, slider, said) : null, spot);
  return {element, show};
};

// What op `name` gave inside of a fused one, or null.
const made_inside = (trace, op, name) => {
  const inner = trace.inside(op), found = inner?.ops.findIndex((o) => o.name === name) ?? -1;
  return found < 0 ? null : {inner, op: found, in: inner.ops[found].in, out: inner.ops[found].out};
};

// The input of an op that numbers rows or classes.
const ids_of = (trace, op) => trace.ops[op].in.filter((value) => value >= 0).map((value) => trace.data(value))
  .find(({dtype}) => dtype === "int64");

const picture_of = (name, ...children) => element_of("section", {class: "picture", "data-picture": name}, children);

const words = (...texts) => element_of("p", {class: "soft"}, texts);
