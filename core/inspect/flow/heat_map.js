// A tensor as a map of colours, with its numbers in the cells where there is room.

const element_of = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
};

const palettes = {
  light: {value: [[178, 58, 72], [246, 246, 244], [44, 104, 176]],
          gradient: [[112, 76, 160], [246, 246, 244], [214, 108, 20]],
          text: "#1f2430", soft: "#5a6375"},
  dark: {value: [[224, 108, 117], [38, 43, 52], [97, 158, 232]],
         gradient: [[166, 134, 218], [38, 43, 52], [240, 146, 62]],
         text: "#e7eaf0", soft: "#9ba5b7"},
};
const dark_mode = matchMedia("(prefers-color-scheme: dark)");
const palette_now = () => palettes[dark_mode.matches ? "dark" : "light"];

const colour_steps = 64;

// The colours of parts from −1 to 1: as text, and how bright.
const colours_of = ([low, middle, high]) =>
  Array.from({length: 2 * colour_steps + 1}, (_, i) => {
    const part = i / colour_steps - 1;
    const end = part < 0 ? low : high, weight = Math.abs(part) ** 0.7;
    const [r, g, b] = middle.map((m, c) => Math.round(m + (end[c] - m) * weight));
    return {text: `rgb(${r},${g},${b})`, brightness: r * 0.3 + g * 0.59 + b * 0.11};
  });

const label_width = 46;  // pixels, of the names of rows

const no_number = {text: "rgb(150,150,150)", brightness: 150};

const colours_now = (kind) => {
  const palette = palette_now();
  palette.colours ??= {};
  return palette.colours[kind] ??= colours_of(palette[kind]);
};

class HeatMap {
  // options: {kind: "value" | "gradient", width, height, label, on_pick(element), on_hover(element | null)},
  // row_labels; is_absent(element): an empty cell; dims: false where what is lit is only framed.
  constructor(snapshot, options) {
    Object.assign(this, {snapshot, options, picked: null, lit: new Map()});
    const {shape, values, picture} = snapshot;
    this.is_picture = !values;
    this.numbers = values ?? picture?.values ?? [];
    this.columns = values ? shape.at(-1) ?? 1 : picture?.columns ?? 1;
    this.rows = Math.max(1, Math.ceil(this.numbers.length / this.columns));
    this.group = values && shape.length > 2 ? shape.at(-2) : 0;
    this.wanted = {picked: null, lit: this.lit};
    this.most = this.numbers.reduce(
      (most, x) => Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most, 0);
    this.choose_size();
    this.make_element();
  }

  choose_size() {
    const {width = 420, height = 260, row_labels} = this.options;
    this.left = row_labels ? label_width : 0;
    const groups = this.group ? Math.ceil(this.rows / this.group) - 1 : 0;
    const by_width = Math.floor((width - this.left) / this.columns);
    const by_height = Math.floor((height - 4 * groups) / this.rows);
    this.cell_w = Math.max(3, Math.min(62, by_width));
    this.cell_h = Math.max(3, Math.min(26, by_height, this.cell_w));
    if (this.cell_w > 40) this.cell_h = Math.max(this.cell_h, Math.min(26, by_height));
    else this.cell_w = Math.max(this.cell_h, Math.min(this.cell_w, 26));
    if (row_labels) this.cell_h = Math.max(10, this.cell_h);
    this.has_numbers = this.cell_w >= 40 && this.cell_h >= 15 && !this.is_picture;
    this.width = this.left + this.columns * this.cell_w;
    this.height = this.rows * this.cell_h + 4 * groups;
  }

  make_element() {
    const {label = "", on_pick} = this.options;
    const {snapshot} = this;
    this.canvas = element_of("canvas", {
      role: "img", tabindex: on_pick && !this.is_picture ? 0 : null, "data-map": label,
      "aria-label": `${label} ${shape_text(snapshot.shape)}, from ${written(snapshot.min)} to ` +
                    `${written(snapshot.max)}`,
    });
    const scale = devicePixelRatio || 1;
    this.canvas.width = this.width * scale;
    this.canvas.height = this.height * scale;
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.canvas.map = this;
    this.context = this.canvas.getContext("2d");
    this.context.scale(scale, scale);
    if (this.is_picture) return;
    this.canvas.addEventListener("mousemove", (event) => this.hovered(this.element_at(event)));
    this.canvas.addEventListener("mouseleave", () => this.hovered(null));
    this.canvas.addEventListener("click", (event) => this.pick(this.element_at(event)));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  top_of(row) { return row * this.cell_h + (this.group ? 4 * Math.floor(row / this.group) : 0); }
  left_of(element) { return this.left + element % this.columns * this.cell_w; }

  element_at(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.width / box.width - this.left;
    const y = (event.clientY - box.top) * this.height / box.height;
    const pitch = this.group ? this.group * this.cell_h + 4 : Infinity;
    const group = this.group ? Math.floor(y / pitch) : 0;
    const row = group * (this.group || 0) +
                Math.floor((this.group ? y - group * pitch : y) / this.cell_h);
    const column = Math.floor(x / this.cell_w);
    const element = row * this.columns + column;
    return column >= 0 && column < this.columns && element >= 0 && element < this.numbers.length
      ? element : null;
  }

  hovered(element) { this.options.on_hover?.(element); }
  pick(element) { if (element !== null) this.options.on_pick?.(element); }

  key(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns,
                  ArrowDown: this.columns}[event.key];
    if (!step || !this.options.on_pick) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (this.picked ?? 0) + step;
    if (next >= 0 && next < this.numbers.length) this.pick(next);
  }

