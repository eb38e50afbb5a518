// What the sliders say; everything on display follows from it.
const play = document.getElementById("play");
const one_two_five = (from, to) => {
  const values = [];
  for (let power = 10 ** from; power <= 10 ** to; power *= 10) values.push(power, 2 * power, 5 * power);
  return values.slice(0, -2);
};
const bases = [2, 5, ...one_two_five(1, 7)];
const reaches = one_two_five(1, 7);
const state = {d: 8, base: 10000, p: 2, k: 3, length: 64, reach: 500, word: 0};

// What `compute` makes of the state, anew when one of the settings that it is made of has changed.
const memory = new Map();
const remembered = (name, compute, settings) => {
  const key = settings.map((setting) => state[setting]).join();
  if (memory.get(name)?.key !== key) memory.set(name, {key, value: compute(state)});
  return memory.get(name).value;
};

const sliders = {
  d: {}, p: {}, k: {}, length: {},
  base: {values: bases},
  reach: {values: reaches},
};
for (const [name, slider] of Object.entries(sliders)) {
  slider.input = document.getElementById(`play-${name}`);
  slider.output = document.getElementById(`play-${name}-now`);
  if (slider.values) Object.assign(slider.input, {min: 0, max: slider.values.length - 1});
  slider.input.addEventListener("input", () => {
    const at = Number(slider.input.value);
    set({[name]: slider.values ? slider.values[at] : at});
  });
}

const show_sliders = () => {
  sliders.p.input.max = state.length - 1;
  for (const [name, {input, output, values}] of Object.entries(sliders)) {
    const value = name === "p" ? Math.round(state.p) : state[name];
    input.value = values ? values.indexOf(value) : value;
    output.textContent = whole(value);
    input.setAttribute("aria-valuetext", whole(value));
  }
};

const say = (id, text) => { document.getElementById(id).textContent = text; };

const draw = () => {
  const {d, base, k} = state, p = Math.round(state.p);
  for (const canvas of [clock, waves, word, dials, matrix, table_map, pair_map]) canvas.measure();
  show_sliders();
  clock.draw(`A clock with ${d / 2} hands at position ${p}`);
  fill_hands();
  say("play-hands-say", tell_hands());
  waves.draw(`The waves of ${wave_rows().length} hands up to position ${state.reach}`);
  say("play-waves-say", tell_waves());
  word.draw(`${sentence.words[state.word]} before and after PE(${p}) is added`);
  say("play-word-say", tell_word());
  dials.draw(`Hands at position ${p} and ${k} positions on`);
  matrix.draw(`The matrix R(${k}), ${d} by ${d}`);
  fill_turned();
  say("play-turned-say", tell_turned());
  table_map.draw(`PE of ${state.length} positions in ${d} dimensions`);
  pair_map.draw(`Dot products of ${state.length} positions with each other`);
  say("play-pairs-say", tell_pairs());
};

let waiting = false;
const draw_soon = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
};

const set = (changes) => {
  Object.assign(state, changes);
  state.p = Math.min(state.p, state.length - 1);
  draw_soon();
};

// The clock runs by itself: 2 positions a second, from the end to the beginning again.
const runner = document.getElementById("play-run");
let last = null;
const run = () => {
  if (last === null) return;
  const now = performance.now();
  const p = state.p + (now - last) / 500;
  last = now;
  set({p: p < state.length - 1 ? p : 0});
  requestAnimationFrame(run);
};
runner.addEventListener("click", () => {
  const starts = last === null;
  runner.textContent = starts ? "Stop" : "Let it run";
  runner.setAttribute("aria-pressed", starts);
  last = starts ? performance.now() : null;
  starts ? requestAnimationFrame(run) : set({p: Math.round(state.p)});
});

const choices = document.getElementById("play-words");
sentence.words.forEach((text, at) => {
  const label = document.createElement("label"), input = document.createElement("input");
  Object.assign(input, {type: "radio", name: "play-words", checked: at === state.word});
  input.addEventListener("change", () => set({word: at, p: at}));
  label.append(input, ` ${text}`);
  choices.append(label);
});

name_signs();
is_dark.addEventListener("change", name_signs);
is_dark.addEventListener("change", draw_soon);
addEventListener("resize", draw_soon);
draw();
globalThis.playground = {state, set, draw, encodings, rotation, all_pairs, wave_rows, word_rows};
