#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace rill::distributed {

/// Ends the process, and says why, where it still is there after so long: for what MPI waits for
/// without end.
class Deadline {
 public:
  Deadline(std::chrono::milliseconds time, std::string why);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable met_;
  bool is_met_ = false;
  std::thread thread_;
};

}  // namespace rill::distributed
