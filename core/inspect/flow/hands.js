// Keys, buttons and the search.

const play_pause = 900;  // milliseconds a step

const start_hands = (flow) => {
  const player = {timer: null};
  const stop = () => {
    clearInterval(player.timer);
    player.timer = null;
    show_playing(false);
  };
  const show_playing = (on) => {
    by_id("play").querySelector("path").setAttribute("d", on ? "M4 3v10h2V3zM10 3v10h2V3z" : "M4 2v12L13 8z");
    by_id("play").setAttribute("aria-label", on ? "pause" : "play");
  };
  const play = () => {
    if (player.timer) return stop();
    if (flow.now === flow.steps.length - 1) flow.go(0);
    player.timer = setInterval(() => {
      flow.move(1);
      if (flow.now === flow.steps.length - 1) stop();
    }, play_pause);
    show_playing(true);
  };
  const begin_backward = () => flow.go(flow.steps.findIndex(({phase}) => phase !== "forward"));
  const views = () => {
    flow.set_views(!flow.with_views);
    flow.place = flow.step ? {trace: flow.trace, ...flow.step} : {};
    flow.show();
  };
  const guess = () => {
    const on = document.body.classList.toggle("guess");
    by_id("guess").setAttribute("aria-pressed", on);
    flow.panel.draw();
  };
  const zoom = (by) => {
    flow.graph.zoom = Math.max(0.3, Math.min(4, flow.graph.zoom * by));
    flow.graph.fit();
  };
  const open = () => {
    const {place} = flow;
    if (place.op !== undefined && place.trace.inside(place.op)) flow.toggle(`${place.trace.key}i${place.op}`);
  };
  const follow = () => flow.panel.settle() ?? flow.panel.element.querySelector(".follow")?.click();
  const help = () => by_id("help").open ? by_id("help").close() : by_id("help").showModal();

  const buttons = {first: () => flow.go(0), back: () => flow.move(-1), play, next: () => flow.move(1),
                   last: () => flow.go(flow.steps.length - 1), "begin-backward": begin_backward, views, guess,
                   larger: () => zoom(1.2), smaller: () => zoom(1 / 1.2), keys: help,
                   overview: () => flow.go(null)};
  for (const [id, act] of Object.entries(buttons)) by_id(id).addEventListener("click", act);

  by_id("live").addEventListener("click", ({target}) => target.classList.toggle("whole"));  // cut on a phone

  const keys = {ArrowRight: buttons.next, ArrowLeft: buttons.back, " ": play, Home: buttons.first,
                End: buttons.last, b: begin_backward, v: views, g: guess, o: open, f: follow,
                "+": buttons.larger, "-": buttons.smaller, "?": help, Escape: buttons.overview,
                "/": () => by_id("search").focus()};
  addEventListener("keydown", (event) => {
    const is_typing = event.target.closest?.("input, dialog[open]");
    const on_button = event.key === " " && event.target.closest?.("button, [role=button]");
    if (is_typing || on_button || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  start_search(flow);
};

// Ops, modules and values whose names have the text in them.
const matches_of = (flow, text) => {
  const wanted = text.toLowerCase(), {trace} = flow, found = [];
  if (!wanted) return found;
  flow.steps.forEach(({op, phase}, i) => {
    const name = op_title(trace, op);
    if (phase === "forward" && name.toLowerCase().includes(wanted)) found.push({name, go: () => flow.go(i)});
  });
  trace.values.forEach(({name}, value) => {
    if (name?.toLowerCase().includes(wanted)) found.push({name, go: () => flow.select_value(trace, value)});
  });
  return found.slice(0, 12);
};

const start_search = (flow) => {
  const input = by_id("search"), list = by_id("matches");
  const choose = (match) => {
    list.replaceChildren();
    input.value = "";
    input.blur();
    match.go();
  };
  input.addEventListener("input", () => list.replaceChildren(...matches_of(flow, input.value).map((match) =>
    element_of("li", {}, element_of("button", {onclick: () => choose(match)}, match.name)))));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { list.replaceChildren(); input.blur(); }
    const [first] = matches_of(flow, input.value);
    if (event.key === "Enter" && first) choose(first);
    event.stopPropagation();
  });
};

const begin = () => {
  const flow = new Flow();
  flow.graph.draw();
  start_hands(flow);
  flow.read_address();
  addEventListener("hashchange", () => { if (location.hash !== flow.address) flow.read_address(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => flow.redraw());
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    flow.redraw();
  });
  return flow;
};
