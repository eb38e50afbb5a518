// All hands on one clock: up is the cosine, to the right the sine, so that position 0 is noon.
const tip = (x, y, length, angle) => [x + length * Math.sin(angle), y - length * Math.cos(angle)];

const clock = new Canvas("play-clock", (width) => Math.min(width, 340), (context, width, height) => {
  const {d, base, p} = state, hands = d / 2;
  const x = width / 2, y = height / 2, radius = Math.min(width, height) / 2 - 14;
  circle(context, x, y, radius, named("axis"));
  for (let hour = 0; hour < 12; ++hour) {
    const angle = hour * Math.PI / 6;
    line(context, [tip(x, y, radius, angle), tip(x, y, radius - (hour % 3 ? 5 : 10), angle)], named("axis"));
  }
  for (let i = hands - 1; i >= 0; --i) {
    const length = radius * (0.94 - 0.52 * (hands > 1 ? i / (hands - 1) : 0));
    const end = tip(x, y, length, p * frequency(i, d, base));
    const color = css(color_of_hand(i, hands));
    line(context, [[x, y], end], color, hands > 16 ? 1.5 : 2 + 3 * i / hands);
    disc(context, ...end, hands > 16 ? 2 : 3.5, color);
  }
  disc(context, x, y, 4, named("text"));
});

const tell_hands = () => {
  const {d, base} = state;
  return `From hand to hand the wavelength grows by the factor base^(2/d) = ${decimals(base ** (2 / d), 2)}: from 2π = ` +
      `${positions(wavelength(0, d, base))} towards 2π · base = ${positions(2 * Math.PI * base)}, where hand d/2 would be.`;
};

// A row for each hand.
const fill_hands = () => {
  const {d, base, p, length} = state;
  document.getElementById("play-turns").textContent = `turns in ${length}`;
  const rows = Array.from({length: d / 2}, (_, i) => {
    const angle = p * frequency(i, d, base), wave = wavelength(i, d, base);
    const row = document.createElement("tr");
    const values = [i, positions(wave), decimals(length / wave, 2), decimals(Math.sin(angle)),
                    decimals(Math.cos(angle))];
    for (const value of values) row.insertCell().textContent = value;
    const mark = document.createElement("i");
    mark.style.background = css(color_of_hand(i, d / 2));
    row.cells[0].prepend(mark);
    return row;
  });
  document.getElementById("play-hands").replaceChildren(...rows);
};
