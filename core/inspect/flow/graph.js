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

const write_attributes = (element, attributes) => {
  for (const [key, value] of Object.entries(attributes))
    if (element.getAttribute(key) !== String(value)) element.setAttribute(key, value);
};

class GraphView {
  constructor(flow, svg) {
    const pane = svg.parentElement;
    Object.assign(this, {flow, svg, pane, open: new Set(), placed: new Map(), zoom: 1, left: 0, top: 0});
    this.measure();
    new ResizeObserver(() => this.measure()).observe(pane);
    pane.addEventListener("scroll", () => this.scrolled());
    svg.addEventListener("click", (event) => this.clicked(event));
    svg.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      if (!this.clicked(event)) return;
      event.preventDefault();
      const {toggle} = event.target.dataset;
      if (toggle) svg.querySelector(`[data-toggle="${toggle}"]`).focus({preventScroll: true});
    });
  }

  // What the pane is like is known, and not asked for in a step: an answer costs a layout.
  measure() {
    this.seen = [this.pane.clientWidth, this.pane.clientHeight];
  }

  graph_of(trace) { return trace.json.graphs[this.flow.with_views ? 1 : 0]; }
  key_of(trace, graph, b) { return trace.key + graph.boxes[b].id; }

  // ---- layout ----

  // What is placed already is kept where nothing inside of it has opened or closed.
  place(trace, b) {
    const graph = this.graph_of(trace), box = graph.boxes[b];
    const insides = box.nodes.map(([kind, index]) => {
      if (kinds[kind] === "box" && this.open.has(this.key_of(trace, graph, index)))
        return this.place(trace, index);
      if (kinds[kind] === "op" && this.open.has(`${trace.key}i${index}`))
        return this.place(trace.inside(index), 0);
      return null;
    });
    const before = this.placed.get(box);
    if (before?.nodes.every(({inside}, i) => inside === insides[i])) return before;
    const placed = placed_box(box, this.flow.layouts[box.layout], (i) => insides[i]);
    this.placed.set(box, Object.assign(placed, {trace, graph, b}));
    return placed;
  }

  // ---- drawing ----

  draw() {
    const placed = this.place(this.flow.trace, 0);
    this.size = [placed.w + 2 * side, placed.h + 2 * margin];
    this.fit();
    if (this.whole?.placed.graph !== placed.graph) this.whole = this.new_level();
    this.draw_level(this.whole, placed, side, margin);
    if (!this.whole.element.parentNode) this.svg.replaceChildren(this.whole.element);
  }

  fit() {
    const [w, h] = this.size;
    const [width, height] = this.seen;
    const wide = Math.min(1.15, Math.max(0.55, (width - 4) / w)), high = (height - 20) / h;
    const fitting = high > 0.8 * wide && !is_phone() ? Math.min(wide, high) : wide;
    this.scale = fitting * this.zoom;
    write_attributes(this.svg, {viewBox: `0 0 ${w} ${h}`, width: Math.round(w * this.scale),
                                height: Math.round(h * this.scale)});
    this.top = Math.max(0, Math.min(this.top, h * this.scale - height + 20));
  }

  // What a box has inside: the frames of boxes that are open lie under edges, what is in them above.
  new_level() {
    const [frames, lines, others, insides] = ["frames", "lines", "others", "insides"].map(
      (name) => svg_element("g", {class: name}));
    const element = svg_element("g", {}, frames, lines, others, insides);
    return {element, frames, lines, others, insides, nodes: [], edges: []};
  }

  // Elements that are there already are moved.
  draw_level(level, placed, x, y) {
    write_attributes(level.element, {transform: `translate(${x},${y})`});
    if (level.placed === placed) return;
    level.placed = placed;
    level.nodes = placed.nodes.map((node, i) => this.draw_node(level, node, level.nodes[i]));
    level.edges = placed.edges.map((edge, i) => this.draw_edge(level, edge, level.edges[i]));
  }

  draw_node(level, node, before) {
    const is_open = node.inside !== null;
    let drawn = before;
    if (!drawn || drawn.is_open !== is_open) {
      before?.element.remove();
      before?.level?.element.remove();
      drawn = {...(is_open ? this.new_open(level.placed, node) : this.new_node(level.placed, node)), is_open};
      (is_open ? level.frames : level.others).append(drawn.element);
    }
    drawn.node = node;
    const [x, y] = is_open ? [node.x - node.w / 2, node.y - node.h / 2] : [node.x, node.y];
    write_attributes(drawn.element, {transform: `translate(${x},${y})`});
    if (is_open) this.draw_open(drawn);
    return drawn;
  }

  new_open({trace, graph}, node) {
    const is_box = kinds[node.kind] === "box";
    const key = is_box ? this.key_of(trace, graph, node.index) : `${trace.key}i${node.index}`;
    const frame = svg_element("rect", {rx: 10, class: "frame"});
    const handle = svg_element("rect", {height: header, class: "handle"});
    const note = svg_element("text", {y: 17, class: "note"}, is_box ? node.note : "");
    const title = svg_element("g", {class: "title", "data-toggle": key, tabindex: 0, role: "button",
                                    "aria-label": `close ${node.label}`},
      handle, svg_element("text", {x: 10, y: 17}, `▾ ${node.label}`), note);
    const element = svg_element("g", {class: "open", "data-key": key}, frame, title);
    return {element, frame, handle, note, level: this.new_level(), key};
  }

  draw_open({node, frame, handle, note}) {
    const has_room = node.w > 8 * (node.label.length + node.note.length) + 60;
    write_attributes(frame, {width: node.w, height: node.h});
    write_attributes(handle, {width: node.w});
    write_attributes(note, {x: node.w - 10, visibility: has_room ? "visible" : "hidden"});
  }

  new_node({trace, graph}, node) {
    const kind = kinds[node.kind];
    if (kind === "enters" || kind === "leaves") return {element: svg_element("circle", {r: 3, class: "port"})};
    const key = kind === "box" ? this.key_of(trace, graph, node.index) : null;
    const inside = kind === "op" && trace.inside(node.index), label = this.label_of(trace, node);
    const element = svg_element("g", {
      class: `node ${kind}`, tabindex: 0, role: "button",
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
    const badge = this.new_badge(node);
    element.append(badge);
    return {element, badge, key};
  }

  // On the corner, where no edge comes in.
  new_badge({w, h}) {
    return svg_element("g", {class: "badge", transform: `translate(${16 - w / 2},${-h / 2})`},
                       svg_element("rect", {y: -8, height: 16, rx: 8}), svg_element("text", {y: 4}));
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

  draw_edge(level, edge, before) {
    const drawn = before ?? this.new_edge(level, edge);
    const path = path_of(edge.points), [x0, y0] = edge.points, [x, y] = edge.points.slice(-2);
    write_attributes(drawn.forward, {d: `${path}M${x - 4},${y - 7}L${x},${y}L${x + 4},${y - 7}`});
    write_attributes(drawn.backward, {d: `${path}M${x0 - 5},${y0 + 8}L${x0},${y0}L${x0 + 5},${y0 + 8}`});
    write_attributes(drawn.hit, {d: path});
    return drawn;
  }

  new_edge({placed: {trace}, lines}, edge) {
    const forward = svg_element("path", {class: "edge"});
    const backward = svg_element("path", {class: "gradient", transform: "translate(5,0)"});
    const hit = svg_element("path", {class: "hit", "data-trace": trace.key, "data-edge-value": edge.values[0]});
    lines.append(forward, backward, hit);
    return {forward, backward, hit, edge};
  }

  // ---- what has happened ----

  update(top = this.pane.scrollTop) {
    const [, height] = this.seen;
    this.updated_at = top;
    const seen = [top - height, top + 2 * height].map((y) => y / this.scale);
    this.update_level(this.whole, margin, seen);
  }

  scrolled() {
    [this.left, this.top] = [this.pane.scrollLeft, this.pane.scrollTop];
    if (Math.abs(this.top - this.updated_at) > this.seen[1] / 2) this.update(this.top);
  }

  // What is far out of sight is not drawn until it is scrolled near.
  update_level(level, top, [from, to]) {
    const {trace, graph, b} = level.placed, at = this.moment_in(trace, this.flow.moment);
    for (const drawn of level.nodes) {
      this.update_node(drawn, trace, graph, at);
      if (!drawn.is_open) continue;
      const {node} = drawn, start = top + node.y - node.h / 2, is_near = start < to && start + node.h > from;
      if (is_near) this.update_inside(level, drawn, start + header + margin, [from, to]);
      else drawn.level.element.remove();
    }
    for (const drawn of level.edges) this.update_edge(drawn, trace, graph, b, at);
  }

  update_inside({insides}, {level, node}, top, seen) {
    this.draw_level(level, node.inside, node.x - node.inside.w / 2, node.y - node.h / 2 + header + margin);
    if (!level.element.parentNode) insides.append(level.element);
    this.update_level(level, top, seen);
  }

  moment_in(trace, moment) {
    if (!trace.outer) return moment;
    const outer = this.moment_in(trace.outer, moment);
    const has_run = trace.outer_op <= outer.op, passed = has_passed(trace.outer, trace.outer_op, outer);
    return {op: has_run ? trace.ops.length : -1, pass: passed ? trace.passes.length : -1, began: passed};
  }

  update_node(drawn, trace, graph, at) {
    const {element, node, badge} = drawn, kind = kinds[node.kind];
    const set = (name, on) => element.classList.toggle(name, Boolean(on));
    const share = this.flow.follow?.nodes.get(`${trace.key}${kind}${node.index}`);
    set("followed", share !== undefined);
    const is_current = this.is_current(node, trace, graph);
    set("current", is_current);
    set("backward", is_current && this.flow.moment.began);
    if (kind === "op") {
      set("ran", node.index <= at.op);
      set("passed", has_passed(trace, node.index, at));
      set("silent", trace.passes.length && trace.ops[node.index].pass < 0);
      this.update_badge(badge, trace, trace.ops[node.index].out, at, share);
    } else if (kind === "value") {
      set("parameter", trace.values[node.index].leaf);
      set("ran", true);
      set("passed", trace.values[node.index].leaf &&
          arrived(trace, node.index, at).came && arrived(trace, node.index, at).came ===
          arrived(trace, node.index, at).all);
      this.update_badge(badge, trace, node.index, at, share);
    } else if (kind === "box") {
      set("ran", this.first_op(graph, node.index) <= at.op);
      set("passed", at.pass >= 0 && this.ops_in(graph, node.index).some(
        (op) => has_passed(trace, op, at)));
    }
  }

  is_current({kind, index, inside}, trace, graph) {
    const {place, chain} = this.flow;
    if (kinds[kind] === "box") return !inside && chain.has(this.key_of(trace, graph, index));
    return place.trace === trace && index === {op: place.op, value: place.value}[kinds[kind]];
  }

  update_badge(badge, trace, value, at, share) {
    if (!badge) return;
    const {came, all} = arrived(trace, value, at);
    const pending = at.began && came < all;
    const text = share !== undefined ? percent(share) : all > 1 && at.began ? `${came} of ${all}` : "";
    const [box, words] = badge.children, width = Math.max(38, 6.3 * text.length);
    words.textContent = text;
    write_attributes(box, {x: -width, width});
    write_attributes(words, {x: -width / 2});
    badge.classList.toggle("shown", text !== "");
    badge.classList.toggle("pending", pending && share === undefined);
  }

  ops_in(graph, b) {
    const box = graph.boxes[b];
    return box.all_ops ??= box.nodes.flatMap(([kind, index]) =>
      kinds[kind] === "op" ? [index] : kinds[kind] === "box" ? this.ops_in(graph, index) : []);
  }
  first_op(graph, b) { return Math.min(...this.ops_in(graph, b)); }

  update_edge(drawn, trace, graph, b, at) {
    const {forward, backward, edge} = drawn;
    const by = Math.max(...edge.values.map((value) => trace.values[value].by));
    forward.classList.toggle("ran", by <= at.op);
    const flows = drawn.flows ??= this.flows_of(trace, graph, b, edge);
    const came = flows.filter(({op}) => has_passed(trace, op, at));
    const width = 1.6 + 3.4 * this.share_of(trace, came);
    backward.classList.toggle("passed", came.length > 0);
    backward.classList.toggle("part", came.length < flows.length);
    backward.style.strokeWidth = came.length ? width.toFixed(2) : "";
  }

  // Rows whose gradient comes back along the edge.
  flows_of(trace, graph, b, edge) {
    return edge.values.flatMap((value) =>
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

  // Where the node that is looked at stands: [left, top, right, bottom], or null.
  place_of_current({nodes, trace, graph}, x, y) {
    for (const node of nodes) {
      const left = x + node.x - node.w / 2, top = y + node.y - node.h / 2;
      if (this.is_current(node, trace, graph)) return [left, top, left + node.w, top + node.h];
      const inside = node.inside &&
        this.place_of_current(node.inside, x + node.x - node.inside.w / 2, top + header + margin);
      if (inside) return inside;
    }
    return null;
  }

  // Scrolls to it last of all, since that costs a layout.
  show_current() {
    const found = this.place_of_current(this.whole.placed, side, margin);
    const before = [this.left, this.top];
    if (found) this.bring_near(found.map((x) => x * this.scale), is_phone() ? this.pane.clientHeight : this.seen[1]);
    this.update(this.top);
    if (this.top !== before[1]) this.pane.scrollTop = this.top;
    if (this.left !== before[0]) this.pane.scrollLeft = this.left;
  }

  bring_near([left, top, right, bottom], height) {
    const [width] = this.seen, [x, y] = [left - this.left, top - this.top];
    if (y < 20 || y + bottom - top > height - 20) this.top = Math.max(0, (top + bottom - height) / 2);
    if (x < 0 || x + right - left > width) this.left = Math.max(0, (left + right - width) / 2);
  }
}
