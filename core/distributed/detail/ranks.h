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

/// What a World stands on, and DataParallel works with: MPI, and a watchdog beside it
/// (mpi_ranks.cpp), or one rank alone.
class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// From here on a rank that goes missing is missed; where not all come here within two minutes,
  /// those that have end.
  virtual void watch(const Gather& gather) = 0;
  /// Says where training is, for what other ranks say if this one goes missing.
  virtual void at_step(int64_t step) = 0;
  /// Runs `work`, which may call `exchange`, on the thread that talks to other ranks, after what
  /// was posted before; on one rank at once. `bucket` tells others which one is waited for.
  virtual std::future<void> post(std::function<void()> work, int64_t bucket = -1) = 0;
  /// Within `post`: sends `to[r]` to each rank r, and receives `from[r]`.
  virtual void exchange(std::span<const mpi::Bytes> to, std::span<const mpi::Bytes> from) = 0;
  /// Ends exchanges that wait for other ranks, and all that follow, with an Error. What `work` has
  /// captured stays until the process ends, since other ranks may write there yet.
  virtual void give_up() = 0;
  /// Gives up, and tells all others why, who end.
  virtual void tell_failure(const std::string& why) = 0;
  /// The end as it should be, to which all have come.
  virtual void end() = 0;
};

/// Several. Throws Error where rill was built without MPI, or with another one than the launcher's.
std::unique_ptr<Ranks> begin_ranks(const Launch& launch);

}  // namespace rill::distributed
