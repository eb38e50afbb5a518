#include "options.h"

#include <algorithm>
#include <limits>

#include "../support/command_line.h"

namespace tiny_transformer {
namespace {

using examples::add_choice;
using examples::between;

constexpr double any = std::numeric_limits<double>::max();
constexpr double many = 1e9;

void add_model_options(CLI::App& app, Options& o) {
  add_choice(app, "--position", o.position, rill::nn::position_names(),
             "How it learns where a token stands");
  app.add_option("--embedding-scale", o.embedding_scale, "What token embeddings are multiplied by")
      ->check(between(1e-6, any))
      ->default_str("√n_embd beside sinusoids, else 1");
  app.add_option("--block-size", o.block_size, "Tokens that it sees at once")
      ->check(between(1, 65536));
  app.add_option("--n-layer", o.n_layer, "Blocks")->check(between(1, 1000));
  app.add_option("--n-head", o.n_head, "Attention heads a block")->check(between(1, 1000));
  app.add_option("--n-embd", o.n_embd, "Width")->check(between(1, 65536));
  app.add_option("--dropout", o.dropout, "Share dropped in training")->check(between(0, 1));
}

void add_training_options(CLI::App& app, Options& o) {
  app.add_option("--batch-size", o.batch_size, "Blocks a step")->check(between(1, 65536));
  app.add_option("--learning-rate", o.learning_rate, "Highest learning rate")
      ->check(between(0, any));
  app.add_option("--min-lr", o.min_lr, "Learning rate at the end")->check(between(0, any));
  app.add_option("--warmup-iters", o.warmup_iters, "Steps to the highest learning rate")
      ->check(between(0, many));
  app.add_option("--lr-decay-iters", o.lr_decay_iters, "Step at which --min-lr is reached")
      ->check(between(0, many));
  app.add_option("--max-iters", o.max_iters, "Steps")->check(between(0, many));
  app.add_option("--weight-decay", o.weight_decay, "AdamW's decay of matrices")
      ->check(between(0, any));
  app.add_option("--beta1", o.beta1, "AdamW's first beta")->check(between(0, 0.999999999));
  app.add_option("--beta2", o.beta2, "AdamW's second beta")->check(between(0, 0.999999999));
  app.add_option("--grad-clip", o.grad_clip, "Largest norm of the gradient; 0 for no clipping")
      ->check(between(0, any));
  add_choice<OnNonFinite>(app, "--on-nonfinite", o.on_nonfinite,
                          {{"stop", OnNonFinite::stop}, {"skip", OnNonFinite::skip}},
                          "What a loss or gradient of NaN or inf does");
  app.add_option("--eval-interval", o.eval_interval, "Steps from one evaluation to the next")
      ->check(between(1, many));
  app.add_option("--eval-iters", o.eval_iters, "Batches an evaluation")->check(between(1, many));
  app.add_option("--seed", o.seed, "Seed of all random numbers")->check(between(0, 1e15));
  app.add_option("--threads", o.threads, "Threads; 0 takes OpenMP's setting")
      ->check(between(0, 1024));
}

void add_sampling_options(CLI::App& app, Options& o) {
  app.add_option("--temperature", o.temperature, "Below 1 writes likelier tokens; 0 the likeliest")
      ->check(between(0, any));
  app.add_option("--top-k", o.top_k, "Writes one of the k likeliest tokens")
      ->check(between(1, many));
  app.add_option("--prompt", o.prompt, "What a sample begins with")->default_str("a new line");
  app.add_option("--num-samples", o.num_samples, "Samples at the end")->check(between(0, 100000));
  app.add_option("--max-new-tokens", o.max_new_tokens, "Length of a sample")
      ->check(between(1, 1000000));
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
  app.add_option("--out-dir", options.out_dir, "Folder for metrics.csv and report.html");
  add_model_options(app, options);
  add_training_options(app, options);
  add_sampling_options(app, options);
}

void check_together(const Options& o) {
  if (o.n_embd % o.n_head != 0)
    throw CLI::ValidationError("--n-head", std::to_string(o.n_head) +
                                               " heads do not divide a width (--n-embd) of " +
                                               std::to_string(o.n_embd));
  if (o.lr_decay_iters < o.warmup_iters)
    throw CLI::ValidationError("--lr-decay-iters", std::to_string(o.lr_decay_iters) +
                                                       " is below --warmup-iters " +
                                                       std::to_string(o.warmup_iters));
  if (o.prompt.empty()) throw CLI::ValidationError("--prompt", "it must not be empty");
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
