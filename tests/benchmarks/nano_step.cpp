// Time of a training step (forward, backward, clipping, AdamW) of nanoGPT's recipe for a CPU: block
// 64, batch 12, 4 layers, 4 heads, width 128, vocabulary 65. Prints a line "rill,THREADS,MS,LOSS":
// the median time of a step and the loss of the last. usage: nano_step [STEPS]
#include <rill/core/random.h>
#include <rill/core/threads.h>
#include <rill/nn/decoder.h>
#include <rill/optim/adamw.h>
#include <rill/optim/clip_grad.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace rill;

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 100;
  manual_seed(1);
  const nn::LanguageModel model({.vocab_size = 65});
  const std::vector<Tensor> parameters = model.parameters();
  optim::AdamW optimizer(parameters, {.lr = 1e-3, .weight_decay = 0.1});
  const Tensor ids = randint(0, 65, {12, 64});
  const Tensor targets = randint(0, 65, {12, 64});
  std::vector<double> times;
  double last_loss = 0;
  for (int step = 0; step < steps + 10; ++step) {
    const auto start = std::chrono::steady_clock::now();
    optimizer.zero_grad();
    const Tensor loss = model.loss(ids, targets);
    loss.backward();
    optim::clip_grad_norm_(parameters, 1);
    optimizer.step();
    last_loss = loss.item();
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - start;
    if (step >= 10) times.push_back(spent.count());  // the first ones fill the memory pool
  }
  std::nth_element(times.begin(), times.begin() + steps / 2, times.end());
  std::printf("rill,%d,%.3f,%.4f\n", num_threads(), times[static_cast<size_t>(steps / 2)],
              last_loss);
}
