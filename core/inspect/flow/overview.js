// What is told before a step is looked at: the pass at a glance.

const overview = (flow) => {
  const {trace, steps} = flow;
  const count = (phase) => steps.filter((step) => step.phase === phase).length;
  const leaves = trace.values.map((_, value) => value).filter((value) => trace.values[value].leaf);
  return [
    element_of("header", {}, element_of("h2", {}, "The pass at a glance")),
    element_of("p", {class: "words"}, `${count("forward")} ops forward, ${count("backward") || "none"} ` +
      "backward. Step with → and ←, play with the space bar, or click on anything in the graph. " +
      "Values go down in blue; L is the last of them, and its gradients come back in orange."),
    depth_chart(flow),
    leaves.length ? leaf_table(flow, leaves) : null,
  ];
};

const most_leaves = 40;

const leaf_table = (flow, leaves) => {
  const {trace} = flow;
  const most = Math.max(...leaves.map((value) => trace.gradient(value)?.norm ?? 0)) || 1;
  const rows = (list) => list.map((value) => leaf_row(flow, value, most));
  const body = element_of("tbody", {}, rows(leaves.slice(0, most_leaves)));
  const more = leaves.length > most_leaves ? element_of("button", {class: "link", onclick: (event) => {
    body.append(...rows(leaves.slice(most_leaves)));
    event.target.remove();
  }}, `show all ${leaves.length}`) : null;
  return element_of("section", {}, element_of("h3", {}, "Leaves and their gradients"),
    element_of("div", {class: "wide"}, element_of("table", {class: "leaves"}, body)), more);
};

const leaf_row = (flow, value, most) => {
  const {trace} = flow, gradient = trace.gradient(value), uses = trace.arrivals(value).length;
  return element_of("tr", {},
    element_of("td", {class: "name"},
      element_of("button", {class: "link", onclick: () => flow.select_value(trace, value)},
                 breakable(trace.names[value])),
      uses > 1 ? element_of("span", {class: "soft"}, ` used ${uses} times`) : null),
    element_of("td", {class: "soft"}, shape_text(trace.data(value).shape)),
    element_of("td", {class: "product"},
               gradient ? number_span(size_text(gradient)) : "no gradient"),
    element_of("td", {}, gradient ? share_bar(gradient.norm / most) : null));
};

// A path may go on in the next line after each of its dots.
const breakable = (path) => path.split(/(?<=\.)/).flatMap((part, i) => i ? [element_of("wbr"), part] : [part]);

const size_text = ({numel, values, norm}) =>
  numel === 1 && values ? written(values[0]) : `|g| ${written(norm, 3)}`;

// The norm of gradients on a logarithmic axis, from the input to the loss: where a gradient fades or grows.

// Values to be shown: what leaves each box of the box that has most of them, where those are many,
// else what each op gave.
const depth_values = (flow) => {
  const {trace, steps} = flow, graph = flow.graph.graph_of(trace);
  const inner = graph.boxes.map((box) => box.nodes.filter(([kind]) => kinds[kind] === "box"));
  const widest = inner.reduce((best, list, b) => list.length > inner[best].length ? b : best, 0);
  if (inner[widest].length < 4)
    return {title: "after each op",
            values: steps.filter(({phase}) => phase === "forward").map(({op}) => trace.ops[op].out)};
  return {
    title: `after each part of ${graph.boxes[widest].label || "the whole"}`,
    values: inner[widest].flatMap(([, b]) => graph.boxes[b].nodes
      .filter(([kind]) => kinds[kind] === "leaves").map(([, value]) => value)),
  };
};

const depth_chart = (flow) => {
  const {trace} = flow, {title, values} = depth_values(flow);
  const points = values.flatMap((value) => {
    const norm = trace.gradient(value)?.norm;
    return norm > 0 && Number.isFinite(norm) ? [{value, log: Math.log10(norm), norm}] : [];
  });
  if (points.length < 2) return null;
  return element_of("section", {}, element_of("h3", {}, `Size of the gradient ${title}`),
                    draw_depth(flow, points));
};

const draw_depth = (flow, points) => {
  const logs = points.map(({log}) => log);
  const low = Math.floor(Math.min(...logs) - 0.05);
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs) + 0.05));
  const [w, h, left, top] = [440, 170, 46, 10];
  const x = (i) => left + 8 + i / (points.length - 1) * (w - left - 20);
  const y = (log) => top + (high - log) / (high - low) * (h - top - 26);
  const svg = svg_element("svg", {viewBox: `0 0 ${w} ${h}`, class: "depth", role: "img",
                                  "aria-label": "size of the gradient, from the input to the loss"});
  for (let power = low; power <= high; power += Math.ceil((high - low) / 6))
    svg.append(svg_element("line", {x1: left, x2: w, y1: y(power), y2: y(power)}),
               svg_element("text", {x: left - 6, y: y(power) + 4, "text-anchor": "end"}, power_text(power)));
  svg.append(svg_element("path", {d: `M${points.map(({log}, i) => `${x(i)},${y(log)}`).join("L")}`}));
  if (points.length <= 120)
    points.forEach(({value, log, norm}, i) => {
      const dot = svg_element("circle", {cx: x(i), cy: y(log), r: 3.2});
      dot.append(svg_element("title", {}, `${depth_name(flow.trace, value)}: ${written(norm)}`));
      dot.addEventListener("click", () => flow.select_value(flow.trace, value));
      svg.append(dot);
    });
  svg.append(svg_element("text", {x: left + 8, y: h - 4}, "input"),
             svg_element("text", {x: w - 2, y: h - 4, "text-anchor": "end"}, "loss"));
  return svg;
};

const depth_name = (trace, value) =>
  trace.values[value].by < 0 ? trace.names[value] : op_title(trace, trace.values[value].by);

const power_text = (power) =>
  Math.abs(power) < 4 ? `${10 ** power}` : `1e${power}`.replace("-", "−");
