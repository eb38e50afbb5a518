#pragma once

#include <utility>

#include <rill/core/distributed/detail/ranks.h>

namespace rill::distributed {

/// The only one, which has nobody to exchange anything with, or to be missed by.
class OneRank final : public Ranks {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void watch(const Gather&) override {}
  void at_step(int64_t) override {}
  std::future<void> post(std::function<void()> work, int64_t) override {
    std::packaged_task<void()> task(std::move(work));
    task();
    return task.get_future();
  }
  void exchange(std::span<const mpi::Bytes>, std::span<const mpi::Bytes>) override {}
  void give_up() override {}
  void tell_failure(const std::string&) override {}
  void end() override {}
};

}  // namespace rill::distributed
