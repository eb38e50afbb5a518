// Which ops and rows an edge of the graph stands for.

// Ops that take value `value` by edge `edge` of box `b`, wherever in boxes they stand.
const takers_of = (graph, b, edge, value) => {
  graph.takers ??= new Map();
  const key = `${b}.${edge}.${value}`;
  if (!graph.takers.has(key)) graph.takers.set(key, find_takers(graph, b, edge, value));
  return graph.takers.get(key);
};

const find_takers = (graph, b, edge, value) => {
  const box = graph.boxes[b];
  const [kind, index] = box.nodes[box.edges[edge][1]];
  if (kinds[kind] === "op") return [index];
  const [place, from] = kinds[kind] === "box"
    ? [index, port_number(graph.boxes[index], "enters", value)]
    : [box.parent, graph.boxes[box.parent].nodes.findIndex(
        ([k, i]) => kinds[k] === "box" && i === b)];
  return graph.boxes[place].edges.flatMap(([start, , values], e) =>
    start === from && values.includes(value) ? takers_of(graph, place, e, value) : []);
};

const port_number = (box, kind, value) =>
  box.nodes.findIndex(([k, i]) => kinds[k] === kind && i === value);

// Rows by which the gradient of what is drawn as `value` comes from op `op`.
const rows_to = (trace, graph, op, value) =>
  trace.rows(op).flatMap((row, r) => {
    const target = trace.target(op, r);
    return row.out != null && target >= 0 && graph.drawn[target] === value ? [r] : [];
  });
