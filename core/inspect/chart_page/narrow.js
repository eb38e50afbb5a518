// How a chart gives way where the page is narrower than it.

const longest = (names) => Math.max(0, ...names.map((name) => String(name).length));

// The lines of a text that has so many letters in each.
const wrapped = (text, letters) => {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + 1 + word.length > letters) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
};

// The names along x: of bars or of columns.
const names_along_x = (spec) =>
    (spec.signals || []).find(({name}) => name === "x_names")?.value || spec.scales[0].domain;

const names_share = 0.36;  // of the room, at most, for the names of rows

// The specification for a drawing of `width` pixels beside which stand names of `room` - `width`.
const narrowed = (spec, room) => {
  const axes = spec.axes.map((axis) => ({...axis, title: wrapped(axis.title || "", (room - 100) / 6.5),
                                         labelLimit: axis.orient === "left" ? room * names_share : 120}));
  const legends = spec.legends.map((legend) => legend.type === "gradient" ?
      {...legend, orient: "bottom", direction: "horizontal", gradientLength: Math.min(200, room * (1 - names_share) - 60)} :
      {...legend, columns: Math.max(1, Math.floor(room / (40 + 8 * longest(spec.scales.at(-1).domain || []))))});
  return {...spec, axes, legends};
};

// Names that lie side by side in the wide chart stand aslant in the narrow one. Of numbers and of the
// names of many cells those are left out that have no room.
const aslant = (spec, width) => {
  if (spec.scales[0].type !== "band") return spec;
  const names = names_along_x(spec);
  if (!Array.isArray(names) || longest(names) * 7 <= width / names.length) return spec;
  const [x, ...others] = spec.axes;
  const is_numbers = names.every((name) => /^\d+$/.test(name));
  const is_crowded = spec.usermeta?.cells && width / names.length < 13;
  const given_way = is_numbers ? {labelOverlap: true} :
      {labelAngle: -45, labelAlign: "right", labelOverlap: is_crowded ? true : x.labelOverlap};
  return {...spec, axes: [{...x, ...given_way}, ...others]};
};

// Cells keep whole pixels as long as each can have one.
const whole = (wanted, cells) => cells > wanted ? wanted : cells * Math.floor(wanted / cells);

const size_of = (spec, width) => {
  if (!spec.usermeta?.cells) return {width, height: spec.height};
  const [rows, columns] = spec.usermeta.cells;
  const height = Math.max(spec.height * width / spec.width, Math.min(spec.height, 13 * rows));
  return {width: whole(width, columns), height: whole(height, rows)};
};

const least_width = 200;  // of a line chart with names at its ends

// The names at the ends of lines as a legend below.
const legend_of = (view, ends) => make("div", {className: "legend"}, ...ends.map(({name, rule}) => {
  const stroke = rule ? "currentColor" : view.scale("color")(name);
  const dash = rule ? [5, 4] : view.scale("dash")(name);
  const sample = `<svg width="26" height="8"><path d="M0,4h26" stroke="${stroke}" stroke-width="2.5"
      stroke-dasharray="${dash.join(" ")}"/></svg>`;
  const row = make("span", {innerHTML: sample});
  row.append(name);
  return row;
}));
