// Which picture the kinds of ops have, beside the maps that every op has.

const pictures = {
  cross_entropy_of_rows: cross_entropy_picture,
  softmax: softmax_picture,
  scaled_dot_product_attention: attention_picture,
  packed_attention: attention_picture,
  layer_norm: norm_picture,
  rms_norm: norm_picture,
  embedding: lookup_picture,
  dropout: dropout_picture,
};

const op_picture = (trace, op) => pictures[trace.ops[op].name]?.(trace, op) ?? null;

// Whether each element of what a row gave is the sum of a column of dout, as for a bias.
const adds_up_columns = (trace, op, row) => {
  const dout = trace.gradient(trace.ops[op].out), given = trace.outgoing(op, row), {shape} = given;
  if (!dout?.values || !given.values || dout.numel <= given.numel || !shape.length) return false;
  if (String(dout.shape.slice(-shape.length)) !== String(shape)) return false;
  const n = given.numel, sums = new Float64Array(n);
  dout.values.forEach((x, i) => { sums[i % n] += x; });
  return sums.every((sum, i) => Math.abs(sum - given.values[i]) <= 1e-5 * (Math.abs(sum) + dout.rms));
};
