// A canvas as wide as its place. `height` is a number or made from the width; `paint` gets a context
// in pixels of the page, the width and the height.
class Canvas {
  constructor(id, height, paint) {
    this.element = document.getElementById(id);
    this.height = typeof height === "number" ? () => height : height;
    this.paint = paint;
  }
  measure() { this.width = Math.max(200, this.element.parentElement.clientWidth); }
  draw(label) {
    const {width} = this;
    const height = Math.round(this.height(width));
    const sharp = window.devicePixelRatio || 1;
    this.element.style.height = `${height}px`;
    this.element.width = Math.round(width * sharp);
    this.element.height = Math.round(height * sharp);
    const context = this.element.getContext("2d");
    context.scale(sharp, sharp);
    context.font = "12px system-ui, sans-serif";
    context.lineCap = context.lineJoin = "round";
    this.element.setAttribute("aria-label", label);
    this.paint(context, width, height);
  }
}

const line = (context, points, color, width = 1) => {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
};
const disc = (context, x, y, radius, color) => {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
};
const circle = (context, x, y, radius, color) => {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.stroke();
};
const write = (context, text, x, y, color, align = "left", baseline = "alphabetic") => {
  context.fillStyle = color;
  context.textAlign = align;
  context.textBaseline = baseline;
  context.fillText(text, x, y);
};

// A picture of a matrix of values from −1 to 1 with a pixel for each. Kept as long as the matrix is.
const kept_pictures = new WeakMap();
const picture_of = (matrix) => {
  const kept = kept_pictures.get(matrix);
  if (kept?.dark === is_dark.matches) return kept.picture;
  const image = new ImageData(matrix[0].length, matrix.length);
  const shades = Array.from({length: 256}, (_, shade) => [...color_of_sign(shade / 127.5 - 1), 255]);
  matrix.forEach((row, r) => row.forEach((value, c) => {
    image.data.set(shades[Math.round((value + 1) * 127.5)], 4 * (r * row.length + c));
  }));
  const picture = document.createElement("canvas");
  Object.assign(picture, {width: image.width, height: image.height});
  picture.getContext("2d").putImageData(image, 0, 0);
  kept_pictures.set(matrix, {dark: is_dark.matches, picture});
  return picture;
};

// The same into a rectangle, a cell for each value.
const cells = (context, matrix, x, y, width, height) => {
  context.imageSmoothingEnabled = false;
  context.drawImage(picture_of(matrix), x, y, width, height);
};

// Vectors below each other as bars from a line at 0, on one scale; their numbers above the bars
// where there is room.
const bars = (context, rows, width, top, each) => {
  const left = 92, room = (width - left) / rows[0].values.length;
  const largest = Math.max(1, ...rows.flatMap((row) => row.values.map(Math.abs)));
  rows.forEach(({name, values, color}, r) => {
    const middle = top + r * each + each / 2, unit = (each / 2 - 15) / largest;
    write(context, name, 0, middle, named("text"), "left", "middle");
    line(context, [[left, middle], [width, middle]], named("line"));
    values.forEach((value, column) => {
      const x = left + column * room, height = value * unit;
      context.fillStyle = color(column);
      context.fillRect(x + room * 0.14, middle - Math.max(height, 0), room * 0.72, Math.max(Math.abs(height), 0.75));
      if (room < 44) return;
      write(context, decimals(value, room < 60 ? 2 : 4), x + room / 2, middle - height + (value < 0 ? 4 : -4),
            named("soft"), "center", value < 0 ? "top" : "bottom");
    });
  });
};
