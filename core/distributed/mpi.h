#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

// All that rill wants of MPI: to begin, who is who, one kind of exchange, and to end. Everything
// else is made of these, in world.cpp and bucket.cpp. mpi.cpp calls MPI; where there was none when
// rill was built, without_mpi.cpp stands for it.

namespace rill::distributed::mpi {

/// The name of the library and its version; empty where rill was built without one.
std::string library();

/// Throws Error where rill was built without MPI. From here on only this thread may call the
/// others.
void begin();
int rank();
int size();
void end();

/// Bytes from `data` on.
struct Bytes {
  void* data = nullptr;
  size_t count = 0;
};

/// Sends `to[r]` to each rank r and receives `from[r]` from it; all ranks must call it, with sizes
/// that fit. Sleeps between looks at how far it is; where `is_abandoned` says so meanwhile, it
/// returns false, and the memory must stay.
bool exchange(std::span<const Bytes> to, std::span<const Bytes> from,
              const std::function<bool()>& is_abandoned);

}  // namespace rill::distributed::mpi
