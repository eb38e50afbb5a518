// What a chart can tell of: its points, bars and cells, with their places on the screen.

// The items of a drawn view that have a tooltip, and their boxes within the view.
const items_of = (view) => {
  const found = [];
  const walk = (mark, x, y) => {
    for (const item of mark.items || []) {
      if (mark.marktype === "group")
        for (const inner of item.items || []) walk(inner, x + (item.x || 0), y + (item.y || 0));
      else if (mark.role === "mark" && item.tooltip) found.push(told(mark, item, x, y));
    }
  };
  walk(view.scenegraph().root, 0, 0);
  const [width, height] = [view.width(), view.height()];
  return found.filter(({x, y}) => x > -2 && y > -2 && x < width + 2 && y < height + 2);
};

const told = (mark, item, dx, dy) => {
  const {x1, y1, x2, y2} = item.bounds;
  const round = mark.marktype === "symbol";
  const [x, y] = round ? [item.x, item.y] : [(x1 + x2) / 2, (y1 + y2) / 2];
  const {line, row, group} = item.datum;
  return {fields: item.tooltip, kind: mark.marktype, round, series: line ?? row ?? group, x: x + dx, y: y + dy,
          box: round ? [x - 6 + dx, y - 6 + dy, x + 6 + dx, y + 6 + dy] : [x1 + dx, y1 + dy, x2 + dx, y2 + dy]};
};

// How far a point is from an item; a rule gives way to what stands beside it.
const distance = (item, x, y) => {
  const [x1, y1, x2, y2] = item.round ? [item.x, item.y, item.x, item.y] : item.box;
  const beside = Math.hypot(Math.max(x1 - x, 0, x - x2), Math.max(y1 - y, 0, y - y2));
  return item.kind === "rule" ? beside + 12 : beside;
};

const nearest = (items, x, y) =>
    items.reduce((best, item) => !best || distance(item, x, y) < distance(best, x, y) ? item : best, null);

// The next item in a direction: left and right along its own line or row, up and down to another.
const neighbour = (items, from, key) => {
  const points = items.filter((item) => item.kind !== "rule");
  const along = points.filter((item) => item.series === from.series).sort((a, b) => a.x - b.x);
  if (key === "Home") return along[0];
  if (key === "End") return along[along.length - 1];
  if (key === "ArrowLeft") return along[along.indexOf(from) - 1];
  if (key === "ArrowRight") return along[along.indexOf(from) + 1];
  const beside = new Map([[from.series, from]]);
  for (const item of points) {
    const other = beside.get(item.series);
    if (other !== from && (!other || Math.abs(item.x - from.x) < Math.abs(other.x - from.x)))
      beside.set(item.series, item);
  }
  const column = [...beside.values()].sort((a, b) => a.y - b.y);
  return column[column.indexOf(from) + (key === "ArrowUp" ? -1 : 1)];
};
