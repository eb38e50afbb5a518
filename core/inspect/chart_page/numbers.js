// A number in a tooltip or a table: whole ones whole, others with the digits asked for.
const digits = (value, count = 4) => {
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : String(Number(value.toPrecision(count)));
};

const is_told = (value) => value !== undefined && value !== null && value !== "";

const make = (tag, properties = {}, ...inner) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inner);
  return element;
};
