// Which element of an operand is the derivative by which an element of dout was multiplied. Looked up
// by place, and believed only where the number there is the derivative.

const places = {
  matmul: (row_input, i, o, shapes) => {
    const [a, b] = shapes;
    if (a.length < 2 || b.length < 2) return null;
    const m = b.at(-1), k = a.at(-1), n = a.at(-2);
    const per_out = n * m, batch = Math.floor(o / per_out), at = o % per_out;
    const batch_b = b.length > 2 ? batch * k * m : 0, batch_a = a.length > 2 ? batch * n * k : 0;
    return row_input === 0 ? {input: 1, element: batch_b + (i % k) * m + at % m}
                           : {input: 0, element: batch_a + Math.floor(at / m) * k + Math.floor(i % (k * m) / m)};
  },
  linear: (row_input, i, o, [x, w]) => {
    const k = x.at(-1), m = w[0];
    if (row_input === 0) return {input: 1, element: (o % m) * k + i % k};
    return row_input === 1 ? {input: 0, element: Math.floor(o / m) * k + i % k} : null;
  },
  mul: (row_input, i, o, shapes, out) => {
    const input = 1 - row_input;
    return {input, element: broadcast_element(o, out, shapes[input])};
  },
};

// The element of a tensor of `shape` that was stretched to element `o` of one of shape `out`.
const broadcast_element = (o, out, shape) => {
  const index = index_of(o, out).slice(out.length - shape.length);
  return shape.reduce((at, size, d) => at * size + (size === 1 ? 0 : index[d]), 0);
};

const operand_element = (trace, op, row, element, term) => {
  const {name, in: inputs, out} = trace.ops[op];
  const input = trace.rows(op)[row].in;
  if (!places[name] || input < 0 || inputs.some((value) => value < 0 && name === "mul")) return null;
  const shapes = inputs.map((value) => value < 0 ? [] : trace.data(value).shape);
  const found = places[name](input, element, term.element, shapes, trace.data(out).shape);
  if (!found) return null;
  const value = trace.data(inputs[found.input]).values?.[found.element];
  const is_it = Math.abs(value - term.derivative) <= 1e-6 * Math.abs(term.derivative);
  return is_it ? found : null;
};

// Which input a letter of a formula stands for.
const letters = {a: 0, x: 0, b: 1, W: 1};

// "b is x = 0.8000": what the letters of a formula are called here, a scalar with its number.
const letters_text = (trace, op, formula) => {
  const {in: inputs, out} = trace.ops[op];
  const found = new Set(formula.match(/(?<![a-zA-Z])(a|b|x|W|out)(?![a-zA-Z\u0302])/g));
  return [...found].flatMap((letter) => {
    const value = letter === "out" ? out : inputs[letters[letter]] ?? -1;
    if (value < 0) return [];
    const {shape, values} = trace.data(value), name = trace.names[value];
    const number = shape.length ? "" : ` = ${written(values[0])}`;
    if (name === letter) return number ? [`${name}${number}`] : [];
    return [`${letter} is ${name}${number}`];
  }).join(", ");
};

// Elementwise rows have one derivative for each element; null where a row is none of them.
const local_derivatives = (trace, op, row) => {
  const terms = trace.terms(op, row), outgoing = trace.outgoing(op, row);
  const dout = trace.gradient(trace.ops[op].out);
  if (!terms || terms.elements || outgoing.numel !== dout.numel || outgoing.numel < 2) return null;
  const found = [];
  for (let i = 0; i < outgoing.numel; ++i) {
    const {list, others} = terms.of(i);
    if (others || list.length > 1 || (list.length && list[0].element !== i)) return null;
    found.push(list.length ? list[0].derivative : 0);
  }
  return found.every((x) => x === 1) || found.every((x) => x === -1) ? null : found;
};
