#include "resume.h"

#include <rill/core/error.h>
#include <spdlog/fmt/fmt.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace tiny_transformer {
namespace {

namespace fs = std::filesystem;

/// FNV-1a of the tokens.
uint64_t hash_of(const std::vector<int64_t>& tokens, uint64_t hash = 0xcbf29ce484222325) {
  for (const int64_t token : tokens) hash = (hash ^ static_cast<uint64_t>(token)) * 0x100000001b3;
  return hash;
}

std::string describe(const Corpus& corpus) {
  return fmt::format("{} tokens to train on and {} to validate (hash {:016x})", corpus.train.size(),
                     corpus.validation.size(), hash_of(corpus.validation, hash_of(corpus.train)));
}

std::string name_of(Tokens tokens) {
  return tokens == Tokens::bpe ? "bpe" : tokens == Tokens::chars ? "chars" : "bytes";
}

std::string path_to_resume(const Options& options) {
  const std::string path = options.resume->empty() ? options.out_dir : *options.resume;
  if (!fs::exists(path))
    throw std::invalid_argument("--resume: there is no folder or file " + path);
  return path;
}

rill::Checkpoint load(const std::string& path) {
  if (!fs::is_directory(path)) return rill::load_checkpoint(path);
  std::optional<rill::Checkpoint> newest;
  try {
    newest = rill::CheckpointFolder(path).load_newest();
  } catch (const rill::Error& error) {
    throw std::runtime_error(error.what() +
                             std::string(" (--resume takes the path of a file too)"));
  }
  if (!newest) throw std::invalid_argument("--resume: the folder " + path + " has no checkpoint");
  return *std::move(newest);
}

void check(const rill::Checkpoint& checkpoint, const rill::Metadata& configuration,
           const Options& options) {
  try {
    checkpoint.want_configuration(configuration);
  } catch (const rill::ValueError& error) {
    throw std::invalid_argument(std::string("--resume: ") + error.what());
  }
  if (checkpoint.step > options.max_iters)
    throw std::invalid_argument(
        fmt::format("--resume: {} steps were made, more than --max-iters {}", checkpoint.step,
                    options.max_iters));
}

bool is_in_out_folder(const std::string& resumed, const Options& options) {
  const fs::path folder =
      fs::is_directory(resumed) ? fs::path(resumed) : fs::absolute(resumed).parent_path();
  std::error_code error;
  return fs::equivalent(folder, options.out_dir, error);
}

}  // namespace

rill::Metadata configuration_of(const Options& o, const Corpus& corpus) {
  return {{"text", describe(corpus)},
          {"tokenizer", name_of(o.tokenizer)},
          {"vocab-size", std::to_string(corpus.vocab_size())},
          {"position", rill::nn::name_of(o.position)},
          {"embedding-scale", o.embedding_scale ? exact(*o.embedding_scale) : "the default"},
          {"batch-size", std::to_string(o.batch_size)},
          {"gradient-accumulation-steps", std::to_string(o.gradient_accumulation_steps)},
          {"block-size", std::to_string(o.block_size)},
          {"n-layer", std::to_string(o.n_layer)},
          {"n-head", std::to_string(o.n_head)},
          {"n-embd", std::to_string(o.n_embd)},
          {"dropout", exact(o.dropout)},
          {"learning-rate", exact(o.learning_rate)},
          {"min-lr", exact(o.min_lr)},
          {"warmup-iters", std::to_string(o.warmup_iters)},
          {"lr-decay-iters", std::to_string(o.lr_decay_iters)},
          {"weight-decay", exact(o.weight_decay)},
          {"beta1", exact(o.beta1)},
          {"beta2", exact(o.beta2)},
          {"grad-clip", exact(o.grad_clip)},
          {"eval-iters", std::to_string(o.eval_iters)},
          {"seed", std::to_string(o.seed)}};
}

Checkpoints checkpoints_of(const Options& options, const Corpus& corpus) {
  Checkpoints out{.configuration = configuration_of(options, corpus)};
  if (options.checkpoint_interval != 0)
    out.folder.emplace(options.out_dir,
                       rill::CheckpointFolderOptions{.keep = options.keep_checkpoints});
  if (!options.resume) return out;
  const std::string path = path_to_resume(options);
  out.from = load(path);
  check(*out.from, out.configuration, options);
  out.from_path = path;
  out.is_own_folder = is_in_out_folder(path, options);
  return out;
}

}  // namespace tiny_transformer
