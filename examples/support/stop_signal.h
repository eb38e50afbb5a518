#pragma once

#include <string>

namespace examples {

/// While one lives, SIGINT and SIGTERM do not end the program but ask it to stop, which a training
/// does after its step. The second signal ends the program at once.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
};

/// The signal that asked to stop, which stays so; 0 as long as there was none.
int stop_signal();

/// As if this process had got the signal: for one that another rank got.
void take_stop_signal(int signal);

/// Says on standard error, as in "SIGINT: stopped after step 3 of 20", which it returns.
/// `got_by` says who got the signal, as " on rank 1", where it was not this process.
std::string say_stopped(const std::string& where, const std::string& got_by = "");

}  // namespace examples
