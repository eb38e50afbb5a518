#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <rill/core/choice.h>
#include <rill/core/random.h>
#include <rill/core/tensor.h>

// Every op of rill, by kind; each is written out, with its gradient beside it, in core/ops/.
// Element-wise ops of two tensors broadcast as NumPy does (ShapeError shows both shapes) and want
// one dtype (DTypeError names both: convert with `to`). Names and edge cases are PyTorch's unless
// said. Dimensions may be negative: they count from the end, and where several are wanted, one may
// be given without braces. int64 wraps around at its ends.
//
// An op whose first argument is a tensor, and whose others are tensors, numbers and shapes, is a
// member of Tensor too, by itself: `x.sum(1)` is `sum(x, 1)`, `x.view(2, 3)` is `view(x, {2, 3})`.

namespace rill {

// ---- elementwise.cpp, power.cpp ------------------------------------------------------------
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
/// a / b by IEEE; integers divide to float32.
Tensor div(const Tensor& a, const Tensor& b);
Tensor add(const Tensor& a, double b);
Tensor sub(const Tensor& a, double b);
Tensor mul(const Tensor& a, double b);
Tensor div(const Tensor& a, double b);
Tensor add(double a, const Tensor& b);
Tensor sub(double a, const Tensor& b);
Tensor mul(double a, const Tensor& b);
Tensor div(double a, const Tensor& b);
/// The largest whole number that is not above a / b; without a gradient. Throws ValueError where an
/// integer is divided by 0.
Tensor floor_divide(const Tensor& a, const Tensor& b);
Tensor floor_divide(const Tensor& a, double b);
/// a − b · floor(a / b), which has the sign of b, as Python's %. Throws as floor_divide.
Tensor remainder(const Tensor& a, const Tensor& b);
Tensor remainder(const Tensor& a, double b);
/// aᵇ; 0⁰ = 1 with gradient 0 to both.
Tensor pow(const Tensor& a, const Tensor& b);
Tensor pow(const Tensor& a, double exponent);
Tensor pow(double base, const Tensor& exponent);
Tensor neg(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);
/// 1 / √x.
Tensor rsqrt(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
/// |x|; its slope at 0 is 0.
Tensor abs(const Tensor& x);
/// −1, 0 or 1; 0 for NaN. The gradient of these steps is 0.
Tensor sign(const Tensor& x);
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
/// To the nearest whole number, halves to the even one.
Tensor round(const Tensor& x);
Tensor erf(const Tensor& x);
/// x held between min and max; the gradient passes at the bounds; NaN stays; min > max gives max.
/// Throws ValueError with neither bound, and for a bound that is NaN.
Tensor clamp(const Tensor& x, std::optional<double> min, std::optional<double> max = {});
/// The larger of each pair; ties share the gradient by halves, and what was not taken gets 0, even
/// from a gradient that is infinite; NaN wins.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, double b);
Tensor minimum(const Tensor& a, double b);

// ---- activation.cpp ------------------------------------------------------------------------
Tensor tanh(const Tensor& x);
/// 1 / (1 + e⁻ˣ).
Tensor sigmoid(const Tensor& x);
/// log(1 + e^(beta x)) / beta, x itself where beta x > threshold. Throws ValueError unless beta is
/// finite and above 0.
Tensor softplus(const Tensor& x, double beta = 1, double threshold = 20);
/// max(0, x); its slope at 0 is 0; NaN stays.
Tensor relu(const Tensor& x);
/// x, and negative_slope · x below 0, where its slope is negative_slope (Maas et al. 2013).
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
enum class Gelu { exact, tanh };
std::span<const char* const> names_of(Gelu);  // "none", "tanh"
/// x Φ(x) with the error function, or by its tanh approximation (Hendrycks & Gimpel 2016).
Tensor gelu(const Tensor& x);
Tensor gelu(const Tensor& x, Choice<Gelu> approximate);
struct GeluOptions {
  Choice<Gelu> approximate = Gelu::exact;
};
inline Tensor gelu(const Tensor& x, const GeluOptions& options) {
  return gelu(x, options.approximate);
}
/// x sigmoid(x).
Tensor silu(const Tensor& x);

// ---- compare.cpp: bool results, no gradient ------------------------------------------------
// A number goes through double here; the operators ==, <, ... compare int64 with whole numbers
// exactly.
Tensor eq(const Tensor& a, const Tensor& b);
Tensor ne(const Tensor& a, const Tensor& b);
Tensor lt(const Tensor& a, const Tensor& b);
Tensor le(const Tensor& a, const Tensor& b);
Tensor gt(const Tensor& a, const Tensor& b);
Tensor ge(const Tensor& a, const Tensor& b);
Tensor eq(const Tensor& a, double b);
Tensor ne(const Tensor& a, double b);
Tensor lt(const Tensor& a, double b);
Tensor le(const Tensor& a, double b);
Tensor gt(const Tensor& a, double b);
Tensor ge(const Tensor& a, double b);
Tensor logical_not(const Tensor& x);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);
Tensor isnan(const Tensor& x);
Tensor isfinite(const Tensor& x);
/// Whether any (all) elements are not zero, over all dimensions or over `dims`.
Tensor any(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
Tensor all(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// Whether shapes, dtypes and all elements are the same; NaN is not equal to itself.
[[nodiscard]] bool equal(const Tensor& a, const Tensor& b);
/// Whether |a − b| ≤ atol + rtol |b| for all elements; equal infinities are close.
[[nodiscard]] bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5,
                            double atol = 1e-8, bool equal_nan = false);
/// The same for each pair.
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
               bool equal_nan = false);

// ---- select.cpp ----------------------------------------------------------------------------
/// a where condition holds, b elsewhere. The branch not taken gets gradient 0, but a slope of inf
/// inside it makes 0 · inf = NaN: make the argument safe first, as in
/// `log(where(x > 0, x, ones_like(x)))`.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& condition, const Tensor& a, double b);
Tensor where(const Tensor& condition, double a, const Tensor& b);
/// Of two numbers: float32.
Tensor where(const Tensor& condition, double a, double b);
/// `value` where mask holds. A tensor `value` has no dimensions; its gradient sums over the mask.
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value);
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);
/// The lower (upper) triangle of the last two dimensions, zeros elsewhere; `diagonal` may be any
/// number.
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);

