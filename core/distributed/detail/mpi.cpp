#include <rill/core/distributed/detail/mpi.h>

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#include <signal.h>

#include <algorithm>
#include <vector>

#include <rill/core/error.h>

namespace rill::distributed::mpi {
namespace {

void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  fail<Error>(call, ": ", std::string(text, static_cast<size_t>(length)));
}

int class_of(int code) {
  int out = code;
  MPI_Error_class(code, &out);
  return out;
}

/// The error of a call for several messages is that of the first which has one.
void check(int code, const std::vector<MPI_Status>& statuses, const char* call) {
  if (class_of(code) == MPI_ERR_IN_STATUS)
    for (const MPI_Status& status : statuses)
      if (class_of(status.MPI_ERROR) != MPI_ERR_PENDING) check(status.MPI_ERROR, call);
  check(code, call);
}

constexpr size_t at_once = 1 << 24;  // bytes of a message: MPI counts them in an int

}  // namespace

/// Messages to or from each rank, which come to their end together.
struct Exchange::Messages {
  std::vector<MPI_Request> requests;
  std::vector<MPI_Status> statuses;

  /// In pieces, whose order MPI keeps.
  template <class Call>
  void begin(const char* name, Call call, int rank, const Bytes& part) {
    constexpr int tag = 1;
    for (size_t first = 0; first < part.count; first += at_once)
      check(call(static_cast<char*>(part.data) + first,
                 static_cast<int>(std::min(at_once, part.count - first)), MPI_BYTE, rank, tag,
                 MPI_COMM_WORLD, &requests.emplace_back(MPI_REQUEST_NULL)),
            name);
  }
};

Exchange::Exchange(std::span<const Bytes> to, std::span<const Bytes> from)
    : messages_(std::make_unique<Messages>()) {
  for (size_t r = 0; r < from.size(); ++r)
    messages_->begin("MPI_Irecv", MPI_Irecv, static_cast<int>(r), from[r]);
  for (size_t r = 0; r < to.size(); ++r)
    messages_->begin("MPI_Isend", MPI_Isend, static_cast<int>(r), to[r]);
  messages_->statuses.resize(messages_->requests.size());
}

Exchange::~Exchange() = default;

bool Exchange::is_done() {
  int done = 0;
  auto& [requests, statuses] = *messages_;
  const int code =
      MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, statuses.data());
  check(code, statuses, "MPI_Testall");
  return done != 0;
}

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
  int has_ended = 0;
  check(MPI_Finalized(&has_ended), "MPI_Finalized");
  if (has_ended)
    fail<Error>("World: this process has had its World, and MPI begins once: make one of all work");
  int provided = 0;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_FUNNELED)
    fail<Error>(library(), " allows no threads beside those that call it");
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
#ifdef MPICH_VERSION
  // Its mpirun tells by it that a rank has died, which is the watchdog's business.
  signal(SIGUSR1, SIG_IGN);
#endif
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

}  // namespace rill::distributed::mpi
