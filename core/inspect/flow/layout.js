// Where everything stands. Boxes are laid out closed; where one is open, the plane around it is
// stretched.

const header = 26;
const margin = 14;
const side = 20;  // of the whole

// A map of one axis that never brings two things closer together: segments between breakpoints
// have lengths of their own.
class Stretch {
  constructor(points) {
    this.points = [...new Set(points)].sort((a, b) => a - b);
    this.lengths = this.points.slice(1).map((p, i) => p - this.points[i]);
  }
  place(p) { return this.points.indexOf(p); }
  // Makes [low, high] at least `wanted` long.
  widen(low, high, wanted) {
    const from = this.place(low), to = this.place(high);
    let length = 0;
    for (let i = from; i < to; ++i) length += this.lengths[i];
    if (length >= wanted || length === 0) return;
    for (let i = from; i < to; ++i) this.lengths[i] *= wanted / length;
    this.starts = null;
  }
  at(p) {
    const {points, lengths} = this;
    if (!points.length || p <= points[0]) return p;
    if (!this.starts) {
      this.starts = [points[0]];
      lengths.forEach((length, i) => this.starts.push(this.starts[i] + length));
    }
    let i = 0;
    while (i + 1 < points.length && points[i + 1] <= p) ++i;
    if (i + 1 >= points.length) return this.starts[i] + p - points[i];
    return this.starts[i] + (p - points[i]) / (points[i + 1] - points[i]) * lengths[i];
  }
}

// `inner` gives the layout of the box in node i where that is open, else null.
const placed_box = (box, layout, inner) => {
  const nodes = box.nodes.map(([kind, index, label, note, w, h], i) => ({
    kind, index, label, note, i, w, h,
    x: layout.nodes[2 * i], y: layout.nodes[2 * i + 1],
    inside: inner(i),
  }));
  const open = nodes.filter((node) => node.inside);
  const across = new Stretch(open.flatMap(({x, w}) => [x - w / 2, x + w / 2]));
  const down = new Stretch(open.flatMap(({y, h}) => [y - h / 2, y + h / 2]));
  for (const node of open) {
    across.widen(node.x - node.w / 2, node.x + node.w / 2, node.inside.w + 2 * margin);
    down.widen(node.y - node.h / 2, node.y + node.h / 2, node.inside.h + header + 2 * margin);
  }
  const edges = box.edges.map(([from, to, values], i) => ({
    from, to, values, i,
    points: layout.edges[i].map((p, k) => k % 2 ? down.at(p) : across.at(p)),
  }));
  for (const node of nodes) {
    [node.x, node.y] = [across.at(node.x), down.at(node.y)];
    if (!node.inside) continue;
    node.w = Math.max(node.inside.w + 2 * margin, node.label.length * 8 + 60);
    node.h = node.inside.h + header + 2 * margin;
  }
  for (const edge of edges) anchor(edge, nodes, layout);
  return {nodes, edges, w: across.at(layout.w), h: down.at(layout.h)};
};

// Ends of edges stay where they were at their nodes; at open boxes they move to the ports inside.
const anchor = (edge, nodes, layout) => {
  const {points, i} = edge, before = layout.edges[i], end = points.length - 2;
  const ends = [[nodes[edge.from], 0, 4, 1], [nodes[edge.to], end, 3, -1]];
  for (const [node, at, kind, side_of] of ends) {
    const dx = before[at] - layout.nodes[2 * node.i], dy = before[at + 1] - layout.nodes[2 * node.i + 1];
    if (node.inside) move_end(points, at, port_of(node, kind, edge.values[0]), node.y + side_of * node.h / 2);
    else move_end(points, at, node.x + dx, node.y + dy);
  }
};

const port_of = (node, kind, value) => {
  const port = node.inside.nodes.find((n) => n.kind === kind && n.index === value);
  return port ? node.x - node.inside.w / 2 + port.x : node.x;
};

const move_end = (points, at, x, y) => {
  const inner = at === 0 ? 2 : at - 2;
  points[inner] += x - points[at];
  points[inner + 1] += y - points[at + 1];
  points[at] = x;
  points[at + 1] = y;
};

const path_of = (points) => {
  let path = `M${points[0]},${points[1]}`;
  for (let i = 2; i + 5 < points.length; i += 6)
    path += `C${points.slice(i, i + 6).map((p) => p.toFixed(1)).join(",")}`;
  return path;
};