  // `lit` gives elements their weights from 0 to 1; with none lit, nothing is dimmed.
  mark(picked, lit = new Map()) {
    this.wanted = {picked, lit};
  }

  // The block of a picture in which an element lies.
  cell_of(element) {
    if (!this.is_picture || element === null) return element;
    const across = this.snapshot.shape.at(-1) ?? 1, down = this.snapshot.numel / across;
    const block = (i, blocks, size) => Math.floor(((i + 1) * blocks - 1) / size);
    return block(Math.floor(element / across), this.rows, down) * this.columns +
           block(element % across, this.columns, across);
  }

  // What `mark` was last told, where that is not shown yet.
  show_mark() {
    const picked = this.cell_of(this.wanted.picked);
    const lit = new Map([...this.wanted.lit].map(([element, one]) => [this.cell_of(element), one]));
    const key = `${picked} ${[...lit.keys()]} ${document.body.classList.contains("guess")}`;
    if (key === this.shown) return;
    Object.assign(this, {picked, lit, shown: key});
    this.paint();
  }

  paint() {
    const {context} = this;
    this.palette = palette_now();
    this.colours = colours_now(this.options.kind);
    context.clearRect(0, 0, this.width, this.height);
    this.is_dimming = this.lit.size > 0 && this.options.dims !== false;
    for (let i = 0; i < this.numbers.length; ++i) this.paint_cell(i);
    this.options.row_labels?.forEach((label, row) => this.paint_label(label, row));
    context.strokeStyle = this.palette.text;
    for (const element of this.lit.keys()) this.frame(element, 1);
    if (this.picked !== null) this.frame(this.picked, 2);
  }

  paint_cell(i) {
    const {context, cell_w, cell_h} = this;
    const x = this.left_of(i), y = this.top_of(Math.floor(i / this.columns));
    const gap = cell_w > 6 && cell_h > 6 ? 1 : 0;
    if (this.options.is_absent?.(i)) return this.paint_absent(x, y);
    const value = this.numbers[i];
    const part = this.most ? value / this.most : 0;
    const colour = Number.isFinite(value) ? this.colours[Math.round((part + 1) * colour_steps)] : no_number;
    context.globalAlpha = this.is_dimming && !this.lit.has(i) ? 0.28 : 1;
    context.fillStyle = colour.text;
    context.fillRect(x, y, cell_w - gap, cell_h - gap);
    if (this.has_numbers && !this.is_hidden(i)) {
      const is_dim = this.is_dimming && !this.lit.has(i);
      context.globalAlpha = is_dim ? 0.8 : 1;
      context.fillStyle = is_dim ? this.palette.soft : colour.brightness > 140 ? "#1b1f27" : "#ffffff";
      context.font = "11px ui-monospace, SFMono-Regular, Menlo, monospace";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(written(value, 3), x + (cell_w - gap) / 2, y + (cell_h - gap) / 2 + 0.5,
                       cell_w - 4);
    }
    context.globalAlpha = 1;
  }

  // A dot in the middle.
  paint_absent(x, y) {
    const {context, cell_w, cell_h, palette} = this;
    context.globalAlpha = 0.5;
    context.fillStyle = palette.soft;
    context.fillRect(x + cell_w / 2 - 1, y + cell_h / 2 - 1, 1.5, 1.5);
    context.globalAlpha = 1;
  }

  paint_label(label, row) {
    const {context, cell_h, palette} = this;
    context.font = `${Math.min(11, cell_h + 2)}px system-ui, sans-serif`;
    context.fillStyle = palette.soft;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(label, this.left - 6, this.top_of(row) + cell_h / 2, this.left - 6);
  }

  is_hidden(i) { return document.body.classList.contains("guess") && this.picked !== i; }

  frame(element, width) {
    const x = this.left_of(element), y = this.top_of(Math.floor(element / this.columns));
    this.context.lineWidth = width;
    this.context.strokeRect(x + width / 2 - 0.5, y + width / 2 - 0.5,
                            this.cell_w - width, this.cell_h - width);
  }
}
