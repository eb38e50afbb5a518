#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <rill/core/distributed/detail/launcher.h>
#include <rill/core/distributed/detail/mpi.h>

namespace rill::distributed {

/// World::gather, or what stands for it in a test.
using Gather = std::function<std::vector<std::string>(const std::string& mine)>;

/// What a World of several ranks stands on: MPI, and a watchdog beside it (mpi_ranks.cpp). What the
/// functions do, World says.
class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// From here on a rank that goes missing is missed; where not all come here within two minutes,
  /// those that have end.
  virtual void watch(const Gather& gather) = 0;
  virtual void at_step(int64_t step) = 0;
  virtual std::future<void> post(std::function<void()> work, int64_t bucket) = 0;
  virtual void exchange(std::span<const mpi::Bytes> to, std::span<const mpi::Bytes> from) = 0;
  virtual void give_up() = 0;
  /// Gives up, and tells all others why, who end.
  virtual void tell_failure(const std::string& why) = 0;
  /// The end as it should be, to which all have come.
  virtual void end() = 0;
};

/// Throws Error where rill was built without MPI, or with another one than the launcher's.
std::unique_ptr<Ranks> begin_ranks(const Launch& launch);

}  // namespace rill::distributed
