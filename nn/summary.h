#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <rill/nn/module.h>

namespace rill::nn {

/// What a forward pass took, module by module. The numbers of a module are those of all below it
/// too.
struct ModelSummary {
  struct Row {
    std::string name, type;  // its own name, "" for the model
    int depth = 0;
    int64_t calls = 0;
    std::string output = "";    // shape of what its last op gave; "" where it ran none
    int64_t parameters = 0;     // each one once
    int64_t multiply_adds = 0;  // of matrix products, attention's too
    int64_t kept_bytes = 0;     // that ops made and the graph holds for backward, each storage once
  };
  std::vector<Row> rows;  // the model, then its modules, parents first
  int64_t parameters = 0, trainable_parameters = 0;
  int64_t parameter_bytes = 0, kept_bytes = 0, multiply_adds = 0;

  /// A table, and the sums below it.
  std::string text() const;
};
/// Writes the text.
std::ostream& operator<<(std::ostream& out, const ModelSummary& summary);

/// Of what runs in `run`, which calls the model.
ModelSummary summary(const Module& model, const std::function<void()>& run);
/// Of `model(inputs...)`, run once as it is: in training dropout draws from its generator.
///   std::cout << nn::summary(model, zeros({8, 64}, int64));
template <class Model, class... Inputs>
requires std::invocable<const Model&, const Inputs&...> ModelSummary
summary(const Model& model, const Inputs&... inputs) {
  return summary(static_cast<const Module&>(model), [&] { static_cast<void>(model(inputs...)); });
}
ModelSummary summary(const Module&, ...) = delete;  // summary(model, zeros({4, 3}))

}  // namespace rill::nn
