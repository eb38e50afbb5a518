#include <rill/nn/sequential.h>

#include <string>

namespace rill::nn {

Sequential::Sequential(const std::vector<Step>& steps)
    : steps_(std::make_shared<std::vector<Step>>()) {
  for (const Step& step : steps) add(step);
}

void Sequential::add(const Step& step) {
  steps_->push_back(register_module(std::to_string(steps_->size()), step));
}

Tensor Sequential::forward(const Tensor& x) const {
  Tensor y = x;
  for (const Step& step : *steps_) y = step(y);
  return y;
}

}  // namespace rill::nn
