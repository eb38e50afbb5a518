// examples/06_own_layer.cpp: a layer of your own, a gated linear unit, inside a trained network.
// Next: 07_own_encoding
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/linear.h>
#include <rill/optim/adamw.h>

#include <cstdio>
#include <iostream>

#include "support/program.h"

using namespace rill;

/// (x W + b) ⊙ σ(x V + c) (Dauphin et al. 2017): one half decides how much of the other passes.
class GatedLinear final : public nn::Layer<GatedLinear> {
 public:
  GatedLinear(int64_t in_features, int64_t out_features)
      : value(register_module("value", nn::Linear(in_features, out_features))),
        gate(register_module("gate", nn::Linear(in_features, out_features))) {}

  Tensor forward(const Tensor& x) const {
    const Tensor values = value(x);  // C++ does not say which side of a product runs first
    return values * sigmoid(gate(x));
  }

  const nn::Linear value, gate;
};

/// Where nothing comes in from outside, a layer is registered where it is declared.
class Net final : public nn::Layer<Net> {
 public:
  Tensor forward(const Tensor& x) const { return out(hidden(x)); }

  const GatedLinear hidden = register_module("hidden", GatedLinear(2, 32));
  const nn::Linear out = register_module("out", nn::Linear(32, 1));
};

int main(int argc, char** argv) {
  const examples::Program program(argc, argv);
  manual_seed(1);
  const Net net;
  std::cout << net.summary() << "\n";

  const Tensor x = randn({512, 2});
  const Tensor product = x.narrow(1, 0, 1) * x.narrow(1, 1, 1);  // what it is to learn
  optim::AdamW optimizer(net.parameters(), {.lr = 0.01});
  for (int step = 0; step <= 500; ++step) {
    const Tensor loss = mse_loss(net(x), product);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 100 == 0) std::printf("step %3d  loss %.5f\n", step, loss.item());
  }

  // An error inside a model names the layer in which it arose.
  try {
    std::printf("%s\n", net(randn({512, 3})).to_string().c_str());
  } catch (const Error& error) {
    std::printf("\nwith the wrong width: %s\n", error.what());
  }
}
