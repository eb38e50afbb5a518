// A word's vector, the encoding, and their sum, which is what the model gets.
const word_rows = () => {
  const {d, base, word} = state, hands = d / 2, p = Math.round(state.p);
  const before = sentence.before[word].slice(0, d), added = encoding(p, d, base);
  return [
    {name: sentence.words[word], values: before, color: () => named("soft")},
    {name: `+ PE(${p})`, values: added, color: (column) => css(color_of_hand(Math.floor(column / 2), hands))},
    {name: "= the sum", values: before.map((value, column) => value + added[column]), color: () => named("text")},
  ];
};

const word = new Canvas("play-word", 3 * 84, (context, width) => bars(context, word_rows(), width, 0, 84));

const tell_word = () => {
  const [before, added, after] = word_rows().map(({values}) => decimals(Math.sqrt(dot(values, values)), 2));
  return `“${sentence.words[state.word]}” has the length ${before} before, and every encoding √(d/2) = ${added}, ` +
      `whatever its position; the sum ${after}.`;
};
