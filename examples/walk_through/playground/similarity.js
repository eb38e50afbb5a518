// All positions by all dimensions, and PE(p) · PE(q) of all pairs in relation to the largest, d/2.
const of_table = ["length", "d", "base"];
const all_rows = ({length, d, base}) => encodings(length, d, base);
const all_pairs = (settings) => {
  const rows = all_rows(settings);
  return rows.map((a) => rows.map((b) => dot(a, b) / (settings.d / 2)));
};

// A square of cells below and beside numbers, with the row of p framed; `across` frames a column.
const paint_cells = (context, values, size, across) => {
  const {length} = state, p = Math.min(Math.round(state.p), length - 1), left = 34, room = size - left;
  cells(context, values, left, 0, room, room);
  const cell = room / length, tall = Math.max(cell, 2);
  context.strokeStyle = named("text");
  context.lineWidth = 1.2;
  context.strokeRect(left, p * cell, room, tall);
  if (across) context.strokeRect(left + p * cell, 0, tall, room);
  for (const at of [0, length - 1])
    write(context, whole(at), left - 6, at === 0 ? 1 : room - 1, named("soft"), "right", at === 0 ? "top" : "bottom");
  if (p > length * 0.06 && p < length * 0.94)
    write(context, p, left - 6, (p + 0.5) * cell, named("text"), "right", "middle");
  const last = values[0].length - 1;
  write(context, across ? "q = 0" : "dimension 0", left, room + 16, named("soft"));
  write(context, last, size, room + 16, named("soft"), "right");
};
const square = (width) => Math.min(width, 400) - 34 + 22;

const table_map = new Canvas("play-table", square, (context, width) =>
    paint_cells(context, remembered("rows", all_rows, of_table), Math.min(width, 400), false));
const pair_map = new Canvas("play-pairs", square, (context, width) =>
    paint_cells(context, remembered("pairs", all_pairs, of_table), Math.min(width, 400), true));

const tell_pairs = () => {
  const {d, base, k} = state, p = Math.round(state.p);
  const product = dot(encoding(p, d, base), encoding(p + k, d, base));
  const elsewhere = dot(encoding(0, d, base), encoding(k, d, base));
  return `PE(${p}) · PE(${p + k}) = ${decimals(product)} and PE(0) · PE(${k}) = ${decimals(elsewhere)}: ` +
      `the distance ${k} decides, so that each stripe along the diagonal has one colour. The largest is d/2 = ${d / 2}, ` +
      "at distance 0.";
};
