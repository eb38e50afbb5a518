#pragma once

#include <functional>
#include <string>
#include <vector>

#include <rill/core/state_dict.h>
#include <rill/nn/module.h>
#include "tests/support/reference.h"

namespace rill::testing {

/// Runs a module on the inputs of a case.
using RunLayer = std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>;

/// A module that can be run: made afresh for each dtype.
struct RunnableLayer {
  nn::Module module;
  RunLayer run;
};
using MakeLayer = std::function<RunnableLayer(const ReferenceCase&)>;
using Rename = std::function<std::string(const std::string& pytorch_name)>;

/// Runs the case in float64, and in float32 where that can hold it: with PyTorch's weights, outputs
/// and every gradient must be PyTorch's. `rename` turns PyTorch's name of a parameter into rill's.
void expect_layer_case(
    const ReferenceCase& reference, const MakeLayer& make,
    const Rename& rename = [](const std::string& name) { return name; });

/// Expects values near PyTorch's: 1e-7 in float64; 1.3e-6 relative and 1e-5 absolute in float32.
void expect_near_reference(const Tensor& actual, const std::vector<double>& expected,
                           const std::string& what);

/// Expects that backward from `loss` reaches each parameter of `module`, and no trained leaf that
/// is not a parameter of it.
void expect_trains_exactly_its_parameters(const nn::Module& module, const Tensor& loss);

}  // namespace rill::testing
