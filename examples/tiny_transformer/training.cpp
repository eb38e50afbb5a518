#include "training.h"

#include <rill/core/autograd.h>
#include <rill/core/distributed/data_parallel.h>
#include <rill/core/ops.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "../support/progress.h"
#include "../support/stop_signal.h"

namespace tiny_transformer {

using rill::Tensor;

namespace {

std::vector<int64_t> random_starts(const std::vector<int64_t>& tokens, const Options& options,
                                   int64_t count, rill::Generator& generator) {
  const auto last = static_cast<int64_t>(tokens.size()) - options.block_size;
  return rill::randint(0, last, {count}, generator).to_vector<int64_t>();
}

/// The mean loss over `eval_iters` random batches, which the ranks share.
double estimated_loss(const rill::nn::LanguageModel& model, const std::vector<int64_t>& tokens,
                      const Options& options, rill::Generator& generator, rill::World& world) {
  const rill::NoGradGuard no_grad;
  const rill::nn::EvalGuard evaluating(model);
  const Tensor losses = rill::zeros({options.eval_iters}, rill::float64);
  for (int64_t i = 0; i < options.eval_iters; ++i) {
    const auto starts = random_starts(tokens, options, options.batch_size, generator);
    if (i % world.size() != world.rank()) continue;
    const Batch batch = blocks_at(tokens, starts, options.block_size);
    losses[i].fill_(model.loss(batch.ids, batch.targets).item());
  }
  world.all_reduce(losses);
  double total = 0;
  for (const double loss : losses.to_vector()) total += loss;
  return total / static_cast<double>(options.eval_iters);
}

/// Matrices decay, biases and gains do not.
rill::optim::AdamW make_optimizer(const rill::nn::LanguageModel& model, const Options& options) {
  rill::optim::AdamWOptions decayed{.lr = options.learning_rate,
                                    .betas = {options.beta1, options.beta2},
                                    .weight_decay = options.weight_decay};
  rill::optim::AdamWOptions plain = decayed;
  plain.weight_decay = 0;
  std::vector<Tensor> matrices;
  std::vector<Tensor> vectors;
  for (const Tensor& parameter : model.parameters())
    (parameter.dims() >= 2 ? matrices : vectors).push_back(parameter);
  return rill::optim::AdamW({{matrices, decayed}, {vectors, plain}});
}

/// The first tokens from `start` on, in quotes, for a line of text.
std::string beginning_of(const Corpus& corpus, int64_t start, int64_t block_size) {
  const auto from = corpus.train.begin() + start;
  std::string shown;
  for (const char c : corpus.tokenizer.decode({from, from + std::min<int64_t>(block_size, 20)}))
    if (c == '\n')
      shown += "\\n";
    else
      shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return '"' + shown + '"';
}

bool are_finite(const std::vector<Tensor>& tensors) {
  return std::ranges::all_of(tensors,
                             [](const Tensor& x) { return rill::isfinite(x).all().item<bool>(); });
}

void log_evaluation(const Metrics& m) {
  const std::string losses = fmt::format("step {:5}  train {:.4f}  val {:.4f}  lr {:.2e}", m.step,
                                         m.train_loss, m.val_loss, m.lr);
  if (std::isnan(m.grad_norm))
    spdlog::info(losses);
  else
    spdlog::info("{}  |grad| {:.3f}  {:.0f} tokens/s", losses, m.grad_norm, m.tokens_per_s);
}

class Trainer {
 public:
  Trainer(const rill::nn::LanguageModel& model, const Corpus& corpus, const Options& options,
          MetricsFile& file, rill::World& world, const Checkpoints& checkpoints,
          rill::inspect::GradientReport* gradients)
      : model_(model),
        corpus_(corpus),
        options_(options),
        file_(file),
        world_(world),
        checkpoints_(checkpoints),
        gradients_(gradients),
        is_own_folder_(checkpoints.is_own_folder),
        saved_(checkpoints.from_path),
        optimizer_(make_optimizer(model, options)),
        scheduler_(optimizer_, options.warmup_iters, options.lr_decay_iters, options.min_lr),
        parameters_(model.parameters()),
        batches_(generator_for(Draws::batches, options)) {
    if (checkpoints_.from) resume(*checkpoints_.from);
    if (options_.gradient_accumulation_steps > 1 || world_.size() > 1)
      parallel_.emplace(world_, model.named_parameters(), model.named_buffers());
  }

