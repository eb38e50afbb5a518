#pragma once

// Layers and functions of PyTorch's that rill goes without: see <rill/core/absent_names.h>.

namespace rill::nn {

// clang-format off
struct BCELoss { BCELoss(...) = delete; };            // BCEWithLogitsLoss
struct BatchNorm1d { BatchNorm1d(...) = delete; };    // LayerNorm or RMSNorm
struct BatchNorm2d { BatchNorm2d(...) = delete; };    // LayerNorm or RMSNorm
struct Bilinear { Bilinear(...) = delete; };          // a layer of your own: examples/06_own_layer.cpp
struct Conv1d { Conv1d(...) = delete; };              // Linear, on windows of the input; rill has no convolutions
struct Conv2d { Conv2d(...) = delete; };              // Linear, on patches of the input; rill has no convolutions
struct ELU { ELU(...) = delete; };                    // [](const Tensor& x) { return where(x > 0, x, exp(x) - 1); }
struct EmbeddingBag { EmbeddingBag(...) = delete; };  // Embedding, and mean(1) of what it gives
struct GLU { GLU(...) = delete; };                    // a * sigmoid(b), of the halves x.chunk(2, -1)
struct GRU { GRU(...) = delete; };                    // TransformerEncoder; rill has no recurrent layers
struct GroupNorm { GroupNorm(...) = delete; };        // LayerNorm or RMSNorm
struct InstanceNorm1d { InstanceNorm1d(...) = delete; };  // LayerNorm or RMSNorm
struct LSTM { LSTM(...) = delete; };                  // TransformerEncoder; rill has no recurrent layers
struct LogSigmoid { LogSigmoid(...) = delete; };      // [](const Tensor& x) { return -softplus(-x); }
struct Mish { Mish(...) = delete; };                  // [](const Tensor& x) { return x * tanh(softplus(x)); }
template <class...>
struct ModuleDict { ModuleDict(...) = delete; };      // ModuleList, or register_module(name, layer)
struct PReLU { PReLU(...) = delete; };                // a layer of your own: examples/06_own_layer.cpp
struct ParameterList { ParameterList(...) = delete; };    // register_parameter(name, tensor)
struct RNN { RNN(...) = delete; };                    // TransformerEncoder; rill has no recurrent layers
struct RotaryPositionalEncoding { RotaryPositionalEncoding(...) = delete; };  // RotaryEncoding().rotate(q), and of k
struct SinusoidalPositionalEncoding { SinusoidalPositionalEncoding(...) = delete; };  // PositionalEncoding
struct Unflatten { Unflatten(...) = delete; };        // [](const Tensor& x) { return x.unflatten(1, {2, 3}); }

Tensor causal_mask(...) = delete;         // {.is_causal = true}, or .attn_mask = !(tril(ones({n, n})) > 0)
double clip_grad_norm_(...) = delete;     // optim::clip_grad_norm_ or nn::utils::clip_grad_norm_
void clip_grad_value_(...) = delete;      // optim::clip_grad_value_ or nn::utils::clip_grad_value_

namespace init {
void orthogonal_(...) = delete;           // xavier_uniform_(w), kaiming_uniform_(w) or normal_(w, 0, std)
}  // namespace init

namespace utils {
namespace rnn {
void pack_padded_sequence(...) = delete;  // pad_sequence(sequences) and padding_mask(sequences)
void pad_sequence(...) = delete;          // rill::pad_sequence(sequences, padding_value): the batch comes first
}  // namespace rnn
}  // namespace utils
// clang-format on

}  // namespace rill::nn