// ---- reduce.cpp, norm.cpp, extremum.cpp ----------------------------------------------------
/// Over all dimensions, or over `dims`. bool and int64 sum to int64.
Tensor sum(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// The mean of bools is the share that holds, as float32.
Tensor mean(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// Σ (x − mean)² / max(0, N − correction).
Tensor var(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false);
/// √var; gradient 0 where it is 0.
Tensor std(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false);
/// The p-norm (p = 1, 2, ... or infinity) of all elements, or along `dims`, summed in double and
/// without overflow or underflow on the way; gradient 0 at 0.
Tensor norm(const Tensor& x, double p = 2, const Shape& dims = {}, bool keepdim = false);
/// Π x of all elements, or along `dim`. bool and int64 multiply to int64.
Tensor prod(const Tensor& x);
Tensor prod(const Tensor& x, int64_t dim, bool keepdim = false);
/// log Σ exp(x), without overflow.
Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim = false);
Tensor cumsum(const Tensor& x, int64_t dim);

/// Over all elements; ties share the gradient equally, the others get 0; NaN wins.
Tensor max(const Tensor& x);
Tensor min(const Tensor& x);
/// The values alone, over all dimensions or over `dims`, with the gradient shared as above.
Tensor amax(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
Tensor amin(const Tensor& x, const Shape& dims = {}, bool keepdim = false);
/// Along `dim`; the lowest index of ties, which alone gets the gradient.
ValuesAndIndices max(const Tensor& x, int64_t dim, bool keepdim = false);
ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim = false);
/// The lower of the two in the middle; gradients and NaN as for max.
Tensor median(const Tensor& x);
ValuesAndIndices median(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor argmax(const Tensor& x);
Tensor argmax(const Tensor& x, int64_t dim, bool keepdim = false);
Tensor argmin(const Tensor& x);
Tensor argmin(const Tensor& x, int64_t dim, bool keepdim = false);
/// The k largest (smallest) along `dim`, sorted; k = 0 gives none.
ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true);
/// Stable; NaN counts as the greatest.
ValuesAndIndices sort(const Tensor& x, int64_t dim = -1, bool descending = false);

// ---- matmul.cpp ----------------------------------------------------------------------------
/// The matrix product; batched over the leading dimensions, which broadcast. A 1-d operand is a
/// row (left) or column (right) whose dimension is dropped again.
Tensor matmul(const Tensor& a, const Tensor& b);

/// The same for matrices in batches of one size: [B, M, K] · [B, K, N].
Tensor bmm(const Tensor& a, const Tensor& b);
/// a bᵀ of two vectors: [M, N].
Tensor outer(const Tensor& a, const Tensor& b);

// ---- linear.cpp ----------------------------------------------------------------------------
/// x Wᵀ + b for x [..., in], weight [out, in], bias [out] or undefined: [..., out].
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// ---- softmax.cpp ---------------------------------------------------------------------------
/// eˣ / Σ eˣ along `dim`, without overflow; NaN where a row holds +inf, or -inf alone.
Tensor softmax(const Tensor& x, int64_t dim);
/// x − log Σ eˣ along `dim`.
Tensor log_softmax(const Tensor& x, int64_t dim);

// ---- view.cpp, slice.cpp, diagonal.cpp: no copy where not said -----------------------------
/// The same storage seen with other sizes; one may be -1. Throws ShapeError where the strides
/// cannot express it.
Tensor view(const Tensor& x, const Shape& shape);
/// view where possible, a copy where not.
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
Tensor permute(const Tensor& x, const Shape& dims);
/// The dims `source` at the places `destination`, the others in their order around them.
Tensor movedim(const Tensor& x, const Shape& source, const Shape& destination);
/// `length` places along `dim` from `start` on, which may count from the end. Throws IndexError.
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
/// Every step-th place from `start` up to `end`, or to the last, as Python slices: clamped, counted
/// from the end where negative. Throws ValueError where step < 1.
Tensor slice(const Tensor& x, int64_t dim, int64_t start, std::optional<int64_t> end = {},
             int64_t step = 1);
Tensor select(const Tensor& x, int64_t dim, int64_t index);
Tensor squeeze(const Tensor& x);
Tensor squeeze(const Tensor& x, int64_t dim);
Tensor unsqueeze(const Tensor& x, int64_t dim);
/// Stretches dimensions of size 1; -1 keeps a size.
Tensor expand(const Tensor& x, const Shape& shape);
Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
/// A copy with the order along `dims` turned round.
Tensor flip(const Tensor& x, const Shape& dims);
/// A copy in which what stood at i along `dim` stands at i + shift, and comes back in at the other
/// end; without dims, in row-major order of all elements.
Tensor roll(const Tensor& x, const Shape& shifts, const Shape& dims = {});
/// x side by side `times` along each dimension; further dimensions in front are new.
Tensor repeat(const Tensor& x, const Shape& times);
/// Each slice along `dim` `times` after one another.
Tensor repeat_interleave(const Tensor& x, int64_t times, int64_t dim);
/// `value` around x: `sides` are how many places before and after the last dimension, then the one
/// before it, and so on; a negative number takes away.
Tensor pad(const Tensor& x, const Shape& sides, double value = 0);
[[nodiscard]] std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0);
[[nodiscard]] std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes,
                                        int64_t dim = 0);
