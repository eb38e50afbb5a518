#include <rill/core/inspect/detail/page_parts.h>

namespace rill::inspect::detail {

const char* const page_style = R"css(
:root { color-scheme: light dark; --ground: #ffffff; --text: #1f2430; --soft: #4a5263;
        --line: #dfe3ea; --panel: #f5f6f9; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181e; --text: #e7eaf0; --soft: #a9b2c3; --line: #323a46; --panel: #1d222a; }
}
body { margin: 0; background: var(--ground); color: var(--text);
       font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1.2rem; }
h2 { font-size: 1.35rem; margin: 2.4rem 0 0.6rem; }
h3 { font-size: 1.08rem; margin: 1.6rem 0 0.4rem; }
p { max-width: 46rem; margin: 0.6rem 0; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto;
      padding: 0.8rem 1rem; font: 14px/1.5 ui-monospace, monospace; }
.charts { display: flex; flex-wrap: wrap; gap: 1.2rem 2rem; align-items: flex-start; margin: 1rem 0; }
.chart { max-width: 100%; overflow-x: auto; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.4rem; }
th, td { text-align: left; padding: 0.35rem 1.6rem 0.35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
th.number, td.number { text-align: right; }
.error { color: #d0392b; }
)css";

const char* const page_script = R"js(
const rill = {views: {}, ready: null};
{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const json = (selector) => JSON.parse(document.querySelector(selector).textContent);

  const spec_of = (id) => {
    const theme = json(`[data-theme=${dark.matches ? "dark" : "light"}]`);
    return {...json(`[data-spec="${CSS.escape(id)}"]`), padding: 2,
            config: {...theme, background: null}};
  };

  // Makes a chart narrower where the page has no room for it.
  const fit = (element, view) => {
    const room = document.querySelector("h1").getBoundingClientRect().width;
    const beside = element.firstElementChild.getBoundingClientRect().width - view.width();
    if (beside + view.width() > room) return view.width(Math.max(160, room - beside)).runAsync();
  };

  const draw = async (element) => {
    const id = element.dataset.chart;
    const spec = spec_of(id);
    const {renderer = "svg", fixed = false} = spec.usermeta || {};
    if (rill.views[id]) rill.views[id].finalize();
    const view = new vega.View(vega.parse(spec), {container: element, renderer, hover: true});
    rill.views[id] = view;
    await view.runAsync();
    if (!fixed) await fit(element, view);
  };

  const draw_or_tell = (element) => draw(element).catch((error) => {
    element.classList.add("error");
    element.textContent = `This chart could not be drawn: ${error.message}`;
    throw error;
  });

  const draw_all = () => {
    const elements = [...document.querySelectorAll("[data-chart]")];
    rill.ready = Promise.all(elements.map(draw_or_tell));
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
  draw_all();
}
)js";

}  // namespace rill::inspect::detail
