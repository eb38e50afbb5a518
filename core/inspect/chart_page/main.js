// Draws each chart, anew when the mode or the width changes.
const dark = matchMedia("(prefers-color-scheme: dark)");
const json = (selector) => JSON.parse(document.querySelector(selector).textContent);
const views = {};

// The title stands above, where it may take several lines.
const spec_of = (id) => {
  const theme = json(`[data-theme=${dark.matches ? "dark" : "light"}]`);
  const {title, ...spec} = json(`[data-spec="${CSS.escape(id)}"]`);
  return {...spec, padding: 2, config: {...theme, background: null}};
};

const room_of_page = () => document.querySelector("h1").getBoundingClientRect().width;

const drawn_width = (drawing) => drawing.firstElementChild.getBoundingClientRect().width;

// A second run places what the first has moved.
const settle = async (view) => {
  await view.runAsync();
  await view.resize().runAsync();
};

const draw_spec = async (id, drawing, spec) => {
  if (views[id]) views[id].finalize();
  drawing.replaceChildren();
  const {renderer = "svg"} = spec.usermeta || {};
  const view = new vega.View(vega.parse(spec), {container: drawing, renderer, tooltip: () => {}});
  views[id] = view;
  await view.runAsync();
  return view;
};

// Gives way in turn: narrower, names aslant, names of lines in a legend below.
const fit = async (id, drawing, spec) => {
  const room = room_of_page();
  let view = await draw_spec(id, drawing, spec);
  const can_give_way = spec.scales?.length && spec.axes && spec.legends;  // as rill's own charts
  if (!can_give_way || drawn_width(drawing) <= room) return view;
  const narrow = narrowed(spec, room);
  view = await draw_spec(id, drawing, narrow);
  const left = () => room - (drawn_width(drawing) - view.width());
  if (spec.scales[0].type === "band") view = await draw_spec(id, drawing, aslant(narrow, left()));
  // Twice: what stands beside changes with the size.
  const squeeze = async () => {
    for (let i = 0; i < 2; ++i) {
      const {width, height} = size_of(spec, Math.max(160, Math.min(spec.width, left())));
      await settle(view.width(width).height(height));
    }
  };
  await squeeze();
  const ends = data_of(spec, "ends");
  if (!ends || view.width() >= least_width) return view;
  drawing.after(legend_of(view, ends));
  await settle(view.signal("names_at_ends", false));
  await squeeze();
  return view;
};

const draw = async (element) => {
  const id = element.dataset.chart;
  const {title} = json(`[data-spec="${CSS.escape(id)}"]`);
  const spec = spec_of(id);
  const was_open = element.querySelector("details")?.open || false;
  const drawing = make("div", {className: "drawing", tabIndex: 0, role: "application"});
  drawing.setAttribute("aria-label", `${title || id}: arrow keys go from number to number`);
  const numbers = numbers_of(spec);
  if (numbers) numbers.open = was_open;
  element.replaceChildren(...title ? [make("div", {className: "title", textContent: title})] : [], drawing, ...numbers ? [numbers] : []);
  const view = await fit(id, drawing, spec);
  element.style.width = title && title.length * 8 > drawn_width(drawing) ? `${drawn_width(drawing)}px` : "";
  add_tips(drawing, view);
};

const draw_or_tell = (element) => draw(element).then(() => element.classList.remove("error")).catch((error) => {
  element.classList.add("error");
  element.textContent = `This chart could not be drawn: ${error.message}`;
  throw error;
});

// One drawing of all after another, so that none takes away what another is at.
let ready = Promise.resolve();
const draw_all = () => {
  hide_tip();
  ready = ready.catch(() => {}).then(() => Promise.all([...document.querySelectorAll("[data-chart]")].map(draw_or_tell)));
};

dark.addEventListener("change", draw_all);
let width = innerWidth;
let waiting;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(draw_all, 150);
});
document.body.append(here, tip);
draw_all();
