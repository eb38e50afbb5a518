#pragma once

#include <string>
#include <vector>

#include <rill/core/ops.h>
#include <rill/nn/embedding.h>
#include <rill/nn/linear.h>

namespace rill::testing {

/// Two linears and two buffers, one of them saved.
class Net final : public nn::Layer<Net> {
 public:
  Net()
      : fc1(register_module("fc1", nn::Linear(2, 3))),
        fc2(register_module("fc2", nn::Linear(3, 1, {.bias = false}))),
        scale(register_parameter("scale", ones({1}))),
        table(register_buffer("table", zeros({2}))),
        cache(register_buffer("cache", zeros({4}), false)) {}

  Tensor forward(const Tensor& x) const { return fc2(fc1(x).tanh()) * scale; }

  const nn::Linear fc1, fc2;
  const Tensor scale, table, cache;
};

/// An embedding whose weight is the head's too.
class Tied final : public nn::Layer<Tied> {
 public:
  Tied()
      : embedding(register_module("embedding", nn::Embedding(4, 2))),
        head(register_module("head", nn::Linear(embedding.weight))) {}

  Tensor forward(const Tensor& ids) const { return head(embedding(ids)); }

  const nn::Embedding embedding;
  const nn::Linear head;
};

/// Registers whatever it is told to.
class Box final : public nn::Layer<Box> {
 public:
  Box() = default;
  using Module::register_buffer;
  using Module::register_module;
  using Module::register_parameter;
  Tensor forward(const Tensor& x) const { return x; }
};

inline std::vector<std::string> names_of(const std::vector<NamedTensor>& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

}  // namespace rill::testing
