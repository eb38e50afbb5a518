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
#include <vector>

#include "04_two_moons/report.h"
#include "support/command_line.h"

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

/// What the network takes each place of the plane for, [14, 56].
Tensor look_around(const nn::Sequential& net) {
  std::vector<Tensor> rows;
  for (const double y : linspace(1.5, -1, 14).to_vector<double>())
    rows.push_back(net(cat({linspace(-1.5, 2.5, 56).unsqueeze(1), full({56, 1}, y)}, 1)));
  return cat(rows, 1).T();
}

/// The plane as letters.
void draw(const Tensor& plane) {
  for (int64_t row = 0; row < plane.size(0); ++row) {
    for (const double logit : plane[row].to_vector<double>()) std::putchar(logit > 0 ? '#' : '.');
    std::putchar('\n');
  }
}

void run(const std::string& folder) {
  examples::Teller teller("Two crescents, and the border between them", folder);
  manual_seed(1);
  const Points train = two_moons(512);
  const Points test = two_moons(512);
  const nn::Sequential net{nn::Linear(2, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                           nn::Linear(32, 1)};
  optim::AdamW optimizer(net.parameters(), {.lr = 0.01});
  std::vector<double> losses;
  for (int step = 0; step <= 400; ++step) {
    const Tensor loss = binary_cross_entropy_with_logits(net(train.xy), train.label);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    losses.push_back(loss.item());
    if (step % 100 == 0) std::printf("step %3d  loss %.4f\n", step, losses.back());
  }

  const NoGradGuard no_grad;
  const Tensor logits = net(test.xy), plane = look_around(net);
  const Tensor right = eq(gt(logits, 0).to(float32), test.label).to(float32);
  std::printf("accuracy on points it has not seen: %.1f %%\n\n", 100 * right.mean().item());
  draw(plane);
  tell(teller, moons::Findings{losses, plane, test.xy, test.label, logits});
  teller.write("two_moons.html");
}

int main(int argc, char** argv) {
  examples::CommandLine line("04_two_moons");
  std::string folder = "out/04_two_moons";
  examples::add_out_dir(line.app(), folder, "Folder for two_moons.html");
  return line.main(argc, argv, [&] { run(folder); });
}
