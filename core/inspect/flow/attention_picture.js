// Attention: weights beside their gradient and that of the scores, a head and a query at a time.

const attention_picture = (trace, op) => {
  const found = made_inside(trace, op, "softmax");
  if (!found) return null;
  const {inner, in: [scores], out: weights} = found;
  const maps = [["weights", inner.data(weights), "value"], ["∂L/∂weights", inner.gradient(weights), "gradient"],
                ["∂L/∂scores", inner.gradient(scores), "gradient"]].filter(([, snapshot]) => snapshot);
  const whole = maps.length === 3 && maps.every(([, {values}]) => values);
  return picture_of("attention", whole ? attention_heads(maps, inner.data(scores)) : figures_of(
    maps.map(([title, snapshot, kind]) => figure_of(still_map(snapshot, {kind, label: title}), title, map_note(snapshot)))));
};

const figures_of = (figures) => element_of("div", {class: "figures"}, figures);

// A head of a longer batch counts on from one sequence to the next.
const attention_heads = (maps, scores) => {
  const [n, m] = scores.shape.slice(-2);
  return one_of("head", scores.numel / (n * m), 0, (head) => {
    const matrices = maps.map(([title, snapshot, kind]) =>
      ({title, kind, values: row_of(snapshot, head, n * m)}));
    const hidden = row_of(scores, head, n * m).map((score) => score === -Infinity);
    return attention_head(matrices, hidden, n, m);
  }).element;
};

const attention_head = (matrices, hidden, n, m) => {
  const maps = matrices.map(({title, kind, values}) => new HeatMap(snapshot_of([n, m], values), {
    kind, label: title, width: 144, height: 200, dims: false, is_absent: (i) => hidden[i],
    on_pick: (element) => queries.show(Math.floor(element / m))}));
  const queries = one_of("query", n, n - 1, (query) => {
    for (const map of maps) {
      map.mark(null, new Map(Array.from({length: m}, (_, key) => [query * m + key, 1])));
      map.show_mark();
    }
    return attention_query(...matrices.map(({values}) => values.slice(query * m, query * m + m)),
                           hidden.slice(query * m, query * m + m));
  });
  const count = hidden.filter(Boolean).length;
  return [figures_of(maps.map((map, i) => figure_of(map, matrices[i].title, shape_text([n, m])))),
          count ? words(`${count} pairs of a query and a key are masked: they have no weight, and no gradient.`) : null,
          queries.element];
};

// Masked keys have no bar.
const attention_query = (weights, from_out, scores, hidden) => {
  const seen = (numbers) => numbers.map((x, key) => hidden[key] ? NaN : x);
  return [
    bar_rows([["weights", seen(weights), "value", 1], ["∂L/∂weights", seen(from_out), "gradient"],
              ["∂L/∂scores", seen(scores), "gradient"]]),
    words("∂L/∂scores = weights ⊙ (∂L/∂weights − Σ weights · ∂L/∂weights); that sum is ",
          number_span(written(dot(weights, from_out), 6)), "."),
  ];
};
