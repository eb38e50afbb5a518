#pragma once

#include <string>
#include <vector>

#include <rill/nn/positions/encoding.h>

namespace rill::nn {

/// How a model is told where each token stands.
enum class Position {
  none,
  sinusoidal,          // PositionalEncoding, added to the input
  sinusoidal_t2t,      // the same in tensor2tensor's layout
  learned,             // LearnedPositionalEncoding, added to the input
  rotary,              // RotaryEncoding of queries and keys, pairs (i, i + d/2)
  rotary_interleaved,  // the same, pairs (2i, 2i + 1)
  alibi,               // ALiBi, added to the scores
  t5                   // RelativePositionBias, added to the scores
};

/// All of them, and how each is written on a command line.
const std::vector<std::pair<std::string, Position>>& position_names();
/// "rotary_interleaved".
const std::string& name_of(Position position);
/// Whether its encoding is of sinusoids, beside which embeddings must not be small.
bool is_sinusoidal(Position position);

struct EncodingSizes {
  int64_t d_model = 0, num_heads = 0;
  /// The longest sequence: tables have so many rows.
  int64_t max_len = 0;
  /// Keys after the query are seen too, as in an encoder.
  bool bidirectional = false;
};

/// The encoding for a model of these sizes, without dropout of its own.
AnyEncoding make_encoding(Position position, const EncodingSizes& sizes);

}  // namespace rill::nn
