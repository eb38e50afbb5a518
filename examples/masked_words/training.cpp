#include "training.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>
#include <rill/optim/lr_scheduler.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../support/progress.h"
#include "../support/stop_signal.h"

namespace masked_words {

using rill::Tensor;

namespace {

/// How often each word stands in the pairs, [PAD] and its like left out.
std::vector<double> counts_of(const std::vector<Pair>& pairs, int64_t vocab_size) {
  std::vector<double> counts(static_cast<size_t>(vocab_size), 0);
  for (const Pair& pair : pairs)
    for (const int64_t id : pair.ids)
      if (id >= special_count) ++counts[static_cast<size_t>(id)];
  return counts;
}

std::vector<Pair> some_of(const std::vector<Pair>& pairs, int64_t count,
                          rill::Generator& generator) {
  std::vector<Pair> chosen;
  const auto all = static_cast<int64_t>(pairs.size());
  for (const int64_t i : rill::randint(0, all, {count}, generator).to_vector<int64_t>())
    chosen.push_back(pairs[static_cast<size_t>(i)]);
  return chosen;
}

/// The pairs from `at` on, at most `count` of them.
std::vector<Pair> part_of(const std::vector<Pair>& pairs, size_t at, size_t count) {
  const auto first = pairs.begin() + static_cast<int64_t>(at);
  return {first, first + static_cast<int64_t>(std::min(count, pairs.size() - at))};
}

}  // namespace

Score unigram(const std::vector<Pair>& training, const std::vector<Pair>& held_out,
              int64_t vocab_size) {
  const std::vector<double> known = counts_of(training, vocab_size);
  const std::vector<double> asked = counts_of(held_out, vocab_size);
  double all = 0, tested = 0, loss = 0;
  for (const double count : known) all += count + 1;
  for (size_t i = 0; i < known.size(); ++i) {
    tested += asked[i];
    loss -= asked[i] * std::log((known[i] + 1) / all);
  }
  const auto most = std::max_element(known.begin(), known.end()) - known.begin();
  return {loss / tested, asked[static_cast<size_t>(most)] / tested};
}

Score evaluate(const MaskedWordModel& model, const std::vector<Pair>& pairs, double share) {
  const rill::NoGradGuard no_grad;
  const rill::nn::EvalGuard evaluating(model);
  rill::Generator generator(12345);
  double loss = 0, right = 0, hidden = 0;
  for (size_t at = 0; at < pairs.size(); at += 64) {
    const Batch batch =
        hide(part_of(pairs, at, 64), share, Show::mask, model.vocab_size(), generator);
    const Tensor logits = model(batch);
    loss += cross_entropy(logits, batch.targets, {.reduction = rill::Reduction::sum}).item();
    right += eq(logits.argmax(1), batch.targets).sum().item();
    hidden += static_cast<double>(batch.targets.numel());
  }
  return {loss / hidden, right / hidden};
}

Score evaluate_without(const Tensor& table, const MaskedWordModel& model,
                       const std::vector<Pair>& pairs, double share) {
  const rill::NoGradGuard no_grad;
  const Tensor kept = table.clone();
  table.copy_(kept.mean({0}, true).expand_as(kept));
  const Score score = evaluate(model, pairs, share);
  table.copy_(kept);
  return score;
}

void train(const MaskedWordModel& model, const std::vector<Pair>& training,
           const std::vector<Pair>& held_out, const TrainingOptions& options,
           rill::Generator& generator) {
  const std::vector<Tensor> parameters = model.parameters();
  rill::optim::AdamW optimizer(parameters, {.lr = options.learning_rate, .weight_decay = 0.01});
  rill::optim::WarmupCosineLR schedule(optimizer, options.max_iters / 20, options.max_iters, 0);
  const std::vector<Pair> watched = part_of(held_out, 0, 256);
  const int64_t interval = std::max<int64_t>(options.max_iters / 5, 1);
  examples::Progress progress("step", options.max_iters);
  for (int64_t step = 1; step <= options.max_iters; ++step) {
    const Batch batch = hide(some_of(training, options.batch_size, generator), options.share,
                             Show::mixed, model.vocab_size(), generator);
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(model(batch), batch.targets);
    loss.backward();
    rill::optim::clip_grad_norm_(parameters, 1);
    optimizer.step();
    schedule.step();
    progress.advance(loss.item());
    if (examples::stop_signal() != 0) {
      examples::say_stopped(fmt::format("after step {} of {}", step, options.max_iters));
      break;
    }
    if (step % interval != 0) continue;
    const Score score = evaluate(model, watched, options.share);
    std::printf("  step %5lld  held out: loss %.3f, accuracy %.1f %%\n",
                static_cast<long long>(step), score.loss, 100 * score.accuracy);
    std::fflush(stdout);
  }
}

}  // namespace masked_words
