// How one element of a gradient came to be, as a table whose numbers add up.

const shown_terms = 12;

const rounding_name = "rounding";

const number_span = (text) => element_of("span", {class: "num", tabindex: 0}, text);

const share_bar = (share) => {
  const width = Math.min(100, Math.abs(share) * 100).toFixed(1);
  return element_of("span", {class: `bar${share < 0 ? " negative" : ""}`,
                             style: `--width:${width}%`});
};

// The terms of `element`, with those beyond the first `most` put together.
const folded_terms = (terms, most) => {
  const list = terms.list.slice(0, most), hidden = terms.list.slice(most);
  return {list, others: terms.others + hidden.length, sum: terms.sum,
          rest: terms.rest + hidden.reduce((sum, term) => sum + term.product, 0)};
};

// Factors, products and their sum, with so many digits that the products can be multiplied again and added
// up from what is shown.
const written_terms = (list, summands, total, scale) => {
  for (let more = 0; ; ++more) {
    const shown = written_sum(summands, total, more, scale);
    const factors = list.map(({incoming, derivative}, i) =>
      written_factors(incoming, derivative, shown.summands[i], 4 + more));
    const products = factors.map(([a, b]) => read_number(a) * read_number(b));
    const others = sum_of(shown.summands.slice(list.length));
    if (more === 5 || shown.rounding ||
        sum_agrees(products.reduce((sum, x) => sum + x, others), shown)) return {...shown, factors};
  }
};

const term_rows = (terms, dout, dout_name) => {
  const summands = terms.list.map((term) => term.product);
  if (terms.others) summands.push(terms.rest);
  const shown = written_terms(terms.list, summands, terms.sum, Math.max(-dout.min, dout.max));
  const largest = Math.max(...summands.map(Math.abs), 0) || 1;
  const rows = terms.list.map((term, i) => {
    const [incoming, derivative] = shown.factors[i];
    return element_of("tr", {class: "term"},
      element_of("td", {class: "name"}, `${dout_name}${index_text(term.element, dout.shape)}`),
      element_of("td", {class: "incoming"}, number_span(incoming)),
      element_of("td", {class: "sign"}, "×"),
      element_of("td", {class: "derivative"}, number_span(derivative)),
      element_of("td", {class: "sign"}, "="),
      element_of("td", {class: "product"}, number_span(shown.summands[i])),
      element_of("td", {}, share_bar(term.product / largest)));
  });
  const other = (name, text, share) => rows.push(element_of("tr", {class: "rest"},
    element_of("td", {class: "name", colspan: 5}, name),
    element_of("td", {class: "product"}, number_span(text)), element_of("td", {}, share)));
  if (terms.others)
    other(`${terms.others} smaller ones together`, shown.summands.at(-1), share_bar(terms.rest / largest));
  if (shown.rounding) other(rounding_name, shown.rounding);
  return {rows, total: shown.total};
};

const arithmetic = (trace, op, row, element) => {
  const terms = trace.terms(op, row)?.of(element);
  const outgoing = trace.outgoing(op, row), target = trace.target(op, row);
  const name = target < 0 ? "input" : trace.names[target];
  const place = `∂L/∂${name}${index_text(element, outgoing.shape)}`;
  if (!terms) return not_held(trace, op, row, place);
  const draw = (most) => {
    const {rows, total} = term_rows(folded_terms(terms, most), trace.gradient(trace.ops[op].out),
                                    "dout");
    if (!terms.list.length)
      rows.unshift(element_of("tr", {}, element_of("td", {class: "name", colspan: 7},
                                                "nothing came in that it depends on")));
    return element_of("table", {class: "arithmetic"},
      element_of("thead", {}, element_of("tr", {},
        ...["element", "came in", "", "derivative", "", "product", ""].map(
          (text) => element_of("th", {}, text)))),
      element_of("tbody", {}, rows),
      element_of("tfoot", {}, element_of("tr", {class: "total"},
        element_of("td", {class: "name", colspan: 5}, rows.length > 1 ? `sum = ${place}` : `= ${place}`),
        element_of("td", {class: "sum"}, number_span(total)), element_of("td"))));
  };
  const section = element_of("div", {class: "terms", "data-row": row, "data-element": element},
                             element_of("div", {class: "wide"}, draw(shown_terms)));
  if (terms.list.length > shown_terms)
    section.append(element_of("button", {class: "link", onclick: (event) => {
      section.firstChild.replaceChildren(draw(Infinity));
      event.target.remove();
    }}, `show all ${terms.list.length + terms.others} terms`));
  return section;
};

const not_held = (trace, op, row, place) => {
  const {elements} = trace.terms(op, row) ?? {};
  return element_of("p", {class: "soft"},
    elements ? `The page holds the arithmetic of some elements of this large gradient, not of ${place}.`
             : "The page holds no arithmetic of this gradient.");
};

// Where a value's gradient came from: every summand by name, and the total.
const join_table = (trace, value, element, moment) => {
  const {start, from = []} = trace.values[value];
  const gradient = trace.gradient(value);
  const summands = from.map(([op, row]) => ({op, row, snapshot: trace.outgoing(op, row), name: op < 0 ? "from elsewhere"
    : op_title(trace, op) + (is_short_cut(trace, op, row) ? ", the short cut" : "")}));
  if (start != null) summands.unshift({op: -1, snapshot: trace.snapshot(start), name: "the start"});
  const at = (snapshot) => snapshot?.values?.[element];
  const whole = gradient?.values && summands.every(({snapshot}) => snapshot?.values);
  const shown = whole ? written_sum(summands.map(({snapshot}) => at(snapshot)), at(gradient)) : null;
  const norms = summands.map(({snapshot}) => snapshot?.norm ?? 0);
  const all = norms.reduce((a, b) => a + b, 0) || 1;
  const shares = norms.map((norm) => norm / all);
  const are_pending = summands.map(({op}) => op >= 0 && !has_passed(trace, op, moment));
  const rows = summands.map(({name}, i) => {
    const is_pending = are_pending[i];
    return element_of("tr", {class: is_pending ? "pending" : "arrived"},
      element_of("td", {class: "name"}, `${is_pending ? "○" : "●"} ${name}`),
      element_of("td", {class: "product"},
                 is_pending ? "pending" : whole ? number_span(shown.summands[i])
                                                : number_span(`|g| ${written(norms[i], 3)}`)),
      element_of("td", {class: "soft"}, percent(shares[i])),
      i ? null : element_of("td", {rowspan: summands.length, class: "meeting"}, join_arrows(shares, are_pending)));
  });
  if (shown?.rounding)
    rows.push(element_of("tr", {class: "rest"}, element_of("td", {class: "name"}, rounding_name),
      element_of("td", {class: "product"}, number_span(shown.rounding)), element_of("td"), element_of("td")));
  return element_of("table", {class: "join", "data-join": value},
    element_of("tbody", {}, rows),
    element_of("tfoot", {}, element_of("tr", {class: "total"},
      element_of("td", {class: "name"}, whole
        ? `sum = ${trace.names[value]}.grad${index_text(element, gradient.shape)}`
        : `${trace.names[value]}.grad`),
      element_of("td", {class: "sum"}, number_span(whole ? shown.total : `|g| ${written(gradient?.norm ?? 0, 3)}`)),
      element_of("td"), element_of("td"))));
};

const op_title = (trace, op) => {
  const where = trace.where(op);
  return where ? `${trace.op_name(op)} in ${where}` : trace.op_name(op);
};
