// What was traced, as the page's data have it.

const bytes_of = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
const numbers_of = (text, dtype) =>
  dtype === "float32" ? new Float32Array(bytes_of(text)) : new Float64Array(bytes_of(text));

class Snapshot {
  constructor(json) {
    const [min, max, mean, rms, zeros, not_finite] = json.stats;
    Object.assign(this, {json, shape: json.shape, dtype: json.dtype,
                         min, max, mean, rms, zeros, not_finite});
    this.numel = json.shape.reduce((n, size) => n * size, 1);
    this.norm = rms * Math.sqrt(this.numel);
  }
  // Row-major, or null where there are too many.
  get values() {
    const {values} = this.json;
    return this.decoded ??= values === undefined ? null : numbers_of(values, this.dtype);
  }
  // Means of blocks, where there are no values.
  get picture() {
    if (!this.json.picture) return null;
    const [rows, columns, most, steps] = this.json.picture;
    const values = Array.from(new Int16Array(bytes_of(steps)),
                              (step) => step === -32768 ? NaN : step / 32767 * most);
    return this.pictured ??= {rows, columns, values};
  }
  get largest() {
    if (!this.values) return null;
    let found = 0;
    this.values.forEach((x, i) => {
      if (Math.abs(x) > Math.abs(this.values[found])) found = i;
    });
    return found;
  }
}

// The terms of what one row gave out.
class Terms {
  constructor(json, incoming, outgoing) {
    Object.assign(this, {json, incoming, outgoing});
    this.ends = [];
    let end = 0;
    for (const count of json.counts) this.ends.push(end += count);
  }
  get elements() { return this.json.elements ?? null; }
  get columns() {
    const {at, derivatives, incoming, sums, rests} = this.json;
    const {dtype} = this.outgoing;
    return this.read ??= {
      at: new Uint32Array(bytes_of(at)),
      derivatives: numbers_of(derivatives, dtype),
      incoming: incoming === undefined ? null : numbers_of(incoming, dtype),
      sums: sums === undefined ? null : numbers_of(sums, "float64"),
      rests: rests === undefined ? null : numbers_of(rests, "float64"),
    };
  }
  // {list, others, rest, sum}, or null where the page has none of this element.
  of(element) {
    const place = this.elements ? this.elements.indexOf(element) : element;
    if (place < 0 || place >= this.ends.length) return null;
    const {at, derivatives, incoming, sums, rests} = this.columns;
    const list = [];
    for (let i = place ? this.ends[place - 1] : 0; i < this.ends[place]; ++i) {
      const came = incoming ? incoming[i] : this.incoming.values[at[i]];
      list.push({element: at[i], incoming: came, derivative: derivatives[i],
                 product: came * derivatives[i]});
    }
    return {list, others: this.json.others?.[place] ?? 0, rest: rests?.[place] ?? 0,
            sum: sums ? sums[place] : this.outgoing.values[element]};
  }
}

class Trace {
  constructor(json, snapshots, outer = null, outer_op = -1) {
    Object.assign(this, {json, snapshots, outer, outer_op});
    this.ops = json.ops ?? [];
    this.values = json.values ?? [];
    this.calls = json.calls ?? [];
    this.passes = json.passes ?? [];
    this.key = outer ? `${outer.key}${outer_op}.` : "";
    this.terms_json = new Map(json.terms.map((t) => [`${t.op}.${t.row}`, t]));
    this.terms_read = new Map();
    this.insides = new Map();
    this.name_values();
  }
  snapshot(number) {
    return number == null ? null : this.snapshots(number);
  }
  data(value) { return this.snapshot(this.values[value].data); }
  gradient(value) { return value < 0 ? null : this.snapshot(this.values[value].grad); }
  arrivals(value) { return this.values[value].from ?? []; }
  rows(op) { return this.ops[op].rows ?? []; }
  outgoing(op, row) { return this.snapshot(this.rows(op)[row]?.out); }
  target(op, row) {
    const input = this.rows(op)[row].in;
    return input < 0 ? -1 : this.ops[op].in[input];
  }
  terms(op, row) {
    const key = `${op}.${row}`;
    if (!this.terms_json.has(key)) return null;
    if (!this.terms_read.has(key))
      this.terms_read.set(key, new Terms(this.terms_json.get(key),
                                         this.gradient(this.ops[op].out), this.outgoing(op, row)));
    return this.terms_read.get(key);
  }
  inside(op) {
    if (!this.json.inside[op]) return null;
    if (!this.insides.has(op))
      this.insides.set(op, new Trace(this.json.inside[op], this.snapshots, this, op));
    return this.insides.get(op);
  }
  // Values are called by their own names, or after the op that made them.
  name_values() {
    const all = new Map();
    for (const {name, by} of this.values)
      if (!name) all.set(this.made_name(by), (all.get(this.made_name(by)) ?? 0) + 1);
    const seen = new Map(), {drawn} = this.json.graphs[0];
    this.names = [];
    this.values.forEach((value, i) => this.names.push(this.name_of(value, i, drawn[i], all, seen)));
  }
  name_of({name, by}, i, drawn, all, seen) {
    if (name) return name;
    const outside = by < 0 ? this.name_outside(i) : null;
    if (outside) return outside;
    if (drawn !== i) return `${this.names[drawn]} (${this.ops[by].name})`;
    const made = this.made_name(by);
    seen.set(made, (seen.get(made) ?? 0) + 1);
    return all.get(made) > 1 ? `${made} ${seen.get(made)}` : made;
  }
  // Inside a fused op, what it takes has the names that it has outside.
  name_outside(value) {
    const input = this.outer?.ops[this.outer_op].in.find((v) =>
      v >= 0 && this.outer.values[v].data === this.values[value].data);
    return input === undefined ? null : this.outer.names[input];
  }
  made_name(by) { return by < 0 ? "data" : this.ops[by].name; }
  // An op is called as what it made, "tanh 2", and where that has a name of its own "tanh → h".
  op_name(op) {
    const {name, out} = this.ops[op];
    if (out < 0 || this.values[out].by !== op || this.json.graphs[0].drawn[out] !== out) return name;
    return this.values[out].name ? `${name} → ${this.names[out]}` : this.names[out];
  }
  where(op) { return this.ops[op].module ?? ""; }
}
