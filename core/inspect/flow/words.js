// What an op does, and why its gradient looks as it does: [forward, backward].

const op_words = {
  add: ["Adds, element by element.",
        "Moving an input by a little moves the sum by as much: each input gets dout itself. One " +
        "that was broadcast took part in several sums, and gets their gradients added up."],
  sub: ["Subtracts, element by element.", "The first gets dout, the second −dout."],
  mul: ["Multiplies, element by element.", "Each factor gets dout times the other factor."],
  div: ["Divides, element by element.", "The numerator gets dout / b; the denominator what a change of b would do."],
  neg: ["Changes the sign.", "So does its gradient."],
  matmul: ["Each element of the product is a row of a times a column of b.",
           "a[i, k] took part in every element of row i, each time multiplied by b[k, j]: its " +
           "gradient is row i of dout times row k of b, and that is what dout · bᵀ says. The " +
           "transpose is only the rule for who was multiplied by whom."],
  linear: ["x Wᵀ + b: each output is a row of x times a row of W, plus its bias.",
           "Each number of x met a column of W, each number of W a column of x; the bias was added " +
           "to every row, and gets the sum of all rows of dout."],
  sum: ["Adds up.", "Every element went into its sum once: each gets the gradient of that sum."],
  mean: ["Takes the mean.", "As for a sum, divided by how many there are."],
  sum_to: ["Adds up what was stretched.", "Every element gets the gradient of its sum."],
  tanh: ["tanh, element by element.",
         "The slope of tanh is 1 − tanh², so the gradient needs the output, not the input. Where " +
         "the output is near 1 or −1 hardly anything comes through."],
  sigmoid: ["1 / (1 + e⁻ˣ), element by element.",
            "The slope is s (1 − s), at most ¼; it needs the output."],
  exp: ["eˣ, element by element.", "eˣ is its own slope: dout times the output."],
  log: ["ln x, element by element.", "The slope is 1 / x."],
  relu: ["Keeps what is positive.",
         "Where it was positive dout passes as it is, elsewhere nothing does."],
  gelu: ["x Φ(x), a smooth relu.", "dout times the slope, which is near 0 on the left and near 1 on the right."],
  pow: ["Raises to a power.", "The slope of aⁿ is n · aⁿ⁻¹, n being the exponent."],
  sqrt: ["√x.", "The slope is 1 / (2 √x)."],
  softmax: ["Turns scores into shares that add up to 1.",
            "All shares of a row hang together: y · (dout − Σ dout · y). What is the same for all " +
            "of a row is thrown away."],
  log_softmax: ["Logarithms of the shares that softmax gives.", "dout − p · Σ dout along each row."],
  cross_entropy: ["How surprised the model is by the right answers: −log p of each, averaged.",
                  "For each row p − y: the shares that the model gave, less 1 at the right answer, " +
                  "divided by the number of rows."],
  cross_entropy_of_rows: ["How surprised the model is by the right answer of each row: −log p.",
    "For each row p − y, times dout: the shares that the model gave, less 1 at the right answer."],
  mse_loss: ["The mean of squared differences.", "2 (x − y) / n."],
  layer_norm: ["Takes mean and scale out of each row, then stretches and shifts it.",
               "A shift or a stretch of the whole row changes nothing in forward: so the parts of " +
               "dout along 1 and along the normalised row are thrown away."],
  embedding: ["Picks a row of the table for each id.",
              "Each row of dout goes to the row that its id picked. An id used twice gets the sum, " +
              "rows not used stay 0."],
  dropout: ["Sets some elements to 0, and multiplies the others by 1 / (1 − p).",
            "The same mask: what was 0 in forward gets no gradient."],
  scaled_dot_product_attention: ["Each query takes a mean of the values, weighted by how well the keys fit.",
              "Values get dout by the weights; weights get dout · value; scores, queries and keys " +
              "follow. What was masked has weight 0 and gets nothing."],
  transpose: ["Turns rows into columns.", "Turns dout back."],
  reshape: ["The same numbers in another shape.", "dout in the old shape."],
  cat: ["Puts tensors side by side.", "Each gets its part of dout."],
  select: ["Picks one slice.", "Zeros, with dout in place of the slice."],
};
op_words.packed_attention = op_words.scaled_dot_product_attention;

const words_of = (name, phase) => op_words[name]?.[phase === "forward" ? 0 : 1] ?? "";
