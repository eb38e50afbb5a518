// Where everything stands. Boxes are laid out closed; where one is open, the plane around it is
// stretched.

const header = 26;
const margin = 14;
const side = 20;  // of the whole
const row_gap = 48;

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
  const pieces = open.length ? 8 : 1;
  const edges = box.edges.map(([from, to, values], i) => ({
    from, to, values, i, pieces,
    points: split(layout.edges[i], pieces).map((p, k) => k % 2 ? down.at(p) : across.at(p)),
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

// The same curves in more pieces, so that stretched they go around what they went around.
const split = (points, pieces) => {
  const parts = points.slice(0, 2);
  for (let i = 2; i + 5 < points.length; i += 6) {
    let head, rest = points.slice(i - 2, i + 6);
    for (let n = pieces; n > 1; --n) {
      [head, rest] = cut(rest, 1 / n);
      parts.push(...head.slice(2));
    }
    parts.push(...rest.slice(2));
  }
  return parts;
};

// De Casteljau's: a curve's first part, up to `t`, and its second.
const cut = (curve, t) => {
  const head = [], tail = [];
  for (let left = curve; left.length; left = left.slice(2).map((p, i) => left[i] + t * (p - left[i]))) {
    head.push(...left.slice(0, 2));
    tail.unshift(...left.slice(-2));
  }
  return [head, tail];
};

// Ends of edges stay where they were at their nodes; at open boxes they move to the ports inside.
const anchor = (edge, nodes, layout) => {
  const {points, i} = edge, before = layout.edges[i], end = points.length - 2;
  const ends = [[nodes[edge.from], 0, before.slice(0, 2), 4, 1], [nodes[edge.to], end, before.slice(-2), 3, -1]];
  for (const [node, at, [x, y], kind, side_of] of ends) {
    const dx = x - layout.nodes[2 * node.i], dy = y - layout.nodes[2 * node.i + 1];
    if (node.inside) move_end(edge, at, port_of(node, kind, edge.values[0]), node.y + side_of * node.h / 2);
    else move_end(edge, at, node.x + dx, node.y + dy);
  }
};

const port_of = (node, kind, value) => {
  const port = node.inside.nodes.find((n) => n.kind === kind && n.index === value);
  return port ? node.x - node.inside.w / 2 + port.x : node.x;
};

// Moves what is near an end with it, less and less.
const move_end = ({points, pieces}, at, x, y) => {
  const dx = x - points[at], dy = y - points[at + 1], way = at === 0 ? 1 : -1;
  let reach = 6;
  while (reach < 6 * pieces && Math.abs(points[at + way * reach + 1] - points[at + 1]) < row_gap) reach += 6;
  for (let k = 0; k < reach; k += 2) {
    const part = 1 - k / reach, weight = part ** 2 * (3 - 2 * part);
    points[at + way * k] += weight * dx;
    points[at + way * k + 1] += weight * dy;
  }
};

const path_of = (points) => {
  let path = `M${points[0]},${points[1]}`;
  for (let i = 2; i + 5 < points.length; i += 6)
    path += `C${points.slice(i, i + 6).map((p) => p.toFixed(1)).join(",")}`;
  return path;
};
