#include "stubs.h"

// What learners begin with, each as it is.
#pragma GCC diagnostic ignored "-Wunused-parameter"
// clang-format off
#include "examples/tasks/to_do/01_tanh_row.cpp"
#include "examples/tasks/to_do/02_relu_row.cpp"
#include "examples/tasks/to_do/03_softsign_row.cpp"
#include "examples/tasks/to_do/04_mean_row.cpp"
#include "examples/tasks/to_do/05_bias_row.cpp"
#include "examples/tasks/to_do/06_scale_rows.cpp"
#include "examples/tasks/to_do/07_two_paths_row.cpp"
#include "examples/tasks/to_do/08_accumulate.cpp"
#include "examples/tasks/to_do/09_matmul_rows.cpp"
#include "examples/tasks/to_do/10_embedding_row.cpp"
#include "examples/tasks/to_do/11_my_softmax.cpp"
#include "examples/tasks/to_do/12_softmax_row.cpp"
#include "examples/tasks/to_do/13_my_cross_entropy.cpp"
#include "examples/tasks/to_do/14_cross_entropy_row.cpp"
#include "examples/tasks/to_do/15_next_probabilities.cpp"
#include "examples/tasks/to_do/16_my_layer_norm.cpp"
#include "examples/tasks/to_do/17_my_rms_norm.cpp"
#include "examples/tasks/to_do/18_my_dropout.cpp"
#include "examples/tasks/to_do/19_straight_through.cpp"
#include "examples/tasks/to_do/20_sinusoids.cpp"
#include "examples/tasks/to_do/21_learned_positions.cpp"
#include "examples/tasks/to_do/22_embedding_sum.cpp"
#include "examples/tasks/to_do/23_turn_by_position.cpp"
#include "examples/tasks/to_do/24_alibi_bias.cpp"
#include "examples/tasks/to_do/25_my_causal_mask.cpp"
#include "examples/tasks/to_do/26_my_attention.cpp"
#include "examples/tasks/to_do/27_momentum_step.cpp"
#include "examples/tasks/to_do/28_adam_step.cpp"
#include "examples/tasks/to_do/29_clip_by_norm.cpp"
// clang-format on

namespace planted {

std::vector<tasks::Function> stubs() {
  return {tanh_row,          relu_row,      softsign_row,     mean_row,          bias_row,
          scale_rows,        two_paths_row, accumulate,       matmul_rows,       embedding_row,
          my_softmax,        softmax_row,   my_cross_entropy, cross_entropy_row, next_probabilities,
          my_layer_norm,     my_rms_norm,   my_dropout,       straight_through,  sinusoids,
          learned_positions, embedding_sum, turn_by_position, alibi_bias,        my_causal_mask,
          my_attention,      momentum_step, adam_step,        clip_by_norm};
}

}  // namespace planted
