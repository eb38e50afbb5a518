#pragma once

#include <rill/core/tensor.h>

// What encodings of positions are called elsewhere: see <rill/core/absent_names.h>.

namespace rill::nn {

// clang-format off
struct LearnedPositionalEmbedding { LearnedPositionalEmbedding(...) = delete; };  // LearnedPositionalEncoding(d_model, {.dropout = 0.1, .max_len = 512})
struct RotaryEmbedding { RotaryEmbedding(...) = delete; };    // RotaryEncoding().rotate(q), and of k
struct RotaryPositionalEmbedding { RotaryPositionalEmbedding(...) = delete; };  // RotaryEncoding().rotate(q), and of k
struct RotaryPositionalEncoding { RotaryPositionalEncoding(...) = delete; };  // RotaryEncoding().rotate(q), and of k
struct SegmentEncoding { SegmentEncoding(...) = delete; };    // SegmentEmbedding(d_model, num_segments)
struct SinusoidalEncoding { SinusoidalEncoding(...) = delete; };  // PositionalEncoding(d_model), or sinusoidal_table(length, d_model)
struct SinusoidalPositionalEncoding { SinusoidalPositionalEncoding(...) = delete; };  // PositionalEncoding(d_model), or sinusoidal_table(length, d_model)

Tensor alibi_bias(...) = delete;               // ALiBi(num_heads).bias(queries, keys)
Tensor apply_rotary_emb(...) = delete;         // RotaryEncoding({.pairs = RotaryPairs::interleaved}).rotate(q), and of k
Tensor apply_rotary_pos_emb(...) = delete;     // RotaryEncoding().rotate(q), and of k
Tensor get_alibi_slopes(...) = delete;         // alibi_slopes(num_heads)
Tensor positional_encoding(...) = delete;      // sinusoidal_table(length, d_model)
Tensor precompute_freqs_cis(...) = delete;     // RotaryEncoding({.base = 10000, .pairs = RotaryPairs::interleaved}) makes them itself
Tensor relative_position_bias(...) = delete;   // RelativePositionBias(num_heads).bias(queries, keys)
Tensor rotate_half(...) = delete;              // RotaryEncoding().rotate(q), and of k
Tensor sinusoidal_embedding(...) = delete;     // sinusoidal_table(length, d_model)
Tensor sinusoidal_encoding(...) = delete;      // sinusoidal_table(length, d_model)
Tensor sinusoidal_positional_encoding(...) = delete;  // sinusoidal_table(length, d_model)
// clang-format on

}  // namespace rill::nn