[[nodiscard]] std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
/// x[0], x[1], ... along `dim`.
[[nodiscard]] std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0);
/// The elements at (i, i + offset) of dim1 and dim2, as the last dimension. Throws ShapeError where
/// the two are one.
Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);
/// Of a vector the matrix with it at (i, i + offset), else zeros; of a matrix a copy of that
/// diagonal.
Tensor diag(const Tensor& x, int64_t offset = 0);
/// Another tensor with the same storage, one step further in the graph.
Tensor alias(const Tensor& x);

// ---- join.cpp, copy.cpp --------------------------------------------------------------------
Tensor cat(const std::vector<Tensor>& tensors, int64_t dim = 0);
Tensor stack(const std::vector<Tensor>& tensors, int64_t dim = 0);
Tensor clone(const Tensor& x);
Tensor contiguous(const Tensor& x);
Tensor to(const Tensor& x, DType dtype);

// ---- index.cpp -----------------------------------------------------------------------------
struct EmbeddingOptions {
  int64_t padding_idx = -1;  // a row that gets no gradient; -1 for none
  bool scale_grad_by_freq = false;
};
/// Row ids[...] of weight [num_embeddings, embedding_dim]; ids int64 of any shape. Also in the
/// order of PyTorch's functional: embedding(ids, weight).
Tensor embedding(const Tensor& weight, const Tensor& ids, EmbeddingOptions options = {});
/// x without its slices along `dim` that `index` [n] does not name; in its order.
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
/// out[i][j] = x[index[i][j]][j] for dim 0, and so on.
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
/// gather with x and `index` broadcast to one another in the other dimensions.
Tensor take_along_dim(const Tensor& x, const Tensor& index, int64_t dim);
/// x with source[i][j] added at [index[i][j]][j] for dim 0, and so on.
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
/// int64 [..., num_classes]; -1 takes the largest id + 1.
Tensor one_hot(const Tensor& ids, int64_t num_classes = -1);
/// The elements of x where mask holds, both broadcast, in row-major order: [n].
Tensor masked_select(const Tensor& x, const Tensor& mask);
/// Where x is not zero: int64 [n, dims], in row-major order.
Tensor nonzero(const Tensor& x);
/// How often each id occurs in ids [n]: int64 [max(largest + 1, minlength)].
Tensor bincount(const Tensor& ids, int64_t minlength = 0);

