#pragma once

#include <rill/core/tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace gradients {

/// One gradient, found in three ways, and once with a slip.
struct Case {
  std::string name;     // "the transpose"
  std::string formula;  // "y = Σ (x·W)² / 2, gradient of x"
  rill::Tensor by_hand, by_rill, nudged;
  std::string slip;  // what goes wrong: "W in place of Wᵀ"
  rill::Tensor wrong;
};

/// In the order of the lesson.
std::vector<Case> cases();

/// (f(x + h) − f(x − h)) / 2h, an element of x at a time; f gives one number.
rill::Tensor nudge(const std::function<rill::Tensor(const rill::Tensor&)>& f,
                   const rill::Tensor& x);

// ---- cases.cpp: what all graphs share
Case chain_rule();
Case transpose();
Case bias();
Case two_paths();
Case zero_grad();
Case order();

// ---- layer_cases.cpp: what layers do
Case softmax_and_cross_entropy();
Case layer_norm();
Case residual();
Case embedding();
Case dropout();
Case tied_weights();

}  // namespace gradients
