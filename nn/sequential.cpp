#include <rill/nn/sequential.h>

namespace rill::nn {

Sequential::Sequential(const std::vector<Step>& steps)
    : steps_(std::make_shared<std::vector<Step>>()) {
  for (const Step& step : steps) append(step);
}

Sequential::Sequential(std::initializer_list<NamedStep> steps) : Sequential(std::vector<Step>()) {
  for (const auto& [name, run] : steps) add(name, run);
}

void Sequential::add(const std::string& name, const Step& step) {
  steps_->push_back(Module::register_module(name, step));
}

Tensor Sequential::forward(const Tensor& x) const {
  Tensor y = x;
  for (const Step& step : *steps_) y = step(y);
  return y;
}

}  // namespace rill::nn
