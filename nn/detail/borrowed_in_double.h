#pragma once

#include <utility>
#include <vector>

#include <rill/core/random.h>
#include <rill/nn/module.h>

namespace rill::nn {

/// A module in float64, in evaluation, and with random numbers of its own, for the lifetime of
/// this: then each tensor, with its `.grad` and hooks, each module's mode and this thread's
/// generator are what they were.
class BorrowedInDouble {
 public:
  explicit BorrowedInDouble(const Module& module);
  ~BorrowedInDouble();
  BorrowedInDouble(const BorrowedInDouble&) = delete;
  BorrowedInDouble& operator=(const BorrowedInDouble&) = delete;

 private:
  const EvalGuard evaluating_;
  const Generator generator_;
  std::vector<std::pair<Tensor, Tensor>> tensors_;  // of the module, and their stand-ins
};

}  // namespace rill::nn
