#pragma once

#include <rill/core/tensor.h>

// Layers and functions of PyTorch's that rill goes without: see <rill/core/absent_names.h>.

namespace rill::nn {

// clang-format off
struct AdaptiveAvgPool1d { AdaptiveAvgPool1d(...) = delete; };  // [](const Tensor& x) { return x.unflatten(-1, {n, -1}).mean(-1); }
struct AdaptiveAvgPool2d { AdaptiveAvgPool2d(...) = delete; };  // [](const Tensor& x) { return x.mean({2, 3}); }, for one place
struct AlphaDropout { AlphaDropout(...) = delete; };  // Dropout
struct AvgPool1d { AvgPool1d(...) = delete; };        // [](const Tensor& x) { return x.unflatten(-1, {-1, size}).mean(-1); }
struct AvgPool2d { AvgPool2d(...) = delete; };        // rill has no convolutions: means of x.view({n, c, h, size, w, size})
struct BCELoss { BCELoss(...) = delete; };            // BCEWithLogitsLoss
struct BatchNorm1d { BatchNorm1d(...) = delete; };    // LayerNorm or RMSNorm
struct BatchNorm2d { BatchNorm2d(...) = delete; };    // LayerNorm or RMSNorm
struct BatchNorm3d { BatchNorm3d(...) = delete; };    // LayerNorm or RMSNorm
struct Bilinear { Bilinear(...) = delete; };          // a layer of your own: examples/06_own_layer.cpp
struct CELU { CELU(...) = delete; };                  // [](const Tensor& x) { return where(x > 0, x, exp(x) - 1); }
struct CTCLoss { CTCLoss(...) = delete; };            // CrossEntropyLoss, of a target for each step
struct ConstantPad1d { ConstantPad1d(...) = delete; };  // pad(x, sides, value)
struct Conv1d { Conv1d(...) = delete; };              // Linear, on windows of the input; rill has no convolutions
struct Conv2d { Conv2d(...) = delete; };              // Linear, on patches of the input; rill has no convolutions
struct Conv3d { Conv3d(...) = delete; };              // Linear, on patches of the input; rill has no convolutions
struct ConvTranspose1d { ConvTranspose1d(...) = delete; };  // Linear; rill has no convolutions
struct ConvTranspose2d { ConvTranspose2d(...) = delete; };  // Linear; rill has no convolutions
struct CosineEmbeddingLoss { CosineEmbeddingLoss(...) = delete; };  // 1 - cosine_similarity(a, b, -1)
struct CosineSimilarity { CosineSimilarity(...) = delete; };  // cosine_similarity(a, b, dim)
struct Dropout1d { Dropout1d(...) = delete; };        // Dropout
struct Dropout2d { Dropout2d(...) = delete; };        // Dropout
struct ELU { ELU(...) = delete; };                    // [](const Tensor& x) { return where(x > 0, x, exp(x) - 1); }
struct EmbeddingBag { EmbeddingBag(...) = delete; };  // Embedding, and mean(1) of what it gives
struct Fold { Fold(...) = delete; };                  // a layer of your own: examples/06_own_layer.cpp
struct GLU { GLU(...) = delete; };                    // a * sigmoid(b), of the halves x.chunk(2, -1)
struct GRU { GRU(...) = delete; };                    // TransformerEncoder; rill has no recurrent layers
struct GRUCell { GRUCell(...) = delete; };            // TransformerEncoder; rill has no recurrent layers
struct GaussianNLLLoss { GaussianNLLLoss(...) = delete; };  // 0.5 * (log(var) + (x - target).pow(2) / var)
struct GroupNorm { GroupNorm(...) = delete; };        // LayerNorm or RMSNorm
struct Hardshrink { Hardshrink(...) = delete; };      // [](const Tensor& x) { return where(abs(x) > 0.5, x, 0.0); }
struct Hardsigmoid { Hardsigmoid(...) = delete; };    // [](const Tensor& x) { return (x / 6 + 0.5).clamp(0, 1); }
struct Hardswish { Hardswish(...) = delete; };        // [](const Tensor& x) { return x * (x / 6 + 0.5).clamp(0, 1); }
struct Hardtanh { Hardtanh(...) = delete; };          // [](const Tensor& x) { return x.clamp(-1, 1); }
struct HingeEmbeddingLoss { HingeEmbeddingLoss(...) = delete; };  // where(y > 0, x, relu(margin - x)).mean()
struct InstanceNorm1d { InstanceNorm1d(...) = delete; };  // LayerNorm or RMSNorm
struct InstanceNorm2d { InstanceNorm2d(...) = delete; };  // LayerNorm or RMSNorm
struct InstanceNorm3d { InstanceNorm3d(...) = delete; };  // LayerNorm or RMSNorm
struct LSTM { LSTM(...) = delete; };                  // TransformerEncoder; rill has no recurrent layers
struct LSTMCell { LSTMCell(...) = delete; };          // TransformerEncoder; rill has no recurrent layers
struct LazyLinear { LazyLinear(...) = delete; };      // Linear(in, out)
struct LocalResponseNorm { LocalResponseNorm(...) = delete; };  // LayerNorm or RMSNorm
struct LogSigmoid { LogSigmoid(...) = delete; };      // [](const Tensor& x) { return -softplus(-x); }
struct MarginRankingLoss { MarginRankingLoss(...) = delete; };  // relu(margin - y * (a - b)).mean()
struct MaxPool1d { MaxPool1d(...) = delete; };        // [](const Tensor& x) { return x.unflatten(-1, {-1, size}).amax(-1); }
struct MaxPool2d { MaxPool2d(...) = delete; };        // rill has no convolutions: amax of x.view({n, c, h, size, w, size})
struct Mish { Mish(...) = delete; };                  // [](const Tensor& x) { return x * tanh(softplus(x)); }
struct MultiLabelSoftMarginLoss { MultiLabelSoftMarginLoss(...) = delete; };  // BCEWithLogitsLoss
struct MultiMarginLoss { MultiMarginLoss(...) = delete; };  // CrossEntropyLoss
struct PReLU { PReLU(...) = delete; };                // a layer of your own: examples/06_own_layer.cpp
struct PairwiseDistance { PairwiseDistance(...) = delete; };  // (a - b).pow(2).sum(-1).sqrt()
struct Parameter : Tensor { Parameter(...) = delete; };  // register_parameter(name, tensor)
struct ParameterDict { ParameterDict(...) = delete; };  // register_parameter(name, tensor)
struct ParameterList { ParameterList(...) = delete; };    // register_parameter(name, tensor)
struct PixelShuffle { PixelShuffle(...) = delete; };  // x.view({...}).permute({...}).reshape({...})
struct PoissonNLLLoss { PoissonNLLLoss(...) = delete; };  // (exp(x) - target * x).mean()
struct RNN { RNN(...) = delete; };                    // TransformerEncoder; rill has no recurrent layers
struct RNNCell { RNNCell(...) = delete; };            // TransformerEncoder; rill has no recurrent layers
struct RReLU { RReLU(...) = delete; };                // LeakyReLU
struct ReLU6 { ReLU6(...) = delete; };                // [](const Tensor& x) { return x.clamp(0, 6); }
struct ReflectionPad1d { ReflectionPad1d(...) = delete; };  // cat of x.flip(-1) and x
struct ReplicationPad1d { ReplicationPad1d(...) = delete; };  // cat of x and its last place
struct SELU { SELU(...) = delete; };                  // [](const Tensor& x) { return 1.0507 * where(x > 0, x, 1.67326 * (exp(x) - 1)); }
struct SoftMarginLoss { SoftMarginLoss(...) = delete; };  // softplus(-y * x).mean()
struct Softmin { Softmin(...) = delete; };            // [](const Tensor& x) { return softmax(-x, -1); }
struct Softshrink { Softshrink(...) = delete; };      // [](const Tensor& x) { return sign(x) * relu(abs(x) - 0.5); }
struct Softsign { Softsign(...) = delete; };          // [](const Tensor& x) { return x / (1 + abs(x)); }
struct SyncBatchNorm { SyncBatchNorm(...) = delete; };  // LayerNorm or RMSNorm
struct Tanhshrink { Tanhshrink(...) = delete; };      // [](const Tensor& x) { return x - tanh(x); }
struct TripletMarginLoss { TripletMarginLoss(...) = delete; };  // relu(d(anchor, positive) - d(anchor, negative) + margin).mean()
struct Unflatten { Unflatten(...) = delete; };        // [](const Tensor& x) { return x.unflatten(1, {2, 3}); }
struct Unfold { Unfold(...) = delete; };              // stack of x.narrow(dim, i, size), for each i
struct Upsample { Upsample(...) = delete; };          // x.repeat({...}), or index_select
struct ZeroPad1d { ZeroPad1d(...) = delete; };        // pad(x, sides, 0)
struct ZeroPad2d { ZeroPad2d(...) = delete; };        // pad(x, sides, 0)

Tensor causal_mask(...) = delete;         // {.is_causal = true}, or .attn_mask = !(tril(ones({n, n})) > 0)
double clip_grad_norm_(...) = delete;     // optim::clip_grad_norm_ or nn::utils::clip_grad_norm_
void clip_grad_value_(...) = delete;      // optim::clip_grad_value_ or nn::utils::clip_grad_value_

namespace init {
void dirac_(...) = delete;                // w.copy_(values)
void eye_(...) = delete;                  // w.copy_(eye(n))
void kaiming_normal(...) = delete;        // kaiming_normal_(w)
void kaiming_uniform(...) = delete;       // kaiming_uniform_(w)
void orthogonal_(...) = delete;           // xavier_uniform_(w), kaiming_uniform_(w) or normal_(w, 0, std)
void sparse_(...) = delete;               // w.mul_(bernoulli(full(w.shape(), p)))
void xavier_normal(...) = delete;         // xavier_normal_(w)
void xavier_uniform(...) = delete;        // xavier_uniform_(w)
}  // namespace init

namespace utils {
double clip_grad_norm(...) = delete;      // clip_grad_norm_
double get_total_norm(...) = delete;      // clip_grad_norm_(parameters, infinity) gives it
void spectral_norm(...) = delete;         // a layer of your own: examples/06_own_layer.cpp
void weight_norm(...) = delete;           // a layer of your own: examples/06_own_layer.cpp
namespace rnn {
void pack_padded_sequence(...) = delete;  // pad_sequence(sequences) and padding_mask(sequences)
void pad_sequence(...) = delete;          // rill::pad_sequence(sequences, padding_value): the batch comes first
}  // namespace rnn
}  // namespace utils
// clang-format on

}  // namespace rill::nn
