// examples/08_adder.cpp: a small transformer learns to add two numbers of two digits.
// Next: 09_flow
#include <rill/rill.h>

#include <cstdio>

#include "support/program.h"
#include "support/progress.h"

using namespace rill;

constexpr int64_t plus = 10, equals = 11, vocab_size = 12;
constexpr int64_t asked = 6, answered = 3, length = asked + answered;  // "27+58=" and "580"

Tensor digit(const Tensor& number, int64_t ten) { return floor_divide(number, ten) % 10; }

/// All problems in random order, [10000, length]: 27 + 58 = 85 is the row 2 7 + 5 8 = 5 8 0. The
/// sum begins with its last digit, as on paper: each digit then needs only what stands before it.
Tensor problems() {
  const Tensor n = randperm(10000), a = floor_divide(n, 100), b = n % 100, sum = a + b;
  return stack({digit(a, 10), digit(a, 1), full_like(n, plus), digit(b, 10), digit(b, 1),
                full_like(n, equals), digit(sum, 1), digit(sum, 10), digit(sum, 100)},
               1);
}

/// What the model is to say after each token: the next one where that is part of the sum; -100 is
/// passed over by the loss.
Tensor targets_of(const Tensor& rows) {
  const Tensor unasked = full({rows.size(0), asked - 1}, -100, int64);
  return cat({unasked, rows.slice(1, asked)}, 1);
}

/// The share of problems whose sum it writes without a mistake.
double accuracy(const nn::LanguageModel& model, const Tensor& rows) {
  const nn::EvalGuard evaluating(model);
  const NoGradGuard unrecorded;
  const Tensor written = nn::generate(model, rows.slice(1, 0, asked), answered, {.temperature = 0});
  return (written == rows).all(1).mean().item();
}

/// "27 + 58 = 085", as the model writes it.
void print_answer(const nn::LanguageModel& model, const Tensor& problem) {
  const Tensor question = problem.slice(0, 0, asked);
  const auto s = nn::generate(model, question, answered, {.temperature = 0}).to_vector<int>();
  std::printf("%d%d + %d%d = %d%d%d\n", s[0], s[1], s[3], s[4], s[8], s[7], s[6]);
}

/// Weight decay for matrices alone: biases and norms are few, and decay would only bend them.
std::vector<optim::ParameterGroup<optim::AdamWOptions>> groups_of(const nn::LanguageModel& model) {
  std::vector<Tensor> matrices, others;
  for (const Tensor& parameter : model.parameters())
    (parameter.dims() > 1 ? matrices : others).push_back(parameter);
  return {{matrices, {.lr = 3e-3, .weight_decay = 0.1}}, {others, {.lr = 3e-3, .weight_decay = 0}}};
}

int main(int argc, char** argv) {
  const examples::Program program(argc, argv);
  manual_seed(1);
  const Tensor rows = problems(), held_out = rows.slice(0, 0, 500), seen = rows.slice(0, 500);
  DataLoader batches({seen.slice(1, 0, length - 1), targets_of(seen)},
                     {.batch_size = 128, .shuffle = true});
  const nn::LanguageModel model(
      {.vocab_size = vocab_size, .block_size = length, .n_layer = 2, .n_head = 4, .n_embd = 64});

  constexpr int64_t steps = 2000;
  optim::AdamW optimizer(groups_of(model));
  optim::LRScheduler scheduler(optimizer, optim::warmup_cosine_schedule(100, steps, 1e-4));
  examples::Progress progress("step", steps);
  for (int64_t step = 0; step < steps;) {
    for (const auto& [ids, targets] : batches) {
      const Tensor loss = model.loss(ids, targets);
      optimizer.zero_grad();
      loss.backward();
      optim::clip_grad_norm_(model.parameters(), 1);
      optimizer.step();
      scheduler.step();
      if (++step % 250 == 0)
        std::printf("step %4d  loss %.4f  right of those never seen: %5.1f %%\n",
                    static_cast<int>(step), loss.item(), 100 * accuracy(model, held_out));
      progress.advance(loss.item());
      if (step == steps) break;
    }
  }
  for (int problem = 0; problem < 3; ++problem) print_answer(model, held_out[problem]);
}
