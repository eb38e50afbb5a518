// The sine of up to 8 hands, each on a line of its own, over the positions 0 to `reach`. A wave that
// would come round within 7 pixels is not drawn, since what one saw would be no wave of it.
const too_quick = 7;
const wave_rows = () => spread(state.d / 2, 8);

const paint_wave = (context, i, x_of, width, middle, half) => {
  const {d, base, p, reach} = state;
  const color = color_of_hand(i, d / 2);
  const pixels = wavelength(i, d, base) * width / reach;
  if (pixels < too_quick) {
    context.fillStyle = css(color, 0.22);
    context.fillRect(x_of(0), middle - half, width, 2 * half);
    write(context, `turns ${whole(reach / wavelength(i, d, base))} times: too quick to draw here`, x_of(0) + 8, middle,
          named("text"), "left", "middle");
    return;
  }
  line(context, [[x_of(0), middle], [x_of(reach), middle]], named("line"));
  const at = (position) => middle - half * Math.sin(position * frequency(i, d, base));
  const steps = Math.ceil(2 * width);
  const curve = Array.from({length: steps + 1}, (_, step) => reach * step / steps);
  line(context, curve.map((position) => [x_of(position), at(position)]), css(color), 1.8);
  if (width / reach >= 7)
    for (let position = 0; position <= reach; ++position) disc(context, x_of(position), at(position), 2, css(color));
  if (p <= reach) disc(context, x_of(p), at(p), 4.5, css(color));
};

const waves = new Canvas("play-waves", () => 28 + 46 * wave_rows().length, (context, width, height) => {
  const left = 62, room = width - left - 8, {p, reach} = state;
  const x_of = (position) => left + room * position / reach;
  wave_rows().forEach((i, row) => {
    const middle = 23 + 46 * row;
    paint_wave(context, i, x_of, room, middle, 17);
    write(context, `hand ${i}`, 0, middle, named("text"), "left", "middle");
  });
  const bottom = height - 22;
  if (p <= reach) line(context, [[x_of(p), 2], [x_of(p), bottom]], named("soft"));
  for (const share of [0, 0.25, 0.5, 0.75, 1])
    write(context, whole(reach * share), x_of(reach * share), height - 4, named("soft"),
          share === 0 ? "left" : share === 1 ? "right" : "center");
});

const tell_waves = () => {
  const {d, reach, base} = state, hands = d / 2, rows = wave_rows();
  const shown = rows.length === hands ? `all ${hands} hands` : `${rows.length} of the ${hands} hands`;
  const still = Array.from({length: hands}, (_, i) => i).filter((i) => wavelength(i, d, base) > reach).length;
  return `Shown: the sine of ${shown}. In ${whole(reach)} positions ${still} of ${hands} hands do not come round once.`;
};
