#include <rill/nn/positions/position.h>

#include <rill/core/error.h>
#include <rill/nn/positions/alibi.h>
#include <rill/nn/positions/learned_positional_encoding.h>
#include <rill/nn/positions/positional_encoding.h>
#include <rill/nn/positions/relative_position_bias.h>
#include <rill/nn/positions/rotary_encoding.h>

namespace rill::nn {
namespace {

PositionalEncoding sinusoids(const EncodingSizes& sizes, SinusoidalLayout layout) {
  return PositionalEncoding(sizes.d_model,
                            {.dropout = 0, .max_len = sizes.max_len, .layout = layout});
}

[[noreturn]] void refuse(Position position) {
  fail<ValueError>("there is no Position ", static_cast<int>(position), ": see position_names()");
}

}  // namespace

const std::vector<std::pair<std::string, Position>>& position_names() {
  static const std::vector<std::pair<std::string, Position>> names{
      {"none", Position::none},
      {"sinusoidal", Position::sinusoidal},
      {"sinusoidal_t2t", Position::sinusoidal_t2t},
      {"learned", Position::learned},
      {"rotary", Position::rotary},
      {"rotary_interleaved", Position::rotary_interleaved},
      {"alibi", Position::alibi},
      {"t5", Position::t5}};
  return names;
}

const std::string& name_of(Position position) {
  for (const auto& [name, named] : position_names())
    if (named == position) return name;
  refuse(position);
}

bool is_sinusoidal(Position position) {
  return position == Position::sinusoidal || position == Position::sinusoidal_t2t;
}

AnyEncoding make_encoding(Position position, const EncodingSizes& sizes) {
  switch (position) {
    case Position::none: return {};
    case Position::sinusoidal: return sinusoids(sizes, SinusoidalLayout::interleaved);
    case Position::sinusoidal_t2t: return sinusoids(sizes, SinusoidalLayout::tensor2tensor);
    case Position::learned:
      return LearnedPositionalEncoding(sizes.d_model, {.dropout = 0, .max_len = sizes.max_len});
    case Position::rotary: return RotaryEncoding();
    case Position::rotary_interleaved: return RotaryEncoding({.pairs = RotaryPairs::interleaved});
    case Position::alibi: return ALiBi(sizes.num_heads);
    case Position::t5:
      return RelativePositionBias(sizes.num_heads, {.bidirectional = sizes.bidirectional});
  }
  refuse(position);
}

}  // namespace rill::nn
