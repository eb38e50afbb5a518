#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/random.h>
#include <rill/nn/decoder.h>

namespace CLI {
class App;
}

namespace tiny_transformer {

enum class OnNonFinite { stop, skip };

/// A checkpoint_interval: as eval_interval.
constexpr int64_t at_evaluations = -1;

/// What a token is: a byte, a character, or bytes that often stand together.
enum class Tokens { bytes, chars, bpe };
constexpr int64_t default_vocab_size = 1024;

/// The command line: nanoGPT's names, and the defaults of its recipe for a CPU.
struct Options {
  std::string text;  // a file; the dictionary's words where empty
  std::string out_dir = "out";
  Tokens tokenizer = Tokens::bytes;
  std::optional<int64_t> vocab_size;  // of bpe alone; default_vocab_size where it is not given
  rill::nn::Position position = rill::nn::Position::learned;
  std::optional<double> embedding_scale;

  int64_t batch_size = 12;
  int64_t gradient_accumulation_steps = 1;
  int64_t block_size = 64;
  int64_t n_layer = 4;
  int64_t n_head = 4;
  int64_t n_embd = 128;
  double dropout = 0;

  double learning_rate = 1e-3;
  double min_lr = 1e-4;
  int64_t warmup_iters = 100;
  int64_t lr_decay_iters = 2000;
  int64_t max_iters = 2000;
  double weight_decay = 0.1;
  double beta1 = 0.9;
  double beta2 = 0.99;
  double grad_clip = 1;
  OnNonFinite on_nonfinite = OnNonFinite::stop;

  int64_t eval_interval = 250;
  int64_t eval_iters = 20;
  int64_t seed = 1337;
  int64_t threads = 0;  // 0: as OpenMP says

  bool watch = false;

  int64_t checkpoint_interval = at_evaluations;  // 0: never
  int64_t keep_checkpoints = 2;
  std::optional<std::string> resume;  // a folder or a file; the out folder where empty

  double temperature = 0.8;
  int64_t top_k = 200;
  std::optional<std::string> prompt;
  int64_t num_samples = 10;
  int64_t max_new_tokens = 500;
};

/// For runs of any length: the learning rate falls over the whole run, and the loss is looked at
/// five times.
void spread_over_run(Options& options);

/// What random numbers are for.
enum class Draws : uint64_t { weights, words, batches, evaluation };

/// The seed's stream of random numbers from a far place on that is the purpose's own, so that no
/// number serves twice: batches have nothing to do with weights.
rill::Generator generator_for(Draws purpose, const Options& options);

void add_flags(CLI::App& app, Options& options);

/// Throws CLI::ValidationError where two of them contradict each other, or leave some of `ranks`
/// without work.
void check_together(const Options& options, int ranks = 1);

/// Every flag with its value, as text.
using Settings = std::vector<std::pair<std::string, std::string>>;
Settings settings_of(const CLI::App& app);

}  // namespace tiny_transformer