// ---- normalize.cpp -------------------------------------------------------------------------
/// (x − mean) / √(var + eps) · weight + bias over the last dimensions `normalized_shape`; weight
/// and bias may be undefined (Ba et al. 2016).
Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);
/// x / √(mean(x²) + eps) · weight (Zhang & Sennrich 2019); eps is the dtype's epsilon by default.
Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = {});

// ---- dropout.cpp ---------------------------------------------------------------------------
/// Each element zero with probability p, else divided by 1 − p (Srivastava et al. 2014). The mask
/// is kept as a seed. p = 0, p = 1 and training = false draw no random numbers.
Tensor dropout(const Tensor& x, double p, bool training, Generator& generator);
Tensor dropout(const Tensor& x, double p, bool training = true);

// ---- attention.cpp -------------------------------------------------------------------------
enum class CausalAlignment { top_left, bottom_right };
struct AttentionOptions {
  /// bool (true takes part) or float (added to the scores), broadcast to [..., L, S].
  Tensor attn_mask = {};
  double dropout_p = 0;
  bool is_causal = false;
  /// 1 / √head_dim unless given.
  std::optional<double> scale = {};
  /// Which query and key stand side by side where L ≠ S.
  CausalAlignment alignment = CausalAlignment::top_left;
  GeneratorOption generator = {};
};
/// softmax(q kᵀ · scale + mask) v for q [..., L, E], k [..., S, E], v [..., S, Ev] (Vaswani et al.
/// 2017); a fully masked row gives zeros. Keeps the L × S scores for backward only where
/// the mask itself wants a gradient.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});
inline Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key,
                                           const Tensor& value, const Tensor& attn_mask,
                                           double dropout_p, bool is_causal = false) {
  return scaled_dot_product_attention(query, key, value, {attn_mask, dropout_p, is_causal});
}
template <std::same_as<Tensor> Mask>
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const Mask& attn_mask) {
  return scaled_dot_product_attention(query, key, value, attn_mask, 0);
}
/// The same for qkv [3, ..., L, E], which holds query, key and value: their gradients are written
/// into one tensor, and nothing has to join them.
Tensor packed_attention(const Tensor& qkv, const AttentionOptions& options = {});

// ---- rotary.cpp ----------------------------------------------------------------------------
/// Which components of a vector are turned together: (i, i + dim/2), as in GPT-NeoX and Hugging
/// Face's LLaMA, or (2i, 2i + 1), as in RoFormer, GPT-J and Meta's LLaMA.
enum class RotaryPairs { halves, interleaved };
struct RotaryOptions {
  /// How many leading components turn, an even number; the rest pass through. All unless given.
  std::optional<int64_t> dim = {};
  double base = 10000;
  RotaryPairs pairs = RotaryPairs::halves;
};
/// x [..., length, width], at positions offset, offset + 1, ...: pair (a, b) number i at position p
/// becomes (a cos pθ − b sin pθ, b cos pθ + a sin pθ) with θ = base^(−2i/dim) (Su et al. 2021), so
/// that a dot product of two vectors depends on how far apart they stand alone.
Tensor rotary(const Tensor& x, int64_t offset = 0, const RotaryOptions& options = {});
/// Queries and keys of qkv [3, batch, heads, length, width] turned so, its values as they are.
Tensor packed_rotary(const Tensor& qkv, int64_t offset = 0, const RotaryOptions& options = {});

// ---- similarity.cpp ------------------------------------------------------------------------
/// a · b / (‖a‖ ‖b‖) along `dim`, each norm at least eps.
Tensor cosine_similarity(const Tensor& a, const Tensor& b, int64_t dim = 1, double eps = 1e-8);

/// x / max(‖x‖, eps), the p-norm along `dim`.
Tensor normalize(const Tensor& x, double p = 2, int64_t dim = 1, double eps = 1e-12);
struct NormalizeOptions {
  double p = 2;
  int64_t dim = 1;
  double eps = 1e-12;
};
inline Tensor normalize(const Tensor& x, const NormalizeOptions& options) {
  return normalize(x, options.p, options.dim, options.eps);
}

// ---- sample.cpp ----------------------------------------------------------------------------
/// Class ids drawn from weights [C] or [N, C] that need not sum to 1: int64 [num_samples] or
/// [N, num_samples].
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement,
                   Generator& generator);
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement = false);

/// 1 with the probability that stands in each place, else 0; of the dtype of `probabilities`.
Tensor bernoulli(const Tensor& probabilities, Generator& generator);
Tensor bernoulli(const Tensor& probabilities);

}  // namespace rill

#include <rill/core/further_ops.h>
#include <rill/core/losses.h>
#include <rill/core/operators.h>
