// examples/04_two_moons.cpp: a small network that bends a border between two crescents of points.
// Next: 05_own_op
#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/activation.h>
#include <rill/nn/linear.h>
#include <rill/nn/sequential.h>
#include <rill/optim/adamw.h>

#include <cstdio>
#include <numbers>

#include "support/program.h"

using namespace rill;

struct Points {
  Tensor xy;     // [n, 2]
  Tensor label;  // [n, 1], 0 or 1
};

/// Half circles around (0, 0) and, upside down, around (1, 0.5), with noise.
Points two_moons(int64_t n) {
  const Tensor angle = rand({n, 1}) * std::numbers::pi;
  const Tensor label = randint(0, 2, {n, 1}).to(float32);
  const Tensor sign = 1.0 - 2.0 * label;
  const Tensor x = label + sign * cos(angle);
  const Tensor y = 0.5 * label + sign * sin(angle);
  return {cat({x, y}, 1) + 0.15 * randn({n, 2}), label};
}

/// The plane as letters: what the network takes each place for.
void draw(const nn::Sequential& net) {
  const NoGradGuard no_grad;
  for (int row = 0; row < 14; ++row) {
    const Tensor x = linspace(-1.5, 2.5, 56).unsqueeze(1);
    const Tensor y = full({56, 1}, 1.5 - row * 2.5 / 13);
    for (const double logit : net(cat({x, y}, 1)).to_vector<double>())
      std::putchar(logit > 0 ? '#' : '.');
    std::putchar('\n');
  }
}

int main(int argc, char** argv) {
  const examples::Program program(argc, argv);
  manual_seed(1);
  const Points train = two_moons(512);
  const Points test = two_moons(512);
  const nn::Sequential net{nn::Linear(2, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                           nn::Linear(32, 1)};
  optim::AdamW optimizer(net.parameters(), {.lr = 0.01});
  for (int step = 0; step <= 400; ++step) {
    const Tensor loss = binary_cross_entropy_with_logits(net(train.xy), train.label);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 100 == 0) std::printf("step %3d  loss %.4f\n", step, loss.item());
  }
  const Tensor right = eq(gt(net(test.xy), 0).to(float32), test.label).to(float32);
  std::printf("accuracy on points it has not seen: %.1f %%\n\n", 100 * right.mean().item());
  draw(net);
}
