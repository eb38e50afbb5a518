#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <rill/core/tensor.h>

// Every op of rill, by kind; each is written out, with its gradient beside it, in core/ops/.
// Element-wise ops of two tensors broadcast as NumPy does (ShapeError shows both shapes) and want
// one dtype (DTypeError names both: convert with `to`). Names and edge cases are PyTorch's unless
// said. Dimensions may be negative: they count from the end. int64 wraps around at its ends.

namespace rill {

// ---- elementwise.cpp, power.cpp ------------------------------------------------------------
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
/// a / b by IEEE; integers divide to float32.
Tensor div(const Tensor& a, const Tensor& b);
/// aᵇ; 0⁰ = 1 with gradient 0 to both.
Tensor pow(const Tensor& a, const Tensor& b);
Tensor pow(const Tensor& a, double exponent);
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
Tensor erf(const Tensor& x);
/// x held between min and max; the gradient passes at the bounds; NaN stays; min > max gives max.
/// Throws ValueError with neither bound, and for a bound that is NaN.
Tensor clamp(const Tensor& x, std::optional<double> min, std::optional<double> max);
/// The larger of each pair; ties share the gradient by halves, and what was not taken gets 0, even
/// from a gradient that is infinite; NaN wins.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator-(const Tensor& x) { return neg(x); }
Tensor operator+(const Tensor& a, double b);
Tensor operator+(double a, const Tensor& b);
Tensor operator-(const Tensor& a, double b);
Tensor operator-(double a, const Tensor& b);
Tensor operator*(const Tensor& a, double b);
Tensor operator*(double a, const Tensor& b);
Tensor operator/(const Tensor& a, double b);
Tensor operator/(double a, const Tensor& b);

// ---- activation.cpp ------------------------------------------------------------------------
Tensor tanh(const Tensor& x);
/// 1 / (1 + e⁻ˣ).
Tensor sigmoid(const Tensor& x);
/// log(1 + e^(beta x)) / beta, x itself where beta x > threshold. Throws ValueError unless beta is
/// finite and above 0.
Tensor softplus(const Tensor& x, double beta = 1, double threshold = 20);
/// max(0, x); its slope at 0 is 0; NaN stays.
Tensor relu(const Tensor& x);
enum class Gelu { exact, tanh };
/// x Φ(x) with the error function, or by its tanh approximation (Hendrycks & Gimpel 2016).
Tensor gelu(const Tensor& x, Gelu form = Gelu::exact);
/// x sigmoid(x).
Tensor silu(const Tensor& x);

// ---- compare.cpp: bool results, no gradient ------------------------------------------------
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
/// Whether any (all) elements are not zero, as a bool without dimensions.
Tensor any(const Tensor& x);
Tensor all(const Tensor& x);

// ---- select.cpp ----------------------------------------------------------------------------
/// a where condition holds, b elsewhere. The branch not taken gets gradient 0, but a slope of inf
/// inside it makes 0 · inf = NaN: make the argument safe first, as in
/// `log(where(x > 0, x, ones_like(x)))`.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
/// `value` where mask holds. A tensor `value` has no dimensions; its gradient sums over the mask.
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value);
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);
/// The lower (upper) triangle of the last two dimensions, zeros elsewhere; `diagonal` may be any
/// number.
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);

// ---- reduce.cpp, norm.cpp, extremum.cpp ----------------------------------------------------
/// Over all dimensions, or over `dims` ({} is all). bool and int64 sum to int64.
Tensor sum(const Tensor& x);
Tensor sum(const Tensor& x, const Shape& dims, bool keepdim = false);
Tensor mean(const Tensor& x);
Tensor mean(const Tensor& x, const Shape& dims, bool keepdim = false);
/// Σ (x − mean)² / max(0, N − correction).
Tensor var(const Tensor& x, double correction = 1);
Tensor var(const Tensor& x, const Shape& dims, double correction = 1, bool keepdim = false);
/// The p-norm (p = 1, 2, ... or infinity) of all elements, or along `dims`, summed in double and
/// without overflow or underflow on the way; gradient 0 at 0.
Tensor norm(const Tensor& x, double p = 2);
Tensor norm(const Tensor& x, double p, const Shape& dims, bool keepdim = false);
/// log Σ exp(x), without overflow.
Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim = false);
Tensor cumsum(const Tensor& x, int64_t dim);

