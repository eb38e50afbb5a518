#include "options.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>

#include "../support/command_line.h"

namespace tiny_transformer {
namespace {

using examples::add_choice;
using examples::add_number;

constexpr double any = std::numeric_limits<double>::max();
constexpr int64_t many = 1'000'000'000;

void add_tokenizer_options(CLI::App& app, Options& o) {
  add_choice<Tokens>(app, "--tokenizer", o.tokenizer,
                     {{"bytes", Tokens::bytes}, {"chars", Tokens::chars}, {"bpe", Tokens::bpe}},
                     "What a token is: a byte, a character, or bytes that often stand together");
  add_number(app, "--vocab-size", o.vocab_size, 256, 1 << 20, "Tokens of bpe, its 256 bytes too")
      ->default_str(std::to_string(default_vocab_size));
}

void add_model_options(CLI::App& app, Options& o) {
  add_choice(app, "--position", o.position, rill::nn::position_names(),
             "How it learns where a token stands");
  add_number(app, "--embedding-scale", o.embedding_scale, 1e-6, any,
             "What token embeddings are multiplied by")
      ->default_str("√n_embd beside sinusoids, else 1");
  add_number(app, "--block-size", o.block_size, 1, 65536, "Tokens that it sees at once");
  add_number(app, "--n-layer", o.n_layer, 1, 1000, "Blocks");
  add_number(app, "--n-head", o.n_head, 1, 1000, "Attention heads a block");
  add_number(app, "--n-embd", o.n_embd, 1, 65536, "Width");
  add_number(app, "--dropout", o.dropout, 0, 1, "Share dropped in training");
}

void add_training_options(CLI::App& app, Options& o) {
  add_number(app, "--batch-size", o.batch_size, 1, 65536, "Blocks a step");
  add_number(app, "--gradient-accumulation-steps", o.gradient_accumulation_steps, 1, 65536,
             "Batches whose gradients make one step; ranks share them");
  add_number(app, "--learning-rate", o.learning_rate, 0, any, "Highest learning rate");
  add_number(app, "--min-lr", o.min_lr, 0, any, "Learning rate at the end");
  add_number(app, "--warmup-iters", o.warmup_iters, 0, many, "Steps to the highest learning rate");
  add_number(app, "--lr-decay-iters", o.lr_decay_iters, 0, many,
             "Step at which --min-lr is reached");
  add_number(app, "--max-iters", o.max_iters, 0, many, "Steps");
  add_number(app, "--weight-decay", o.weight_decay, 0, any, "AdamW's decay of matrices");
  add_number(app, "--beta1", o.beta1, 0, 0.999999999, "AdamW's first beta");
  add_number(app, "--beta2", o.beta2, 0, 0.999999999, "AdamW's second beta");
  add_number(app, "--grad-clip", o.grad_clip, 0, any,
             "Largest norm of the gradient; 0 for no clipping");
  add_choice<OnNonFinite>(app, "--on-nonfinite", o.on_nonfinite,
                          {{"stop", OnNonFinite::stop}, {"skip", OnNonFinite::skip}},
                          "What a loss or gradient of NaN or inf does");
  add_number(app, "--eval-interval", o.eval_interval, 1, many,
             "Steps from one evaluation to the next");
  add_number(app, "--eval-iters", o.eval_iters, 1, many, "Batches an evaluation");
  add_number(app, "--seed", o.seed, 0, 1'000'000'000'000'000, "Seed of all random numbers");
  add_number(app, "--threads", o.threads, 0, 1024, "Threads; 0 takes OpenMP's setting");
  app.add_flag("--watch", o.watch,
               "Watch gradients: gradients.html, flow_first.html, flow_last.html, and warnings")
      ->default_str("false");
}

void add_checkpoint_options(CLI::App& app, Options& o) {
  add_number(app, "--checkpoint-interval", o.checkpoint_interval, 0, many,
             "Steps from one checkpoint to the next, and one where it ends; 0 for none")
      ->default_str("--eval-interval");
  add_number(app, "--keep-checkpoints", o.keep_checkpoints, 1, many,
             "Last checkpoints that stay, beside the one of the lowest val_loss");
  app.add_option(
         "--resume", o.resume,
         "Goes on from the newest checkpoint of a folder (--out-dir where none is named) or "
         "from a file. All flags must be as they were but --out-dir, --threads, "
         "--max-iters, --eval-interval, --on-nonfinite, those of checkpoints and those of "
         "samples; --text may lie elsewhere")
      ->expected(0, 1)
      ->type_name("[FOLDER or FILE]");
}

void add_sampling_options(CLI::App& app, Options& o) {
  add_number(app, "--temperature", o.temperature, 0, any,
             "Below 1 writes likelier tokens; 0 the likeliest");
  add_number(app, "--top-k", o.top_k, 1, many, "Writes one of the k likeliest tokens");
  app.add_option("--prompt", o.prompt, "What a sample begins with")
      ->default_str("a line feed, or what the text begins with");
  add_number(app, "--num-samples", o.num_samples, 0, 100000, "Samples at the end");
  add_number(app, "--max-new-tokens", o.max_new_tokens, 1, 1000000, "Length of a sample");
}

}  // namespace

void spread_over_run(Options& options) {
  options.lr_decay_iters = options.max_iters;
  options.warmup_iters = std::min<int64_t>(100, options.max_iters / 10);
  options.eval_interval = std::max<int64_t>(1, options.max_iters / 4);
}

rill::Generator generator_for(Draws purpose, const Options& options) {
  rill::Generator generator(static_cast<uint64_t>(options.seed));
  generator.set_offset(static_cast<uint64_t>(purpose) << 48);
  return generator;
}

void add_flags(CLI::App& app, Options& options) {
  app.add_option("--text", options.text, "Text to train on; the dictionary's words without it")
      ->check(CLI::ExistingFile);
  examples::add_out_dir(app, options.out_dir,
                        "Folder for metrics.csv, report.html, model.safetensors and checkpoints");
  add_tokenizer_options(app, options);
  add_model_options(app, options);
  add_training_options(app, options);
  add_checkpoint_options(app, options);
  add_sampling_options(app, options);
}

void check_together(const Options& o, int ranks) {
  if (o.gradient_accumulation_steps < ranks)
    throw CLI::ValidationError(
        "--gradient-accumulation-steps",
        fmt::format("{} ranks share the batches of a step, and there is no more than {}: give at "
                    "least {}, and a smaller --batch-size",
                    ranks, o.gradient_accumulation_steps, ranks));
  if (o.vocab_size && o.tokenizer != Tokens::bpe)
    throw CLI::ValidationError("--vocab-size", "only --tokenizer bpe has a choice of sizes");
  if (o.n_embd % o.n_head != 0)
    throw CLI::ValidationError("--n-head", std::to_string(o.n_head) +
                                               " heads do not divide a width (--n-embd) of " +
                                               std::to_string(o.n_embd));
  if (o.lr_decay_iters < o.warmup_iters)
    throw CLI::ValidationError("--lr-decay-iters", std::to_string(o.lr_decay_iters) +
                                                       " is below --warmup-iters " +
                                                       std::to_string(o.warmup_iters));
  if (o.prompt && o.prompt->empty()) throw CLI::ValidationError("--prompt", "it must not be empty");
}

Settings settings_of(const CLI::App& app) {
  Settings settings;
  for (const CLI::Option* option : app.get_options())
    if (option->get_name() != "--help")
      settings.emplace_back(option->get_name(), option->count() > 0 ? option->results().back()
                                                                    : option->get_default_str());
  return settings;
}

}  // namespace tiny_transformer
