// A table of which rows were looked up by ids: each row of dout goes back to the row of its id.

const lookup_picture = (trace, op) => {
  const ids = ids_of(trace, op), dout = trace.gradient(trace.ops[op].out), table = trace.outgoing(op, 0);
  if (!ids?.values || !dout?.values) return null;
  const users = users_of(ids.values), used = [...users.keys()].sort((a, b) => a - b);
  const several = used.findIndex((id) => users.get(id).length > 1);
  const chooser = one_of("id", used.length, Math.max(0, several), (i) =>
    lookup_row(used[i], users.get(used[i]), dout, table), (i) => `id ${used[i]}`);
  const from = lookup_map(dout, {label: "dout by id", row_labels: labels_of(ids.values, (id) => `id ${id}`),
                                 on_row: (row) => chooser.show(used.indexOf(ids.values[row]))});
  return picture_of("lookup",
    figures_of([figure_of(from, "dout, a row for each id", shape_text(dout.shape)), table_figure(table, users, used, chooser)]),
    words(unused_text(table.shape[0], users)), chooser.element);
};

const most_labels = 40;

const labels_of = (rows, label) => {
  const list = typeof rows === "number" ? Array(rows).fill(0) : Array.from(rows);
  return list.length > most_labels ? undefined : list.map(label);
};

// Which places have each id.
const users_of = (ids) => {
  const users = new Map();
  ids.forEach((id, place) => users.set(id, [...users.get(id) ?? [], place]));
  return users;
};

const lookup_map = (snapshot, {on_row, ...options}) => still_map(snapshot, {
  kind: "gradient", width: 215, height: 340, ...options,
  on_pick: (element) => on_row(Math.floor(element / snapshot.shape.at(-1)))});

const table_figure = (table, users, used, chooser) => {
  const width = table.shape[1], is_used = (row) => users.has(row);
  const map = lookup_map(table, {
    label: "the table's gradient", is_absent: (i) => table.values && !is_used(Math.floor(i / width)),
    row_labels: table.values && labels_of(table.shape[0], (_, row) => String(row)),
    on_row: (row) => { if (is_used(row)) chooser.show(used.indexOf(row)); }});
  return figure_of(map, "of the table", shape_text(table.shape));
};

const unused_text = (rows, users) => {
  const shared = [...users.values()].filter(({length}) => length > 1).length;
  return `${rows - users.size} of ${rows} rows were not used: their gradient is 0.` +
    (shared ? ` ${shared} ${shared > 1 ? "were" : "was"} used more than once, and ${shared > 1 ? "get" : "gets"} the sum.` : "");
};

// The rows of dout that one row of the table gets, and their sum.
const lookup_row = (id, places, dout, table) => {
  const n = dout.shape.at(-1), rows = places.map((place) => row_of(dout, place, n));
  if (table.values) rows.push(row_of(table, id, n));
  const labels = [...places.map((place) => `dout ${place}`), `row ${id}`];
  const map = still_map(snapshot_of([rows.length, n], rows.flat()), {
    kind: "gradient", width: panel_width(), height: 26 * rows.length, row_labels: labels.slice(0, rows.length), label: "added up"});
  return [words(`id ${id} stands at ${places.join(", ")}: `, places.length > 1
    ? `row ${id} of the gradient is the sum of these rows of dout.` : `row ${id} of the gradient is this row of dout.`),
          element_of("div", {class: "wide"}, map.canvas)];
};
