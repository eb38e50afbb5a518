#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// The models that rill is measured on.
namespace rill::benchmarks {

enum class Kind { decoder, encoder, mlp };

/// A transformer and its batch (Kind::mlp has sizes of its own: 2-16-16-1, tanh, a batch of 64).
struct Recipe {
  std::string_view name;
  Kind kind = Kind::decoder;
  int64_t length = 0, layers = 0, heads = 0, width = 0, batch = 0;
  double dropout = 0;
};

inline constexpr int64_t vocabulary = 65;

inline constexpr std::array<Recipe, 7> recipes{{
    {"nano", Kind::decoder, 64, 4, 4, 128, 12},  // nanoGPT's for a CPU
    {"nano-dropout", Kind::decoder, 64, 4, 4, 128, 12, 0.1},
    {"baby", Kind::decoder, 256, 6, 6, 384, 8, 0.2},
    {"encoder", Kind::encoder, 128, 4, 4, 256, 8},
    {"tiny", Kind::decoder, 32, 2, 4, 64, 16},
    {"micro", Kind::decoder, 16, 1, 2, 32, 4},
    {"mlp", Kind::mlp, 1, 2, 0, 16, 64},
}};

/// Multiplications and additions in the matrix products of a step: for each token 2 for a weight
/// (12C² in a layer, VC in the head) and 4TC in a layer's attention, and twice as many in backward.
/// Causal attention counts in full. An mlp has 304 weights, and no product leads back to its input.
constexpr int64_t flop_of_step(const Recipe& recipe) {
  if (recipe.kind == Kind::mlp) return 2 * recipe.batch * (304 + 304 + 272);
  const int64_t weights =
      12 * recipe.width * recipe.width * recipe.layers + vocabulary * recipe.width;
  const int64_t attention = 4 * recipe.layers * recipe.length * recipe.width;
  return 3 * recipe.batch * recipe.length * (2 * weights + attention);
}

// By hand: 3·12·64·(2(12·128²·4 + 65·128) + 4·4·64·128), and 3·4·16·(2(12·32² + 65·32) + 4·16·32).
static_assert(flop_of_step(recipes[0]) == 3'964'207'104);
static_assert(flop_of_step(recipes[5]) == 5'910'528);

}  // namespace rill::benchmarks