struct [[nodiscard]] ValuesAndIndices {
  Tensor values;
  Tensor indices;  // int64
};
/// Over all elements; ties share the gradient equally, the others get 0; NaN wins.
Tensor max(const Tensor& x);
Tensor min(const Tensor& x);
/// Along `dim`; the lowest index of ties, which alone gets the gradient.
ValuesAndIndices max(const Tensor& x, int64_t dim, bool keepdim = false);
ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim = false);
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

// ---- linear.cpp ----------------------------------------------------------------------------
/// x Wᵀ + b for x [..., in], weight [out, in], bias [out] or undefined: [..., out].
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// ---- softmax.cpp ---------------------------------------------------------------------------
/// eˣ / Σ eˣ along `dim`, without overflow; NaN where a row holds +inf, or -inf alone.
Tensor softmax(const Tensor& x, int64_t dim);
/// x − log Σ eˣ along `dim`.
Tensor log_softmax(const Tensor& x, int64_t dim);

// ---- view.cpp, slice.cpp: no copy where not said; each is a method of Tensor too -----------
/// The same storage seen with other sizes; one may be -1. Throws ShapeError where the strides
/// cannot express it.
Tensor view(const Tensor& x, const Shape& shape);
/// view where possible, a copy where not.
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
Tensor permute(const Tensor& x, const Shape& dims);
/// `length` places along `dim` from `start` on, which may count from the end. Throws IndexError.
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
/// Every step-th place from `start` up to `end`, as Python slices: clamped, counted from the end
/// where negative. Throws ValueError where step < 1.
Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step = 1);
Tensor select(const Tensor& x, int64_t dim, int64_t index);
Tensor squeeze(const Tensor& x);
Tensor squeeze(const Tensor& x, int64_t dim);
Tensor unsqueeze(const Tensor& x, int64_t dim);
/// Stretches dimensions of size 1; -1 keeps a size.
Tensor expand(const Tensor& x, const Shape& shape);
Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
[[nodiscard]] std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0);
[[nodiscard]] std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes,
                                        int64_t dim = 0);
[[nodiscard]] std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
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
/// Row ids[...] of weight [num_embeddings, embedding_dim]; ids int64 of any shape.
Tensor embedding(const Tensor& weight, const Tensor& ids, EmbeddingOptions options = {});
/// x without its slices along `dim` that `index` [n] does not name; in its order.
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
/// out[i][j] = x[index[i][j]][j] for dim 0, and so on.
Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
/// x with source[i][j] added at [index[i][j]][j] for dim 0, and so on.
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source);
/// int64 [..., num_classes]; -1 takes the largest id + 1.
Tensor one_hot(const Tensor& ids, int64_t num_classes = -1);

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
  Tensor mask = {};
  bool is_causal = false;
  /// Which query and key stand side by side where L ≠ S.
  CausalAlignment alignment = CausalAlignment::top_left;
  double dropout_p = 0;
  /// 1 / √head_dim unless given.
  std::optional<double> scale = {};
  Generator* generator = nullptr;
};
/// softmax(q kᵀ · scale + mask) v for q [..., L, E], k [..., S, E], v [..., S, Ev] (Vaswani et al.
/// 2017); a fully masked row gives zeros. Keeps the L × S scores for backward only where
/// the mask itself wants a gradient.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});
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

// ---- loss.cpp ------------------------------------------------------------------------------
enum class Reduction { none, mean, sum };
struct CrossEntropyOptions {
  Tensor weight = {};  // [C]
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
  double label_smoothing = 0;
};
/// −log softmax(logits) of the target class. Logits [N, C], [N, C, d...] or [C]; target int64 class
/// ids, shaped as logits without C, or probabilities like logits. The mean divides by the weights
/// of the kept targets; where all are ignored it is NaN. Throws IndexError for an id out of range.
Tensor cross_entropy(const Tensor& logits, const Tensor& target,
                     const CrossEntropyOptions& options = {});
/// (a − b)², shapes equal.
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::mean);
struct BinaryCrossEntropyOptions {
  Tensor weight = {};
  Tensor pos_weight = {};
  Reduction reduction = Reduction::mean;
};
/// −(pos_weight · t log σ(z) + (1 − t) log(1 − σ(z))), stable; shapes equal.
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const BinaryCrossEntropyOptions& options = {});

// ---- sample.cpp ----------------------------------------------------------------------------
/// Class ids drawn from weights [C] or [N, C] that need not sum to 1: int64 [num_samples] or
/// [N, num_samples].
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement,
                   Generator& generator);
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement = false);

}  // namespace rill
