#pragma once

#include <vector>

#include <rill/core/memory/storage.h>
#include <rill/core/observer.h>

namespace rill::testing {

/// Notes how many bytes of tensors each node lets go in a backward pass, in the order in which they
/// do.
class MemoryDiary final : public Observer {
 public:
  void on_gradient(const Node&, int, const Tensor&, const Tensor&) override {
    before_ = live_tensor_bytes();
  }
  void on_release(const Node&) override { freed_.push_back(before_ - live_tensor_bytes()); }
  const std::vector<int64_t>& freed() const { return freed_; }

 private:
  int64_t before_ = 0;
  std::vector<int64_t> freed_;
};

}  // namespace rill::testing
