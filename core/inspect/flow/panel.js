// What is told of the op or value that is looked at.

class Panel {
  constructor(flow, element) {
    Object.assign(this, {flow, element});
    element.addEventListener("click", (event) => reveal(event.target));
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter") reveal(event.target);
    });
  }

  draw() {
    const {place} = this.flow;
    this.maps = {};
    this.hovered = null;
    const content = this.content(place).flat().filter(Boolean);
    const later = content.findIndex((part) => typeof part === "function");
    this.later = later < 0 ? [] : content.splice(later);
    this.element.replaceChildren(...content);
    this.tell_open();
    this.mark_seen();
    if (this.later.length) this.settle_after_paint(this.later);
  }

  // Parts that are functions, and all that follows, are made once the first ones are seen.
  settle_after_paint(later) {
    requestAnimationFrame(() => setTimeout(() => { if (this.later === later) this.settle(); }));
  }

  settle() {
    if (!this.later.length) return;
    const parts = this.later.flatMap((part) => typeof part === "function" ? part() : part);
    this.later = [];
    this.element.append(...parts.filter(Boolean));
    this.mark_seen();
  }

  content(place) {
    if (place.value !== undefined) return this.value_content(place);
    if (place.op === undefined) return overview(this.flow);
    return place.phase === "forward" ? this.forward_content(place) : this.backward_content(place);
  }

  title(text, kind, where) {
    return element_of("header", {},
      element_of("h2", {}, text, element_of("span", {class: `tag ${kind}`}, kind)),
      where ? element_of("p", {class: "where"}, where) : null);
  }

  map(key, snapshot, options) {
    const width = panel_width();
    const map = new HeatMap(snapshot, {width, ...options});
    (this.maps[key] ??= []).push(map);
    return map;
  }

  // ---- forward ----

  forward_content({trace, op}) {
    const {name, in: inputs, out, kept = [], ms} = trace.ops[op];
    const seen = [...new Set(inputs.filter((value) => value >= 0))];
    return [
      this.title(trace.op_name(op), "forward", trace.where(op)),
      element_of("p", {class: "words"}, words_of(name, "forward")),
      this.opener(trace, op),
      element_of("div", {class: "figures"}, seen.map((value) =>
        this.value_figure(trace, value, `in:${value}`))),
      element_of("div", {class: "becomes"}, "↓"),
      this.value_figure(trace, out, "out"),
      kept.length ? element_of("p", {class: "soft kept"}, "Kept for backward: ", kept.map(
        ([value, size]) => `${value < 0 ? "what only this op needs" : trace.names[value]} (${bytes(size)})`)
        .join(", "), ".") : null,
      element_of("p", {class: "soft"}, `Took ${written(ms[0], 2)} ms.`),
    ];
  }

  value_figure(trace, value, key) {
    const data = trace.data(value);
    const map = this.map(key, data, {
      kind: "value", label: trace.names[value],
      on_pick: (element) => this.flow.pick({value_key: key, element}),
    });
    return figure_of(map, trace.names[value], map_note(data));
  }

  opener(trace, op) {
    if (!trace.inside(op)) return null;
    const key = `${trace.key}i${op}`;
    return element_of("p", {}, element_of("button", {
      class: "link", "data-opens": key, onclick: () => this.flow.toggle(key)}));
  }

  tell_open() {
    const button = this.element.querySelector("[data-opens]");
    if (!button) return;
    const is_open = this.flow.graph.open.has(button.dataset.opens);
    button.textContent = is_open ? "close what it is made of" : "open what it is made of";
  }

  // ---- backward ----

  backward_content({trace, op}) {
    const {name} = trace.ops[op];
    const rows = trace.rows(op).map((_, row) => row).filter((row) => trace.outgoing(op, row));
    return [
      this.title(trace.op_name(op), "backward", trace.where(op)),
      element_of("p", {class: "words"}, words_of(name, "backward")),
      this.opener(trace, op),
      this.incoming(trace, op),
      () => op_picture(trace, op),
      ...rows.map((row) => () => this.row_section(trace, op, row)),
      rows.length ? null : element_of("p", {class: "soft"}, "It gave no gradient on."),
      element_of("p", {class: "soft"}, `Took ${written(trace.ops[op].ms[1], 2)} ms.`,
                 trace.ops[op].freed ? ` Let go of ${bytes(trace.ops[op].freed)}.` : ""),
    ];
  }

  incoming(trace, op) {
    const {out} = trace.ops[op];
    const gradient = trace.gradient(out);
    if (!gradient) return element_of("p", {class: "soft"}, "No gradient has come here.");
    const {start, from = []} = trace.values[out];
    const map = this.map("dout", gradient, {
      kind: "gradient", label: "dout",
      on_pick: (element) => this.flow.pick({value_key: "dout", element}),
    });
    return element_of("section", {class: "incoming"},
      element_of("h3", {}, "What came in"),
      figure_of(map, `dout = ∂L/∂${trace.names[out]}`, map_note(gradient)),
      start != null ? element_of("p", {class: "soft"}, beginning_text(trace, op)) : "",
      from.length + (start != null) > 1
        ? element_of("div", {"data-dout-join": ""},
                     join_table(trace, out, gradient.largest ?? 0, this.flow.moment_in(trace)))
        : null);
  }

  row_section(trace, op, row) {
    const {formula} = trace.rows(op)[row];
    const target = trace.target(op, row), outgoing = trace.outgoing(op, row);
    const name = target < 0 ? "an input" : trace.names[target];
    const width = panel_width();
    const meant = letters_text(trace, op, formula);
    const section = element_of("section", {class: "row", "data-row": row},
      element_of("h3", {}, `→ ∂L/∂${name}`, element_of("code", {class: "formula"}, formula)),
      meant ? element_of("p", {class: "soft letters"}, `In the formula ${meant}.`) : "",
      this.operand_figures(trace, op, row),
      adds_up_columns(trace, op, row) ? this.columns_figure(trace, op, row, width) : "",
      element_of("div", {class: "figures"},
        figure_of(this.map(`row:${row}`, outgoing, {
          kind: "gradient", label: `∂L/∂${name}`, width,
          on_pick: (element) => this.flow.pick({row, element}),
          on_hover: (element) => this.hover(row, element),
        }), "goes out", map_note(outgoing))),
      element_of("div", {class: "spot", "data-spot": row}));
    return section;
  }

  // Above what goes out, in the same columns.
  columns_figure(trace, op, row, width) {
    const dout = trace.gradient(trace.ops[op].out);
    const map = this.map(`columns:${row}`, dout, {kind: "gradient", label: "columns of dout", width, height: 180});
    return element_of("div", {class: "columns-of"}, figure_of(map, "dout", "each column adds up to the number below it"),
                      element_of("div", {class: "becomes"}, "↓"));
  }

  // The other operands of a product, or the slope of an elementwise op.
  operand_figures(trace, op, row) {
    const local = local_derivatives(trace, op, row);
    if (local) {
      const snapshot = snapshot_of(trace.outgoing(op, row).shape, local);
      const map = this.map(`local:${row}`, snapshot, {kind: "value", height: 180, label: "derivative"});
      return element_of("div", {class: "figures"},
        figure_of(map, "dout ⊙ derivative", map_note(snapshot)));
    }
    const {name, in: inputs} = trace.ops[op], own = trace.rows(op)[row].in;
    const others = name === "matmul" || name === "mul" ? [1 - own]
      : name === "linear" && own < 2 ? [1 - own] : [];
    return element_of("div", {class: "figures"}, others.filter((i) => inputs[i] >= 0).map((i) => {
      const snapshot = trace.data(inputs[i]);
      const map = this.map(`operand:${row}:${i}`, snapshot, {
        kind: "value", height: 200, label: trace.names[inputs[i]]});
      return figure_of(map, `times ${trace.names[inputs[i]]}`, map_note(snapshot));
    }));
  }

  // ---- a value ----

  value_content({trace, value}) {
    const data = trace.data(value), gradient = trace.gradient(value);
    const {by, leaf} = trace.values[value];
    const where = by < 0 ? (leaf ? "a leaf that wants a gradient" : "from outside") :
      `made by ${op_title(trace, by)}`;
    return [
      this.title(trace.names[value], "value", where),
      this.value_figure(trace, value, "data"),
      this.statistics(data),
      gradient ? element_of("section", {class: "incoming"},
        element_of("h3", {}, "Its gradient"),
        figure_of(this.map("grad", gradient, {
          kind: "gradient", label: `∂L/∂${trace.names[value]}`,
          on_pick: (element) => this.flow.pick({value_key: "grad", element}),
        }), `∂L/∂${trace.names[value]}`, map_note(gradient)),
        untouched_text(gradient),
        summand_figures(this, trace, value),
        element_of("div", {class: "spot", "data-spot": "grad"}))
        : element_of("p", {class: "soft"}, "No gradient has come here."),
    ];
  }

  statistics(data) {
    const parts = [`mean ${written(data.mean, 3)}`, `rms ${written(data.rms, 3)}`, data.dtype];
    if (data.zeros) parts.push(`${data.zeros} zeros`);
    if (data.not_finite) parts.push(`${data.not_finite} not finite`);
    return element_of("p", {class: "soft"}, parts.join(" · "));
  }

  // ---- the element under the cursor ----

  hover(row, element) {
    if (this.hovered?.row === row && this.hovered.element === element) return;
    this.hovered = element === null ? null : {row, element};
    this.mark();
  }

  mark() {
    this.settle();
    this.mark_seen();
  }

  mark_seen() {
    const {place} = this.flow;
    const maps = Object.values(this.maps).flat();
    for (const map of maps) map.mark(null);
    if (place.value !== undefined) this.mark_value(place);
    else if (place.op !== undefined && place.phase !== "forward") this.mark_rows(place);
    else if (place.op !== undefined) this.mark_forward(place);
    for (const map of maps) map.show_mark();
  }

  mark_map(key, picked, lit) {
    for (const map of this.maps[key] ?? []) map.mark(picked, lit);
  }

  mark_rows(place) {
    const {trace, op, value_key} = place, {row, element} = this.hovered ?? place;
    if (value_key === "dout") this.mark_incoming(trace, op, place.element);
    trace.rows(op).forEach((_, r) => {
      const outgoing = trace.outgoing(op, r);
      const spot = this.element.querySelector(`[data-spot="${r}"]`);
      if (!outgoing || !spot) return;
      const at = r === row && element < outgoing.numel ? element : this.default_element(trace, op, r);
      this.mark_map(`row:${r}`, at);
      this.mark_map(`local:${r}`, at);
      this.fill_spot(spot, trace, op, r, at);
      if (value_key === "dout" && !this.hovered) return;
      if (r === (row ?? 0) || this.only_row(trace, op)) this.light_terms(trace, op, r, at);
    });
  }

  mark_incoming(trace, op, element) {
    const {out} = trace.ops[op];
    this.mark_map("dout", element);
    this.element.querySelector("[data-dout-join]")?.replaceChildren(
      join_table(trace, out, element, this.flow.moment_in(trace)));
  }

  only_row(trace, op) {
    return trace.rows(op).filter((row) => row.out != null).length === 1;
  }

  default_element(trace, op, row) {
    const elements = trace.terms(op, row)?.elements;
    const outgoing = trace.outgoing(op, row);
    if (!elements) return outgoing.largest ?? 0;
    const terms = trace.terms(op, row);
    return elements.reduce((a, b) => Math.abs(terms.of(b).sum) > Math.abs(terms.of(a).sum) ? b : a);
  }

  light_terms(trace, op, row, element) {
    const list = trace.terms(op, row)?.of(element)?.list ?? [];
    const came = new Map(list.map((term) => [term.element, 1]));
    this.mark_map("dout", null, came);
    this.mark_map(`columns:${row}`, null, came);
    const lit = new Map();
    for (const term of list) {
      const found = operand_element(trace, op, row, element, term);
      if (found) lit.set(found.input, (lit.get(found.input) ?? new Map()).set(found.element, 1));
    }
    for (const [input, elements] of lit) this.mark_map(`operand:${row}:${input}`, null, elements);
  }

  fill_spot(spot, trace, op, row, element) {
    const target = trace.target(op, row);
    const moment = this.flow.moment_in(trace);
    const several = target >= 0 &&
      trace.arrivals(target).length + (trace.values[target].start != null) > 1;
    const held = trace.terms(op, row)?.elements;
    const parts = [
      held ? this.chooser(trace, op, row, held, element) : null,
      arithmetic(trace, op, row, element),
      several ? element_of("div", {class: "at-join"},
        element_of("h4", {}, `joins at ${trace.names[target]}`), join_table(trace, target, element, moment)) : null,
      target >= 0 ? this.follow_button(trace, target, element) : null,
    ];
    spot.replaceChildren(...parts.filter(Boolean));
  }

  chooser(trace, op, row, elements, element) {
    const {shape} = trace.outgoing(op, row);
    return element_of("p", {class: "chooser"}, "element ", elements.map((e) =>
      element_of("button", {class: e === element ? "chosen" : "",
                            onclick: () => this.flow.pick({row, element: e})}, index_text(e, shape))));
  }

  follow_button(trace, value, element) {
    const {follow} = this.flow;
    if (!trace.gradient(value)?.values) return null;
    const is_on = follow?.trace === trace && follow.value === value && follow.element === element;
    const button = element_of("button", {class: "link follow", onclick: () =>
      this.flow.set_follow(is_on ? null : [trace, value, element])},
      is_on ? "stop following" : "follow this element");
    return element_of("div", {}, button, is_on ? follow_text(follow) : null);
  }

  mark_value({trace, value, element, value_key}) {
    const gradient = trace.gradient(value), data = trace.data(value);
    const at = element ?? gradient?.largest ?? data.largest ?? 0;
    this.mark_map("data", at);
    this.mark_map("grad", at);
    this.mark_map("summand", at);
    const spot = this.element.querySelector('[data-spot="grad"]');
    if (!spot) return;
    const several = trace.arrivals(value).length + (trace.values[value].start != null) > 0;
    spot.replaceChildren(...[
      several ? join_table(trace, value, at, this.flow.moment_in(trace)) : null,
      this.follow_button(trace, value, at)].filter(Boolean));
  }

  // Broadcasting, transposes and gathers as what they are: which elements belong to which.
  mark_forward({trace, op, value_key, element}) {
    if (!value_key?.startsWith("in:") || element === undefined) return;
    const value = Number(value_key.slice(3));
    this.mark_map(value_key, element);
    const lit = new Map();
    trace.rows(op).forEach((_, row) => {
      if (trace.target(op, row) !== value) return;
      for (const term of trace.terms(op, row)?.of(element)?.list ?? []) lit.set(term.element, 1);
    });
    this.mark_map("out", null, lit);
  }
}

const reveal = (target) => {
  if (target.classList?.contains("num")) target.classList.add("shown");
};
