#include "depth.h"

#include <rill/core/autograd.h>
#include <rill/core/ops.h>
#include <rill/core/random.h>
#include <rill/nn/linear.h>

#include <cmath>

using rill::Tensor;

namespace gradients {
namespace {

constexpr int64_t width = 32;

double norm_of(const Tensor& x) { return std::sqrt((x * x).sum().item()); }

Tensor normed(const Tensor& h) { return rill::layer_norm(h, {width}); }

Tensor next(Block block, const Tensor& h, const rill::nn::Linear& layer) {
  switch (block) {
    case Block::plain: return relu(layer(h));
    case Block::residual: return h + relu(layer(h));
    case Block::norm: return relu(layer(normed(h)));
    case Block::both: return h + relu(layer(normed(h)));
  }
  return h;
}

std::vector<double> norms_of(const std::vector<Tensor>& tensors) {
  std::vector<double> norms;
  for (const Tensor& x : tensors) norms.push_back(norm_of(x));
  return norms;
}

}  // namespace

const std::vector<Block>& blocks() {
  static const std::vector<Block> all{Block::plain, Block::residual, Block::norm, Block::both};
  return all;
}

std::string name_of(Block block) {
  switch (block) {
    case Block::plain: return "plain";
    case Block::residual: return "residual";
    case Block::norm: return "layer norm";
    case Block::both: return "both";
  }
  return "";
}

Flow flow_through(Block block, int64_t layers, uint64_t seed) {
  rill::manual_seed(seed);
  std::vector<Tensor> hs{rill::randn({16, width}).requires_grad_()}, weights;
  const Tensor wanted = rill::randn({16, width});
  for (int64_t i = 0; i < layers; ++i) {
    const rill::nn::Linear layer(width, width, {.bias = false});
    weights.push_back(layer.weight);
    hs.push_back(next(block, hs.back(), layer));
  }
  const Tensor loss = mse_loss(hs.back(), wanted);
  std::vector<Tensor> asked = hs;
  asked.insert(asked.end(), weights.begin(), weights.end());
  const std::vector<double> norms = norms_of(grad(std::vector{loss}, asked));
  const auto border = norms.begin() + static_cast<int64_t>(hs.size());
  return {{norms.begin(), border}, {border, norms.end()}};
}

}  // namespace gradients
