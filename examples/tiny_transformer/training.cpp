#include "training.h"

#include <rill/core/autograd.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "../support/stop_signal.h"
#include "progress.h"

namespace tiny_transformer {

using rill::Tensor;

namespace {

Batch random_batch(const std::vector<int64_t>& tokens, const Options& options,
                   rill::Generator& generator) {
  const auto last = static_cast<int64_t>(tokens.size()) - options.block_size;
  const Tensor starts = rill::randint(0, last, {options.batch_size}, generator);
  return blocks_at(tokens, starts.to_vector<int64_t>(), options.block_size);
}

/// The mean loss over `eval_iters` random batches.
double estimated_loss(const rill::nn::LanguageModel& model, const std::vector<int64_t>& tokens,
                      const Options& options, rill::Generator& generator) {
  const rill::NoGradGuard no_grad;
  model.eval();
  double total = 0;
  for (int64_t i = 0; i < options.eval_iters; ++i) {
    const Batch batch = random_batch(tokens, options, generator);
    total += model.loss(batch.ids, batch.targets).item();
  }
  model.train();
  return total / static_cast<double>(options.eval_iters);
}

/// Matrices decay, biases and gains do not.
rill::optim::AdamW make_optimizer(const rill::nn::LanguageModel& model, const Options& options) {
  rill::optim::AdamWOptions decayed{.lr = options.learning_rate,
                                    .beta1 = options.beta1,
                                    .beta2 = options.beta2,
                                    .weight_decay = options.weight_decay};
  rill::optim::AdamWOptions plain = decayed;
  plain.weight_decay = 0;
  std::vector<Tensor> matrices;
  std::vector<Tensor> vectors;
  for (const Tensor& parameter : model.parameters())
    (parameter.dims() >= 2 ? matrices : vectors).push_back(parameter);
  return rill::optim::AdamW({{matrices, decayed}, {vectors, plain}});
}

class Trainer {
 public:
  Trainer(const rill::nn::LanguageModel& model, const Corpus& corpus, const Options& options,
          MetricsFile& file)
      : model_(model),
        corpus_(corpus),
        options_(options),
        file_(file),
        progress_(options.max_iters),
        optimizer_(make_optimizer(model, options)),
        scheduler_(optimizer_, options.warmup_iters, options.lr_decay_iters, options.min_lr),
        parameters_(model.parameters()),
        batches_(generator_for(Draws::batches, options)) {}

  bool run() {
    const examples::StopSignals heeded;
    model_.train();
    int64_t step = 0;
    for (; step < options_.max_iters && examples::stop_signal() == 0; ++step) {
      latest_.step = step;
      latest_.lr = scheduler_.last_lr();
      if (step % options_.eval_interval == 0) evaluate();
      one_step();
      progress_.step(latest_);
    }
    latest_.step = step;
    if (step < options_.max_iters) say_stopped();
    evaluate();
    return step == options_.max_iters;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void one_step() {
    const Clock::time_point start = Clock::now();
    const Batch batch = random_batch(corpus_.train, options_, batches_);
    optimizer_.zero_grad();
    const Tensor loss = model_.loss(batch.ids, batch.targets);
    loss.backward();
    const double largest =
        options_.grad_clip > 0 ? options_.grad_clip : std::numeric_limits<double>::max();
    latest_.grad_norm = rill::optim::clip_grad_norm_(parameters_, largest);
    if (is_finite(loss.item())) optimizer_.step();
    scheduler_.step();
    seconds_ += std::chrono::duration<double>(Clock::now() - start).count();
    tokens_ += static_cast<double>(batch.ids.numel());
    latest_.tokens_per_s = tokens_ / seconds_;
  }

  /// Whether the step may be taken; throws where training is to stop instead.
  bool is_finite(double loss) const {
    if (std::isfinite(loss) && std::isfinite(latest_.grad_norm)) return true;
    const std::string found = fmt::format("step {}: the loss is {}, the norm of the gradient {}",
                                          latest_.step, loss, latest_.grad_norm);
    if (options_.on_nonfinite == OnNonFinite::stop)
      throw std::runtime_error(found +
                               "; the weights are as before this step; try a lower "
                               "--learning-rate, or --on-nonfinite skip");
    spdlog::warn("{}: skipped", found);
    return false;
  }

  void say_stopped() {
    progress_.clear();
    examples::say_stopped(fmt::format("after step {} of {}", latest_.step, options_.max_iters));
  }

  void evaluate() {
    // The same batches always.
    rill::Generator generator = generator_for(Draws::evaluation, options_);
    latest_.train_loss = estimated_loss(model_, corpus_.train, options_, generator);
    latest_.val_loss = estimated_loss(model_, corpus_.validation, options_, generator);
    file_.write(latest_);
    progress_.evaluation(latest_);
    seconds_ = tokens_ = 0;
  }

  const rill::nn::LanguageModel& model_;
  const Corpus& corpus_;
  const Options& options_;
  MetricsFile& file_;
  Progress progress_;
  rill::optim::AdamW optimizer_;
  rill::optim::WarmupCosineLR scheduler_;
  std::vector<Tensor> parameters_;
  rill::Generator batches_;
  Metrics latest_;
  double seconds_ = 0;  // of steps since the last evaluation
  double tokens_ = 0;
};

}  // namespace

Batch blocks_at(const std::vector<int64_t>& tokens, const std::vector<int64_t>& starts,
                int64_t block_size) {
  std::vector<int64_t> ids;
  std::vector<int64_t> targets;
  for (const int64_t start : starts) {
    ids.insert(ids.end(), tokens.begin() + start, tokens.begin() + start + block_size);
    targets.insert(targets.end(), tokens.begin() + start + 1,
                   tokens.begin() + start + block_size + 1);
  }
  const rill::Shape shape{static_cast<int64_t>(starts.size()), block_size};
  return {rill::from_vector(ids, shape), rill::from_vector(targets, shape)};
}

double whole_loss(const rill::nn::LanguageModel& model, const std::vector<int64_t>& tokens,
                  std::optional<int64_t> length) {
  const rill::NoGradGuard no_grad;
  model.eval();
  const int64_t block = length.value_or(model.options().block_size);
  const int64_t count = (static_cast<int64_t>(tokens.size()) - 1) / block;
  constexpr int64_t at_once = 64;
  double total = 0;
  for (int64_t first = 0; first < count; first += at_once) {
    std::vector<int64_t> starts;
    for (int64_t i = first; i < std::min(first + at_once, count); ++i) starts.push_back(i * block);
    const Batch batch = blocks_at(tokens, starts, block);
    total += model.loss(batch.ids, batch.targets).item() * static_cast<double>(starts.size());
  }
  return total / static_cast<double>(count);
}

bool train(const rill::nn::LanguageModel& model, const Corpus& corpus, const Options& options,
           MetricsFile& metrics) {
  return Trainer(model, corpus, options, metrics).run();
}

}  // namespace tiny_transformer
