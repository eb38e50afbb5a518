#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

// All that rill wants of MPI: to begin, who is who, one kind of exchange, and to end. Everything
// else is made of these, in mpi_ranks.cpp, world.cpp and bucket.cpp. Errors name the call.

namespace rill::distributed::mpi {

/// The name of the library and its version; empty where rill was built without one.
std::string library();

/// From here on only this thread may call the others.
void begin();
int rank();
int size();
void end();

/// Bytes from `data` on.
struct Bytes {
  void* data = nullptr;
  size_t count = 0;
};

/// Sends `to[r]` to each rank r and receives `from[r]` from it; all ranks must make one, with sizes
/// that fit. The memory must stay until it is done, and where that never comes until the process
/// ends.
class Exchange {
 public:
  Exchange(std::span<const Bytes> to, std::span<const Bytes> from);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  bool is_done();

 private:
  struct Messages;
  std::unique_ptr<Messages> messages_;
};

}  // namespace rill::distributed::mpi