  bool run() {
    const examples::StopSignals heeded;
    model_.train();
    const int64_t first = latest_.step;
    examples::Progress progress("step", options_.max_iters, first);
    for (; latest_.step < options_.max_iters && !is_to_stop(); ++latest_.step) {
      latest_.lr = scheduler_.last_lr();
      if (latest_.step % options_.eval_interval == 0) evaluate();
      if (latest_.step > first && is_checkpoint_due()) save();
      progress.advance(one_step());
    }
    latest_.lr = scheduler_.last_lr();  // of a step that may follow when this is resumed
    const bool is_done = latest_.step == options_.max_iters;
    if (!is_done) stop();
    evaluate();
    if (is_done) save();
    return is_done;
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// Returns the loss.
  double one_step() {
    const Clock::time_point start = Clock::now();
    starts_ = random_starts(corpus_.train, options_,
                            options_.batch_size * options_.gradient_accumulation_steps, batches_);
    const double loss = parallel_ ? backward_on_ranks() : backward();
    const double largest =
        options_.grad_clip > 0 ? options_.grad_clip : std::numeric_limits<double>::max();
    latest_.grad_norm = rill::optim::clip_grad_norm_(parameters_, largest);
    if (is_finite(loss)) optimizer_.step();
    scheduler_.step();
    file_.steps().add(latest_.step, loss, latest_.lr, latest_.grad_norm);
    watch(loss);
    seconds_ += std::chrono::duration<double>(Clock::now() - start).count();
    tokens_ += static_cast<double>(starts_.size()) * static_cast<double>(options_.block_size);
    latest_.tokens_per_s = tokens_ / seconds_;
    return loss;
  }

  /// Of the blocks from `first` on.
  Tensor loss_of(size_t first, size_t count) const {
    const auto from = starts_.begin() + static_cast<std::ptrdiff_t>(first);
    const Batch batch = blocks_at(corpus_.train, {from, from + static_cast<std::ptrdiff_t>(count)},
                                  options_.block_size);
    return model_.loss(batch.ids, batch.targets);
  }

  /// These two leave the gradients of the step's loss, and return that.
  double backward() const {
    optimizer_.zero_grad();
    const Tensor loss = loss_of(0, starts_.size());
    loss.backward();
    return loss.item();
  }
  double backward_on_ranks() {
    parallel_->begin_step(latest_.step, options_.gradient_accumulation_steps,
                          static_cast<int64_t>(starts_.size()));
    if (examples::stop_signal() != 0) parallel_->ask_to_stop();
    for (const rill::MicroBatch& part : parallel_->parts()) {
      const rill::MicroBatchDraws draws(part, latest_.step);
      parallel_->backward(part,
                          loss_of(static_cast<size_t>(part.first), static_cast<size_t>(part.rows)));
    }
    const rill::ParallelStep step = parallel_->end_step();
    is_stop_asked_ = step.is_stop_asked;
    return step.loss;
  }

  /// All ranks stop after the same step.
  bool is_to_stop() const { return parallel_ ? is_stop_asked_ : examples::stop_signal() != 0; }

  void watch(double loss) {
    if (!gradients_) return;
    for (const std::string& warning : gradients_->step(loss)) spdlog::warn("{}", warning);
  }

  /// Whether the step may be taken; throws where training is to stop instead.
  bool is_finite(double loss) const {
    if (std::isfinite(loss) && std::isfinite(latest_.grad_norm)) return true;
    const std::string found =
        fmt::format("step {}: the loss is {}, the norm of the gradient {}; its batch: {}",
                    latest_.step, loss, latest_.grad_norm, examples_of_batch());
    if (options_.on_nonfinite == OnNonFinite::stop)
      throw std::runtime_error(found + "; the weights are as before this step" + last_saved() +
                               "; try a lower --learning-rate, or --on-nonfinite skip");
    spdlog::warn("{}: skipped", found);
    return false;
  }

  std::string examples_of_batch() const {
    std::string text;
    for (const int64_t start : starts_)
      text += fmt::format("{}{} from token {}", text.empty() ? "" : ", ",
                          beginning_of(corpus_, start, options_.block_size), start);
    return text;
  }

  /// Saves before the evaluation that follows, which the training would not have made by itself.
  void stop() {
    const std::string got_by = share_signal();
    if (world_.rank() == 0)
      examples::say_stopped(fmt::format("after step {} of {}", latest_.step, options_.max_iters),
                            got_by);
    save();
    if (!saved_.empty()) spdlog::info("--resume goes on from {}", saved_);
  }

  /// All ranks have got the signal then. Returns who did, where rank 0 did not, as " on rank 1".
  std::string share_signal() const {
    const std::vector<std::string> signals = world_.gather(std::to_string(examples::stop_signal()));
    const auto got = std::ranges::find_if(signals, [](const std::string& s) { return s != "0"; });
    examples::take_stop_signal(std::stoi(*got));
    return got == signals.begin() ? "" : fmt::format(" on rank {}", got - signals.begin());
  }

  void evaluate() {
    if (file_.ends_with(latest_.step)) return;  // before it was resumed
    // The same batches always.
    rill::Generator generator = generator_for(Draws::evaluation, options_);
    latest_.train_loss = estimated_loss(model_, corpus_.train, options_, generator, world_);
    latest_.val_loss = estimated_loss(model_, corpus_.validation, options_, generator, world_);
    file_.write(latest_);
    log_evaluation(latest_);
    seconds_ = tokens_ = 0;
  }

  // ---- checkpoints ----

  bool is_checkpoint_due() const {
    const int64_t given = options_.checkpoint_interval;
    const int64_t interval = given == at_evaluations ? options_.eval_interval : given;
    return interval > 0 && latest_.step % interval == 0;
  }

  /// Leaves out weights that no training could go on from: the last good ones stay.
  void save() {
    if (!checkpoints_.folder || latest_.step == 0) return;
    if (!are_finite(parameters_)) {
      spdlog::warn("no checkpoint after step {}: weights are not finite", latest_.step);
      return;
    }
    rill::Checkpoint checkpoint{.step = latest_.step, .configuration = checkpoints_.configuration};
    if (file_.ends_with(latest_.step)) checkpoint.loss = latest_.val_loss;
    checkpoint.add("model", model_)
        .add("optimizer", optimizer_)
        .add("scheduler", scheduler_)
        .add("batches", batches_)
        .add("dropout", rill::default_generator())
        .add("metrics", file_)
        .add("latest", {{"grad_norm", rill::scalar(latest_.grad_norm, rill::float64)},
                        {"tokens_per_s", rill::scalar(latest_.tokens_per_s, rill::float64)}});
    saved_ = checkpoints_.folder->save(checkpoint);
    if (!is_own_folder_) checkpoints_.folder->keep_only(latest_.step);
    is_own_folder_ = true;
  }

  void resume(const rill::Checkpoint& from) {
    from.restore("model", model_)
        .restore("optimizer", optimizer_)
        .restore("scheduler", scheduler_)
        .restore("batches", batches_)
        .restore("dropout", rill::default_generator())
        .restore("metrics", file_);
    // The last row of a run that goes on beyond its end is none that it would have made by itself.
    const bool is_extra = from.step % options_.eval_interval != 0 && from.step < options_.max_iters;
    if (is_extra && file_.ends_with(from.step)) file_.remove_last_row();
    if (!file_.rows().empty()) latest_ = file_.rows().back();
    latest_.step = from.step;
    latest_.lr = scheduler_.last_lr();
    latest_.grad_norm = from["latest"]["grad_norm"].item();
    latest_.tokens_per_s = from["latest"]["tokens_per_s"].item();
  }

  /// For the end of a sentence.
  std::string last_saved() const {
    return saved_.empty() ? "" : "; " + saved_ + " is the last checkpoint";
  }

  const rill::nn::LanguageModel& model_;
  const Corpus& corpus_;
  const Options& options_;
  MetricsFile& file_;
  rill::World& world_;
  const Checkpoints& checkpoints_;
  rill::inspect::GradientReport* const gradients_;  // or null
  bool is_own_folder_;
  std::string saved_;  // the path of the last checkpoint
  rill::optim::AdamW optimizer_;
  rill::optim::WarmupCosineLR scheduler_;
  std::vector<Tensor> parameters_;
  rill::Generator batches_;
  std::vector<int64_t> starts_;                 // of the latest batch
  std::optional<rill::DataParallel> parallel_;  // where a step has several batches
  bool is_stop_asked_ = false;
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
  const rill::nn::EvalGuard evaluating(model);
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
           MetricsFile& metrics, rill::World& world, const Checkpoints& checkpoints,
           rill::inspect::GradientReport* gradients) {
  return Trainer(model, corpus, options, metrics, world, checkpoints, gradients).run();
}

}  // namespace tiny_transformer
