#include "stop_signal.h"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace examples {
namespace {

constexpr int heeded[] = {SIGINT, SIGTERM};

std::atomic<int> alive = 0;
std::atomic<int> received = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a signal's handler may write it");

/// A program that is told to ignore a signal, as by nohup, goes on ignoring it.
void set_handler(int signal, void (*from)(int), void (*to)(int)) {
  struct sigaction action {};
  if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler != from) return;
  action.sa_handler = to;
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

/// A second signal ends the program at once.
void note(int signal) {
  received = signal;
  for (const int each : heeded) set_handler(each, note, SIG_DFL);
}

}  // namespace

StopSignals::StopSignals() {
  if (alive++ > 0 || received != 0) return;
  for (const int each : heeded) set_handler(each, SIG_DFL, note);
}

StopSignals::~StopSignals() {
  if (--alive > 0) return;
  for (const int each : heeded) set_handler(each, note, SIG_DFL);
}

int stop_signal() { return received; }

void take_stop_signal(int signal) { note(signal); }

std::string say_stopped(const std::string& where, const std::string& got_by) {
  const std::string said =
      fmt::format("{}{}: stopped {}", received == SIGINT ? "SIGINT" : "SIGTERM", got_by, where);
  spdlog::warn("{}; what there is follows (a second signal ends at once)", said);
  return said;
}

}  // namespace examples
