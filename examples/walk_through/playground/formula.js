// The formula of the page, for whole and other positions p and an even d.
const frequency = (i, d, base) => 1 / base ** (2 * i / d);
const wavelength = (i, d, base) => 2 * Math.PI * base ** (2 * i / d);

// PE(p): sin, cos, sin, cos, ...
const encoding = (p, d, base) => Array.from({length: d}, (_, column) => {
  const angle = p * frequency(Math.floor(column / 2), d, base);
  return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
});

const encodings = (length, d, base) => Array.from({length}, (_, p) => encoding(p, d, base));

// The matrix [d, d] with R(k) PE(p) = PE(p + k): it is made of k, and no p goes into it.
const rotation = (k, d, base) => {
  const rows = Array.from({length: d}, () => new Array(d).fill(0));
  for (let i = 0; i < d / 2; ++i) {
    const angle = k * frequency(i, d, base);
    rows[2 * i][2 * i] = rows[2 * i + 1][2 * i + 1] = Math.cos(angle);
    rows[2 * i][2 * i + 1] = Math.sin(angle);
    rows[2 * i + 1][2 * i] = -Math.sin(angle);
  }
  return rows;
};

const dot = (a, b) => {
  let sum = 0;
  for (let column = 0; column < a.length; ++column) sum += a[column] * b[column];
  return sum;
};
const times = (matrix, vector) => matrix.map((row) => dot(row, vector));
const farthest = (a, b) => Math.max(...a.map((value, column) => Math.abs(value - b[column])));

// At most `most` of the whole numbers below `count`, the first and the last among them.
const spread = (count, most) => count <= most ? Array.from({length: count}, (_, i) => i)
    : Array.from({length: most}, (_, i) => Math.round(i * (count - 1) / (most - 1)));

// Numbers as text: 0.8415, −0.4161, 62,832, 1.1e−16.
const minus = (text) => text.replaceAll("-", "−");
const decimals = (value, count = 4) => {
  const text = value.toFixed(count);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
};
const whole = (value) => Math.round(value).toLocaleString("en-US");
const positions = (value) => value < 1000 ? value.toFixed(value < 100 ? 2 : 1) : whole(value);
const tiny = (value) => value === 0 ? "0" : minus(value.toExponential(1));
