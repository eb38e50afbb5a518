// The page: what is looked at, and the hands that change it.

const by_id = (id) => document.getElementById(id);
const json_of = (id) => JSON.parse(by_id(id).textContent);

const address_pause = 100;  // milliseconds

class Flow {
  constructor() {
    const {snapshots, trace} = json_of("flow-data");
    const read = new Map();
    const snapshot = (number) => {
      if (!read.has(number)) read.set(number, new Snapshot(snapshots[number]));
      return read.get(number);
    };
    this.trace = new Trace(trace, snapshot);
    this.layouts = json_of("flow-layouts");
    this.with_views = false;
    this.now = null;  // a step's number; null before the first
    this.place = {};
    this.follow = null;
    this.opened_for_step = new Set();
    this.chain = new Set();
    this.graph = new GraphView(this, by_id("graph"));
    this.panel = new Panel(this, by_id("panel"));
    this.timeline = new Timeline(this, by_id("time"));
    this.choose_steps();
    this.open_small();
    const ops = ({shown}) => shown.filter((as, op) => as === op).length, [plain, whole] = trace.graphs;
    by_id("views").hidden = ops(plain) === ops(whole);
  }

  choose_steps() {
    this.steps = steps_of(this.trace, this.graph.graph_of(this.trace));
  }

  // A graph of few nodes is shown with all its boxes open, of a larger one the outermost.
  open_small() {
    const graph = this.graph.graph_of(this.trace);
    const nodes = graph.boxes.reduce((n, box) => n + box.nodes.length, 0);
    graph.boxes.forEach((box, b) => {
      if (b > 0 && (nodes <= 60 || (graph.boxes[0].nodes.length < 6 && box.parent === 0)))
        this.graph.open.add(this.graph.key_of(this.trace, graph, b));
    });
  }

  get step() { return this.now === null ? null : this.steps[this.now]; }
  get moment() {
    return moment_of(this.trace, this.steps, this.now ?? this.steps.length);
  }
  moment_in(trace) { return this.graph.moment_in(trace, this.moment); }

  trace_of(key) {
    return key.split(".").filter(Boolean).reduce((trace, op) => trace.inside(Number(op)), this.trace);
  }

  // ---- going ----

  go(step, element = {}) {
    if (step === null) this.follow = null;
    this.now = step === null ? null : Math.max(0, Math.min(this.steps.length - 1, step));
    this.place = this.now === null ? {} : {trace: this.trace, ...this.step, ...element};
    this.show();
  }

  move(by) { this.go(this.now === null ? (by > 0 ? 0 : this.steps.length - 1) : this.now + by); }

  select_op(trace, op) {
    const phase = this.step && this.step.phase !== "forward" || this.now === null ? "backward" : "forward";
    if (trace !== this.trace) {
      this.place = {trace, op, phase: trace.ops[op].pass >= 0 ? phase : "forward"};
      return this.show();
    }
    const wanted = (p) => this.steps.findIndex((step) => step.op === op && step.phase === p);
    const found = phase === "backward" && wanted(phase) >= 0 ? wanted(phase) : wanted("forward");
    if (found >= 0) this.go(found);
  }

  select_value(trace, value) {
    this.place = {trace, value};
    this.show();
  }

  pick({row, element, value_key}) {
    Object.assign(this.place, {row, element, value_key});
    this.panel.mark();
    this.write_address();
  }

  set_follow(what) {
    this.follow = what ? followed(what[0], this.graph.graph_of(what[0]), what[1], what[2]) : null;
    this.graph.update();
    this.panel.mark();
  }

  // ---- showing ----

  show() {
    this.timeline.draw();  // asks for its width, so before anything changes
    this.panel.draw();
    this.open_for_step();
    this.tell();
    this.write_address();
    this.graph.show_current();
  }

  // Boxes around the current op are open while the pass is in them.
  open_for_step() {
    const graph = this.graph.graph_of(this.trace);
    this.chain = new Set(this.step ? this.boxes_around(graph, this.step.op) : []);
    let changed = false;
    for (const key of this.opened_for_step)
      if (!this.chain.has(key)) {
        changed = this.graph.open.delete(key) || changed;
        this.opened_for_step.delete(key);
      }
    for (const key of this.chain)
      if (!this.graph.open.has(key)) {
        this.graph.open.add(key);
        this.opened_for_step.add(key);
        changed = true;
      }
    if (changed) this.graph.draw();
  }

