// Up to 6 hands at p and at p + k: the angle between them, kω, is the same wherever p is.
const dials = new Canvas("play-dials", (width) => width < 500 ? 2 * 128 : 150, (context, width, height) => {
  const {d, base, p, k} = state, hands = d / 2;
  const shown = spread(hands, 6), columns = width < 500 ? 3 : 6;
  const room = width / Math.min(columns, shown.length), radius = Math.min(room / 2 - 8, 46);
  shown.forEach((i, at) => {
    const x = room * (at % columns + 0.5), y = 128 * Math.floor(at / columns) + radius + 6;
    const from = p * frequency(i, d, base), turn = k * frequency(i, d, base), color = color_of_hand(i, hands);
    circle(context, x, y, radius, named("axis"));
    context.beginPath();
    context.moveTo(x, y);
    context.arc(x, y, radius * 0.55, from - Math.PI / 2, from - Math.PI / 2 + Math.min(turn, 2 * Math.PI));
    context.fillStyle = css(color, 0.25);
    context.fill();
    line(context, [[x, y], tip(x, y, radius * 0.9, from)], css(color, 0.55), 2);
    line(context, [[x, y], tip(x, y, radius * 0.9, from + turn)], css(color), 4);
    const degrees = turn * 180 / Math.PI;
    const text = `hand ${i}: ${degrees < 10 ? decimals(degrees, 2) : whole(degrees)}°`;
    write(context, text, x, y + radius + 17, named("text"), "center");
  });
});

const turn_now = () => remembered("rotation", ({d, base, k}) => rotation(k, d, base), ["d", "base", "k"]);

// R(k) as numbers where they fit, as colours else.
const matrix = new Canvas("play-matrix", (width) => Math.min(width, 340), (context, width, height) => {
  const {d} = state, values = turn_now(), cell = height / d, left = (width - height) / 2;
  cells(context, values, left, 0, height, height);
  context.strokeStyle = named("axis");
  context.strokeRect(left + 0.5, 0.5, height - 1, height - 1);
  if (cell < 36) return;
  context.font = `${cell < 60 ? 11 : 12}px system-ui, sans-serif`;
  values.forEach((row, r) => row.forEach((value, c) => {
    if (value !== 0 || Math.floor(r / 2) === Math.floor(c / 2))
      write(context, decimals(value, cell < 42 ? 2 : cell < 60 ? 3 : 4), left + (c + 0.5) * cell, (r + 0.5) * cell,
            Math.abs(value) > 0.7 ? named("ground") : named("text"), "center", "middle");
  }));
});

// PE(p), R(k) PE(p) and PE(p + k), a row for each of the first dimensions.
const turned = () => {
  const {d, base, k} = state, p = Math.round(state.p);
  const at = encoding(p, d, base), there = encoding(p + k, d, base);
  return {p, at, there, by_matrix: times(turn_now(), at)};
};

const fill_turned = () => {
  const {p, at, there, by_matrix} = turned(), {k} = state;
  const head = document.getElementById("play-turned-head");
  const heads = ["dimension", `PE(${p})`, `R(${k}) · PE(${p})`, `PE(${p + k})`];
  heads.forEach((text, i) => { head.cells[i].textContent = text; });
  document.getElementById("play-turned").replaceChildren(...at.slice(0, 8).map((value, column) => {
    const row = document.createElement("tr");
    for (const text of [column, decimals(value), decimals(by_matrix[column]), decimals(there[column])])
      row.insertCell().textContent = text;
    return row;
  }));
};

// How far R(k) PE(p) is from PE(p + k), for the worst p.
const worst_turn = ({d, base, k, length}) => {
  const turn = rotation(k, d, base);
  const miss = (p) => farthest(times(turn, encoding(p, d, base)), encoding(p + k, d, base));
  return Math.max(...Array.from({length}, (_, p) => miss(p)));
};

const tell_turned = () => {
  const {p, there, by_matrix} = turned(), {k, length, d} = state;
  const rest = d > 8 ? ` The first 8 of ${d} dimensions are shown.` : "";
  const here = tiny(farthest(by_matrix, there));
  const anywhere = tiny(remembered("turn", worst_turn, ["d", "base", "k", "length"]));
  return `R(${k}) · PE(${p}) differs from PE(${p + k}) by at most ${here}. The same matrix leads from each of the ` +
      `${length} positions ${k} words on: there the difference is at most ${anywhere}.${rest}`;
};
