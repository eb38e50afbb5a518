// How numbers are written, so that what is shown adds up to its last digit.

// "1.234e−5" as text; an exact number without zeros at its end.
const written = (x, digits = 4) => {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const rounded = Number(x.toPrecision(digits));
  const size = Math.abs(rounded);
  let text = size < 1e-4 || size >= 1e7 ? x.toExponential(digits - 1) : fixed(x, digits, size);
  if (rounded === x && text.includes(".")) text = text.replace(/\.?0+(?=e|$)/, "");
  return text.replace("e+", "e").replaceAll("-", "−");
};

const fixed = (x, digits, size) =>
  x.toFixed(Math.min(100, Math.max(0, digits - 1 - Math.floor(Math.log10(size)))));

const read_number = (text) => Number(text.replaceAll("−", "-").replace("∞", "Infinity"));

// Half of the last digit of a written number.
const half_digit = (text) => {
  const [, decimals = "", exponent = "0"] =
    /^−?\d+(?:\.(\d*))?(?:e(.+))?$/.exec(text) ?? [];
  return 0.5 * 10 ** (Number(exponent.replace("−", "-")) - decimals.length);
};

// Whether a number rounds to the written one. A tie, which readers round in different ways, does not, nor
// what is within `room` of one.
const agrees = (value, text, room = 1e-6) =>
  Math.abs(value - read_number(text)) <= half_digit(text) * (1 - room) + 1e-300;

// The same of a sum. Where it is 0, its summands say how near is near.
const sum_agrees = (sum, {summands, total}) =>
  total === "0" ? Math.abs(sum) < Math.min(...summands.map(half_digit)) : agrees(sum, total, 0.02);

const sum_of = (texts) => texts.reduce((sum, text) => sum + read_number(text), 0);

const decimals_of = (text) => {
  const [mantissa, exponent = "0"] = text.split("e");
  const point = mantissa.indexOf(".");
  return (point < 0 ? 0 : mantissa.length - point - 1) - Number(exponent.replace("−", "-"));
};

// Summands and total with so many digits that the sum of those shown rounds to the total shown: summands
// have at least `least` decimals more. Where large ones leave no more than rounding, it is one more summand,
// `rounding`; where there are none, what is small beside `scale`.
const written_sum = (summands, total, least = 0, scale = 0) => {
  if (!summands.every(Number.isFinite) || !Number.isFinite(total))
    return {summands: summands.map((x) => written(x)), total: written(total)};
  for (const [most, ...lengths] of [[3, 4, 5, 6], [8, 4, 5, 3, 6, 2, 7, 1]])
    for (const digits of lengths) {
      const shown = written(total, digits);
      for (let more = least; more < least + most; ++more) {
        const list = summands.map((x) => written_to(x, decimals_of(shown) + more, digits));
        if (sum_agrees(sum_of(list), {summands: list, total: shown})) return {summands: list, total: shown};
      }
    }
  return written_with_rounding(summands, total, scale);
};

const written_with_rounding = (summands, total, scale) => {
  const list = summands.map((x) => written(x, 9)), shown = written(total);
  const rounding = total - sum_of(list), size = summands.reduce((sum, x) => sum + Math.abs(x), 0) || scale;
  return {summands: list, total: shown, rounding: Math.abs(rounding) > 1e-5 * size ? undefined
    : written_to(rounding, decimals_of(shown) + 1, 4)};
};

// With so many decimals, but no fewer than `digits` digits.
const written_to = (x, decimals, digits) => {
  if (x === 0) return "0";
  const before = Math.floor(Math.log10(Math.abs(x))) + 1;
  return written(x, Math.min(17, Math.max(digits, before + decimals)));
};

// Two factors with so many digits, at least `digits`, that their product rounds to the one shown.
const written_factors = (a, b, product, digits = 4) => {
  for (; digits < 17; ++digits) {
    const shown = [written(a, digits), written(b, digits)];
    if (agrees(read_number(shown[0]) * read_number(shown[1]), product)) return shown;
  }
  return [written(a, 17), written(b, 17)];
};

const percent = (share) => {
  const x = 100 * share;
  const size = Math.abs(x);
  return `${(size >= 10 || size === 0 ? x.toFixed(0) : x.toPrecision(2)).replace("-", "−")} %`;
};

const bytes = (n) =>
  n < 1e4 ? `${n} bytes` : n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`;

// "[4, 3]"; nothing for a scalar.
const shape_text = (shape) => shape.length ? `[${shape.join(", ")}]` : "";

// A scalar by its number, what is larger by its shape.
const told = ({shape, values}) => shape.length ? shape_text(shape) : written(values[0]);

const index_of = (element, shape) => {
  const index = [];
  for (let d = shape.length - 1; d >= 0; --d) {
    index.unshift(element % shape[d]);
    element = Math.floor(element / shape[d]);
  }
  return index;
};

const index_text = (element, shape) =>
  shape.length ? `[${index_of(element, shape).join(", ")}]` : "";