  boxes_around(graph, op) {
    graph.place_of ??= new Map(graph.boxes.flatMap((box, b) =>
      box.nodes.filter(([kind]) => kinds[kind] === "op").map(([, index]) => [index, b])));
    const keys = [];
    for (let b = graph.place_of.get(op) ?? 0; b > 0; b = graph.boxes[b].parent)
      keys.push(this.graph.key_of(this.trace, graph, b));
    return keys;
  }

  toggle(key) {
    const {open} = this.graph;
    if (!open.delete(key)) open.add(key);
    this.opened_for_step.delete(key);
    this.graph.draw();
    this.graph.update();
    this.panel.tell_open();
  }

  redraw() {
    this.graph.draw();
    this.graph.update();
    this.panel.draw();
    this.timeline.draw();
  }

  // What is seen, in words.
  tell() {
    const text = this.text();
    by_id("live").textContent = text;
    by_id("live").classList.remove("whole");
    by_id("time").setAttribute("aria-valuenow", this.now ?? -1);
    by_id("time").setAttribute("aria-valuetext", text);
    by_id("where").textContent = this.now === null ? `${this.steps.length} steps` : `${this.now + 1} / ${this.steps.length}`;
  }

  text() {
    const {place, trace} = this;
    if (place.value !== undefined)
      return `${place.trace.names[place.value]} ${told(place.trace.data(place.value))}`;
    if (!this.step) return `The whole pass, ${this.steps.length} steps.`;
    const {phase, op} = this.step, {out} = trace.ops[op];
    const way = phase === "forward" ? "forward" : "backward";
    const head = `Step ${this.now + 1} of ${this.steps.length}, ${way}: ${op_title(trace, op)}`;
    if (phase === "forward") return `${head} makes ${told(trace.data(out))}.`;
    if (phase === "start") return `${head}. ${beginning_text(trace, op)}`;
    return `${head}. ${this.gradients_text(op)}`;
  }

  gradients_text(op) {
    const {trace, moment} = this;
    return trace.rows(op).flatMap((_, row) => {
      const target = trace.target(op, row);
      if (!trace.outgoing(op, row) || target < 0) return [];
      const {came, all} = arrived(trace, target, moment);
      const join = all > 1 ? `, ${came} of ${all} have arrived there` : "";
      return [`A gradient goes to ${trace.names[target]}${join}.`];
    }).join(" ");
  }

  // ---- the address ----

  write_address() {
    const {place} = this, parts = [];
    if (this.now !== null) parts.push(`step=${this.now + 1}`);
    if (place.value !== undefined) parts.push(`value=${place.trace.key}${place.value}`);
    else if (place.trace && place.trace !== this.trace) parts.push(`op=${place.trace.key}${place.op}`);
    if (place.element !== undefined)
      parts.push(`element=${place.row === undefined ? "" : `${place.row}.`}${place.element}`);
    if (this.with_views) parts.push("views=1");
    this.address = parts.length ? `#${parts.join("&")}` : "";
    this.address_timer ??= setTimeout(() => this.write_now(), address_pause);
  }

  // Browsers refuse addresses that change too often.
  write_now() {
    this.address_timer = null;
    if (location.hash !== this.address)
      history.replaceState(null, "", this.address || location.pathname + location.search);
  }

  read_address() {
    const asked = new URLSearchParams(location.hash.slice(1));
    this.set_views(asked.get("views") === "1");
    const inner = (text) => [this.trace_of(text.slice(0, text.lastIndexOf(".") + 1)),
                             Number(text.slice(text.lastIndexOf(".") + 1))];
    const numbers = asked.get("element")?.split(".").map(Number);
    const element = numbers ? {element: numbers.at(-1), row: numbers.length > 1 ? numbers[0] : undefined} : {};
    this.go(asked.has("step") ? Number(asked.get("step")) - 1 : null, element);
    if (asked.has("value")) {
      const [trace, value] = inner(asked.get("value"));
      this.place = {trace, value, ...element};
      this.show();
    } else if (asked.has("op")) {
      const [trace, op] = inner(asked.get("op"));
      this.place = {trace, op, phase: trace.ops[op].pass >= 0 ? "backward" : "forward", ...element};
      this.show();
    }
  }

  set_views(on) {
    if (on === this.with_views) return;
    const op = this.step?.op, phase = this.step?.phase;
    this.with_views = on;
    this.choose_steps();
    if (this.now !== null) {
      const same = this.steps.findIndex((step) => step.op === op && step.phase === phase);
      this.now = same >= 0 ? same : 0;
    }
    by_id("views").setAttribute("aria-pressed", on);
    this.graph.draw();
  }
}
