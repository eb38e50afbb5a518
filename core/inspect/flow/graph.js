// The graph as SVG: boxes that open and close, values going down, gradients coming up.

const kinds = ["op", "box", "value", "enters", "leaves"];

const letter_width = 7.5;

const is_phone = () => matchMedia("(max-width: 820px)").matches;  // the pane is as high as the graph

const svg_element = (name, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== null) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

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

class GraphView {
  constructor(flow, svg) {
    Object.assign(this, {flow, svg, open: new Set(), zoom: 1});
    svg.addEventListener("click", (event) => this.clicked(event));
    svg.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      if (this.clicked(event)) event.preventDefault();
    });
  }

  graph_of(trace) { return trace.json.graphs[this.flow.with_views ? 1 : 0]; }
  key_of(trace, graph, b) { return trace.key + graph.boxes[b].id; }

  // ---- layout ----

  place(trace, b) {
    const graph = this.graph_of(trace), box = graph.boxes[b];
    const placed = placed_box(box, this.flow.layouts[box.layout], (i) => {
      const [kind, index] = box.nodes[i];
      if (kinds[kind] === "box" && this.open.has(this.key_of(trace, graph, index)))
        return this.place(trace, index);
      if (kinds[kind] === "op" && this.open.has(`${trace.key}i${index}`))
        return this.place(trace.inside(index), 0);
      return null;
    });
    return Object.assign(placed, {trace, graph, b});
  }

  // ---- drawing ----

  draw() {
    this.nodes = [];
    this.edges = [];
    const placed = this.place(this.flow.trace, 0);
    this.placed = placed;
    this.size = [placed.w + 2 * side, placed.h + 2 * margin];
    this.fit();  // asks for the width of the pane, so before anything changes
    const content = svg_element("g", {transform: `translate(${side},${margin})`});
    this.draw_level(content, placed, 0, 0);
    this.svg.querySelector(".content")?.remove();
    content.classList.add("content");
    this.svg.append(content);
  }

  fit() {
    const [w, h] = this.size;
    const {clientWidth, clientHeight} = this.svg.parentElement;
    const wide = Math.min(1.15, Math.max(0.55, (clientWidth - 4) / w)), high = (clientHeight - 20) / h;
    const fitting = high > 0.8 * wide && !is_phone() ? Math.min(wide, high) : wide;
    this.svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
    this.svg.setAttribute("width", Math.round(w * fitting * this.zoom));
    this.svg.setAttribute("height", Math.round(h * fitting * this.zoom));
  }

  draw_level(into, placed, x, y) {
    const level = svg_element("g", {transform: `translate(${x},${y})`});
    into.append(level);
    for (const node of placed.nodes) if (node.inside) this.draw_open(level, placed, node);
    for (const edge of placed.edges) this.draw_edge(level, placed, edge);
    for (const node of placed.nodes) if (!node.inside) this.draw_node(level, placed, node);
    for (const node of placed.nodes)
      if (node.inside)
        this.draw_level(level, node.inside, node.x - node.inside.w / 2,
                        node.y - node.h / 2 + header + margin);
  }

  draw_open(level, {trace, graph}, node) {
    const left = node.x - node.w / 2, top = node.y - node.h / 2;
    const is_box = kinds[node.kind] === "box";
    const key = is_box ? this.key_of(trace, graph, node.index) : `${trace.key}i${node.index}`;
    const element = svg_element("g", {class: "open", "data-key": key});
    const title = svg_element("g", {class: "title", "data-toggle": key, tabindex: 0, role: "button",
                                    "aria-label": `close ${node.label}`});
    title.append(
      svg_element("rect", {x: left, y: top, width: node.w, height: header, class: "handle"}),
      svg_element("text", {x: left + 10, y: top + 17}, `▾ ${node.label}`));
    if (is_box && node.note && node.w > 8 * (node.label.length + node.note.length) + 60)
      title.append(svg_element("text", {x: left + node.w - 10, y: top + 17, class: "note",
                                        "text-anchor": "end"}, node.note));
    element.append(svg_element("rect", {x: left, y: top, width: node.w, height: node.h, rx: 10,
                                        class: "frame"}), title);
    level.append(element);
    this.nodes.push({element, trace, node, graph, key});
  }

  draw_node(level, {trace, graph}, node) {
    const kind = kinds[node.kind];
    if (kind === "enters" || kind === "leaves") {
      level.append(svg_element("circle", {cx: node.x, cy: node.y, r: 3, class: "port"}));
      return;
    }
    const key = kind === "box" ? this.key_of(trace, graph, node.index) : null;
    const inside = kind === "op" && trace.inside(node.index), label = this.label_of(trace, node);
    const element = svg_element("g", {
      class: `node ${kind}`, tabindex: 0, role: "button", transform: `translate(${node.x},${node.y})`,
      "data-toggle": key, "data-key": key, "data-trace": trace.key,
      "data-op": kind === "op" ? node.index : null,
      "data-value": kind === "value" ? node.index : null,
      "aria-label": `${key ? "open " : ""}${label} ${node.note}`,
    });
    element.append(svg_element("rect", {
      x: -node.w / 2, y: -node.h / 2, width: node.w, height: node.h,
      rx: kind === "value" ? node.h / 2 : 7,
    }));
    const note = this.note_of(trace, node);
    element.append(svg_element("text", {y: note ? -3 : 5}, kind === "box" ? `▸ ${label}` : label));
    if (note) element.append(svg_element("text", {y: 13, class: "note"}, note));
    if (inside) this.draw_opener(element, trace, node);
    const badge = svg_element("text", {class: "badge", x: -10, y: -node.h / 2 - 4});
    element.append(badge);
    level.append(element);
    this.nodes.push({element, trace, node, graph, badge, key});
  }

  // Numbered, "tanh 2", where there is room.
  label_of(trace, node) {
    const name = kinds[node.kind] === "op" ? trace.op_name(node.index)
      : node.label === "data" ? trace.names[node.index] : node.label;
    return name.length * letter_width > node.w - 8 ? node.label : name;
  }

  // A scalar is told by its number.
  note_of(trace, node) {
    const value = kinds[node.kind] === "op" ? trace.ops[node.index].out
      : kinds[node.kind] === "value" ? node.index : null;
    const data = value === null ? null : trace.data(value);
    return data && !data.shape.length && data.values ? written(data.values[0]) : node.note;
  }

  draw_opener(element, trace, node) {
    const opener = svg_element("g", {
      class: "opener", "data-toggle": `${trace.key}i${node.index}`, tabindex: 0, role: "button",
      "aria-label": `open what ${node.label} is made of`,
      transform: `translate(${node.w / 2 - 2},${-node.h / 2 + 2})`,
    });
    opener.append(svg_element("circle", {r: 9}), svg_element("path", {d: "M-4,0H4M0,-4V4"}));
    element.append(opener);
  }

  draw_edge(level, {trace, graph, b}, edge) {
    const d = path_of(edge.points);
    const [x, y] = edge.points.slice(-2);
    const forward = svg_element("path", {d, class: "edge"});
    const backward = svg_element("path", {d, class: "gradient", transform: "translate(5,0)"});
    const [x0, y0] = edge.points;
    const down = svg_element("path", {d: `M${x - 4},${y - 7}L${x},${y}L${x + 4},${y - 7}`,
                                      class: "edge tip"});
    const up = svg_element("path", {d: `M${x0 + 1},${y0 + 7}L${x0 + 5},${y0}L${x0 + 9},${y0 + 7}`,
                                    class: "gradient tip"});
    const hit = svg_element("path", {d, class: "hit", "data-trace": trace.key,
                                     "data-edge-value": edge.values[0]});
    level.append(forward, down, backward, up, hit);
    this.edges.push({forward, down, backward, up, trace, graph, b, edge});
  }

  // ---- what has happened ----

  update() {
    const {moment, place} = this.flow;
    document.body.classList.toggle("backward", moment.began);
    for (const drawn of this.nodes) this.update_node(drawn, moment, place);
    for (const drawn of this.edges) this.update_edge(drawn, moment);
  }

  moment_in(trace, moment) {
    if (!trace.outer) return moment;
    const outer = this.moment_in(trace.outer, moment);
    const has_run = trace.outer_op <= outer.op, passed = has_passed(trace.outer, trace.outer_op, outer);
    return {op: has_run ? trace.ops.length : -1, pass: passed ? trace.passes.length : -1, began: passed};
  }

  update_node({element, trace, node, graph, badge, key}, moment, place) {
    const kind = kinds[node.kind], at = this.moment_in(trace, moment);
    const set = (name, on) => element.classList.toggle(name, Boolean(on));
    const share = this.flow.follow?.nodes.get(`${trace.key}${kind}${node.index}`);
    set("followed", share !== undefined);
    if (kind === "op") {
      set("ran", node.index <= at.op);
      set("passed", has_passed(trace, node.index, at));
      set("silent", trace.passes.length && trace.ops[node.index].pass < 0);
      set("current", place.trace === trace && place.op === node.index);
      this.update_badge(badge, trace, trace.ops[node.index].out, at, share);
    } else if (kind === "value") {
      set("parameter", trace.values[node.index].leaf);
      set("ran", true);
      set("passed", trace.values[node.index].leaf &&
          arrived(trace, node.index, at).came && arrived(trace, node.index, at).came ===
          arrived(trace, node.index, at).all);
      set("current", place.trace === trace && place.value === node.index);
      this.update_badge(badge, trace, node.index, at, share);
    } else if (kind === "box") {
      set("current", !node.inside && this.flow.chain.has(key));
      set("ran", this.first_op(graph, node.index) <= at.op);
      set("passed", at.pass >= 0 && this.ops_in(graph, node.index).some(
        (op) => has_passed(trace, op, at)));
    }
  }

  update_badge(badge, trace, value, at, share) {
    if (!badge) return;
    const {came, all} = arrived(trace, value, at);
    const pending = at.began && came < all;
    badge.textContent = share !== undefined ? percent(share)
      : all > 1 && at.began ? `${came} of ${all}` : "";
    badge.classList.toggle("pending", pending && share === undefined);
  }

  ops_in(graph, b) {
    const box = graph.boxes[b];
    return box.all_ops ??= box.nodes.flatMap(([kind, index]) =>
      kinds[kind] === "op" ? [index] : kinds[kind] === "box" ? this.ops_in(graph, index) : []);
  }
  first_op(graph, b) { return Math.min(...this.ops_in(graph, b)); }

  update_edge({forward, down, backward, up, trace, graph, b, edge}, moment) {
    const at = this.moment_in(trace, moment);
    const by = Math.max(...edge.values.map((value) => trace.values[value].by));
    for (const part of [forward, down]) part.classList.toggle("ran", by <= at.op);
    const flows = this.flows_of(trace, graph, b, edge);
    const came = flows.filter(({op}) => has_passed(trace, op, at));
    const width = 1.6 + 3.4 * this.share_of(trace, came);
    for (const part of [backward, up]) {
      part.classList.toggle("passed", came.length > 0);
      part.classList.toggle("part", came.length < flows.length);
      part.style.strokeWidth = came.length ? width.toFixed(2) : "";
    }
  }

  // Rows whose gradient comes back along the edge.
  flows_of(trace, graph, b, edge) {
    return edge.flows ??= edge.values.flatMap((value) =>
      takers_of(graph, b, edge.i, value).flatMap((op) =>
        rows_to(trace, graph, op, value).map((row) => ({op, row, value}))));
  }

  // Which part of what comes to a value comes along this edge, by norms; 0.3 where there is no join.
  share_of(trace, flows) {
    if (!flows.length) return 0;
    const {value} = flows[0];
    const all = trace.arrivals(value);
    if (all.length < 2) return 0.3;
    const norm = ({op, row}) => trace.outgoing(op, row)?.norm ?? 0;
    const total = all.reduce((sum, [op, row]) => sum + (op < 0 ? 0 : norm({op, row})), 0);
    return total ? flows.reduce((sum, flow) => sum + norm(flow), 0) / total : 0;
  }

  // ---- hands ----

  clicked(event) {
    const target = event.target.closest("[data-toggle],[data-op],[data-value],[data-edge-value]");
    if (!target) return false;
    const {toggle, op, value, edgeValue, trace} = target.dataset;
    if (toggle) this.flow.toggle(toggle);
    else if (op !== undefined) this.flow.select_op(this.flow.trace_of(trace), Number(op));
    else this.flow.select_value(this.flow.trace_of(trace), Number(value ?? edgeValue));
    return true;
  }

  show_current() {
    const current = this.svg.querySelector(".node.current") ?? this.svg.querySelector(".open.current");
    const pane = this.svg.parentElement;
    if (!current) return;
    const box = current.getBoundingClientRect(), room = pane.getBoundingClientRect();
    if (box.top < room.top + 20 || box.bottom > room.bottom - 20)
      pane.scrollTop += box.top - room.top - (room.height - box.height) / 2;
    if (box.left < room.left || box.right > room.right)
      pane.scrollLeft += box.left - room.left - (room.width - box.width) / 2;
  }
}
