#include "mpi.h"

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#include <rill/core/error.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace rill::distributed::mpi {
namespace {

void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  fail<Error>(call, ": ", std::string(text, static_cast<size_t>(length)));
}

int in_int(size_t bytes) { return static_cast<int>(bytes); }  // world.cpp cuts what is larger

/// Looks often at first, and then less and less, so that who computes is hardly disturbed.
class Waiting {
 public:
  void wait() {
    if (looks_++ < 50) return std::this_thread::yield();
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(pause_ * 5 / 4, std::chrono::microseconds(500));
  }

 private:
  int looks_ = 0;
  std::chrono::microseconds pause_{20};
};

/// Messages of all ranks, to or from each, which come to their end together.
class Messages {
 public:
  Messages(std::span<const Bytes> to, std::span<const Bytes> from) {
    constexpr int tag = 1;
    for (int r = 0; r < in_int(from.size()); ++r)
      if (const Bytes& part = from[static_cast<size_t>(r)]; part.count > 0)
        check(MPI_Irecv(part.data, in_int(part.count), MPI_BYTE, r, tag, MPI_COMM_WORLD, next()),
              "MPI_Irecv");
    for (int r = 0; r < in_int(to.size()); ++r)
      if (const Bytes& part = to[static_cast<size_t>(r)]; part.count > 0)
        check(MPI_Isend(part.data, in_int(part.count), MPI_BYTE, r, tag, MPI_COMM_WORLD, next()),
              "MPI_Isend");
  }
  bool are_done() {
    int done = 0;
    check(MPI_Testall(in_int(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE),
          "MPI_Testall");
    return done != 0;
  }

 private:
  MPI_Request* next() { return &requests_.emplace_back(MPI_REQUEST_NULL); }
  std::vector<MPI_Request> requests_;
};

}  // namespace

std::string library() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string all(text, static_cast<size_t>(length));
  std::string first = all.substr(0, all.find_first_of(",\n"));
  std::replace(first.begin(), first.end(), '\t', ' ');
  return first;
}

void begin() {
  int provided = 0;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

int rank() {
  int rank = 0;
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank");
  return rank;
}

int size() {
  int size = 0;
  check(MPI_Comm_size(MPI_COMM_WORLD, &size), "MPI_Comm_size");
  return size;
}

void end() { check(MPI_Finalize(), "MPI_Finalize"); }

bool exchange(std::span<const Bytes> to, std::span<const Bytes> from,
              const std::function<bool()>& is_abandoned) {
  Messages messages(to, from);
  for (Waiting waiting; !messages.are_done(); waiting.wait())
    if (is_abandoned()) return false;
  return true;
}

}  // namespace rill::distributed::mpi
