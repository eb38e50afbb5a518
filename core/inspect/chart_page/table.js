// The numbers of a chart as a table, made when it is opened.

const data_of = (spec, name) => (spec.data || []).find((data) => data.name === name)?.values;

const with_range = ({y, value = y, low, high}) => !is_told(value) ? "–" :
    digits(value, 6) + (is_told(low) ? ` (${digits(low, 6)} … ${digits(high, 6)})` : "");

// A row for each x, a column for each line.
const table_of_lines = (spec, values) => {
  const names = spec.scales.find(({name}) => name === "color").domain;
  const rows = new Map();
  for (const point of values) {
    if (!rows.has(point.x)) rows.set(point.x, new Map());
    rows.get(point.x).set(point.line, point);
  }
  const ordered = [...rows].sort(([a], [b]) => a - b);
  return [[spec.axes[0].title || "x", ...names.map((name) => name || spec.axes[1].title)],
          ...ordered.map(([x, points]) => [is_told(x) ? digits(x, 6) : "–",
              ...names.map((name) => points.has(name) ? with_range(points.get(name)) : "")])];
};

const table_of_bars = (spec, values) => {
  const grouped = values.some(({group}) => group);
  return [[spec.axes[0].title || "", ...grouped ? [""] : [], spec.axes[1].title],
          ...values.map((bar) => [bar.bar, ...grouped ? [bar.group] : [], with_range(bar)])];
};

const table_of_points = (spec, values) => [
  ["", spec.axes[0].title, spec.axes[1].title],
  ...values.map(({label, group, x, y}) => [[group, label].filter(is_told).join(" "), digits(x, 6), digits(y, 6)])];

const table_of_cells = (spec, values) => {
  const names = (axis) => spec.signals.find(({name}) => name === `${axis}_names`).value;
  return [[`${spec.axes[1].title} \\ ${spec.axes[0].title}`, ...names("x")],
          ...values.map(({values: row}, i) => [names("y")[i],
              ...row.map((value) => is_told(value) ? digits(value, 6) : "–")])];
};

const table_of_rules = (spec) => (data_of(spec, "ends") || []).filter(({rule}) => rule)
    .concat((data_of(spec, "vertical_rules") || []).map(({rule, value}) => ({name: rule, y: value})))
    .map(({name, y}) => `${name}: ${digits(y, 6)}`);

const kinds = {lines: table_of_lines, bars: table_of_bars, points: table_of_points, cells: table_of_cells};

const kind_of = (spec) => Object.keys(kinds).find((name) => data_of(spec, name));

const table_of = (spec) => kinds[kind_of(spec)](spec, data_of(spec, kind_of(spec)));

const html_of = ([head, ...rows]) => make("table", {},
    make("thead", {}, make("tr", {}, ...head.map((text) => make("th", {textContent: text})))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((text, i) =>
        make("td", {textContent: text, className: i ? "number" : ""}))))));

// Nothing for a chart of a kind that is not rill's.
const numbers_of = (spec) => {
  if (!kind_of(spec)) return null;
  const details = make("details", {className: "numbers"}, make("summary", {textContent: "Numbers"}));
  details.ontoggle = () => {
    if (!details.open || details.children.length > 1) return;
    details.append(make("div", {className: "table", tabIndex: 0}, html_of(table_of(spec))));
    const rules = table_of_rules(spec);
    if (rules.length) details.append(make("div", {textContent: rules.join("; ")}));
  };
  return details;
};
