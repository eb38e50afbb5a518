// Colours: the style sheet's, as lists of red, green and blue, so that they can be mixed.
const is_dark = matchMedia("(prefers-color-scheme: dark)");
const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const css = ([red, green, blue], alpha = 1) => `rgba(${red}, ${green}, ${blue}, ${alpha})`;
const known = {light: {}, dark: {}};
const named = (name) => known[is_dark.matches ? "dark" : "light"][name] ??=
    getComputedStyle(play).getPropertyValue(`--${name}`).trim();

// Between stops at even distances, for a share from 0 to 1.
const between = (stops, share) => {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const from = Math.min(Math.floor(at), stops.length - 2);
  return stops[from].map((value, i) => Math.round(value + (at - from) * (stops[from + 1][i] - value)));
};

const stops_of = (light, dark) => ({
  light: light.split(" ").map(parse), dark: dark.split(" ").map(parse),
  get now() { return is_dark.matches ? this.dark : this.light; },
});
const hands_ramp = stops_of("#c8560a #b8417f #6a4fc0 #2166b8", "#ffb066 #f08cc0 #b39bfa #6db2ff");

// That of charts, from below zero to above.
const signs_ramp = stops_of(...["light", "dark"].map((name) => themes[name].range.diverging.scheme.join(" ")));
const name_signs = () => ["low", "none", "high"].forEach(
    (name, i) => play.style.setProperty(`--${name}`, css(signs_ramp.now[2 * i])));

// From the quickest hand to the slowest.
const color_of_hand = (i, hands) => between(hands_ramp.now, hands > 1 ? i / (hands - 1) : 0);
// From −1 over 0 to 1.
const color_of_sign = (value) => between(signs_ramp.now, (value + 1) / 2);
