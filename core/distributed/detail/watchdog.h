#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <rill/core/distributed/detail/line_socket.h>
#include <rill/core/distributed/detail/ranks.h>
#include <rill/core/distributed/detail/whereabouts.h>

namespace rill::distributed {

/// Ranks that watch each other, beside MPI, which waits for ever where a rank is gone: rank 0 is
/// connected to every other, and each says twice a second where it is. Where a connection ends, or
/// nothing is heard for 5 s, each rank says which one is missing and where, and ends its process;
/// that of a missing rank on its own machine, which is stopped, it ends too. Where a rank is heard
/// of and does not come to an exchange that others wait in, rank 0 says so, each time after twice
/// as long.
class Watchdog {
 public:
  /// Who is late is named after `late_after`.
  Watchdog(int rank, const Whereabouts& whereabouts,
           std::chrono::nanoseconds late_after = std::chrono::seconds(10))
      : rank_(rank), own_(whereabouts), late_after_(late_after.count()) {}
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Connects all ranks, within a minute, and begins to watch, on a thread of its own, once all are
  /// there. Throws Error on all where one cannot be reached.
  void meet(int size, const Gather& gather);
  /// Rank 0: takes the connections of all others, which show `token`, and of nobody else.
  void accept_all(const Listener& listener, int size, const std::string& token);

  /// The end as it should be: nobody is missed from here on.
  void leave();
  /// Tells all others that this rank has failed, and waits until they know, for 3 s at most.
  void fail(const std::string& why);

 private:
  struct Peer {
    int rank;
    LineSocket socket;
    int64_t heard = 0;  // when, in nanoseconds
    std::string where = "the start";
    bool has_left = false;
  };

  bool has_answered(LineSocket& stranger, const std::string& token);
  void start();
  void watch();
  void wait_for_lines() const;
  void hear(Peer& peer);
  void look_after(const Peer& peer, int64_t now);
  void look_for_late(int64_t now);
  void tell_others(const std::string& line, int but_rank) const;
  void tell_end(const std::string& sentence, int but_rank, int stopped) const;
  void wait_for_others_to_end(int64_t seconds);
  void kill_stopped(int rank) const;
  void miss(const Peer& peer, const std::string& why, int stopped);
  [[noreturn]] void obey(const std::string& line, int told_by);
  [[noreturn]] void end_process(const std::string& sentence, int told_by, int stopped);
  void stop_watching();

  int rank_;
  const Whereabouts& own_;
  const int64_t late_after_;
  std::vector<std::string> processes_;  // of all ranks
  std::vector<Peer> peers_;
  std::string awaited_;  // the exchange that ranks wait in
  int64_t awaited_since_ = 0, tell_late_after_ = 0;
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;
};

}  // namespace rill::distributed
