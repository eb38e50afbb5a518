// examples/03_linear_regression.cpp: a line through noisy points, by gradient descent.
// Next: 04_two_moons
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/linear.h>
#include <rill/optim/sgd.h>

#include <cstdio>

#include "support/program.h"

using namespace rill;

int main(int argc, char** argv) {
  const examples::Program program(argc, argv);
  manual_seed(1);
  const Tensor x = rand({200, 1}) * 4.0 - 2.0;
  const Tensor y = 3.0 * x - 1.0 + 0.2 * randn({200, 1});

  const nn::Linear line(1, 1);
  optim::SGD optimizer(line.parameters(), {.lr = 0.1});
  for (int step = 0; step <= 100; ++step) {
    const Tensor loss = mse_loss(line(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 20 == 0)
      std::printf("step %3d  loss %.4f  y = %+.3f x %+.3f\n", step, loss.item(), line.weight.item(),
                  line.bias.item());
  }
  std::printf("the points came from      y = +3.000 x -1.000, with noise of variance 0.04\n");
}
