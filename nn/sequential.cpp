#include <rill/nn/sequential.h>

#include <string>

namespace rill::nn {

Sequential::Sequential(const std::vector<Step>& steps) : steps_(steps) {
  for (size_t i = 0; i < steps_.size(); ++i) register_module(std::to_string(i), steps_[i]);
}

Tensor Sequential::forward(const Tensor& x) const {
  Tensor y = x;
  for (const Step& step : steps_) y = step(y);
  return y;
}

}  // namespace rill::nn
