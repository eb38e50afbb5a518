#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <rill/core/distributed/data_parallel.h>
#include <rill/core/inspect/profile.h>

namespace rill {

/// What all ranks did, in one trace: each is a process there, with a track of its ops, one of its
/// exchanges, and one of its waits for them.
///
///   DataParallel parallel(world, parameters, buffers, {.keeps_bars = true});
///   RankTrace trace(world);
///   {
///     const ObserverGuard watching(trace.profiler());
///     ...
///   }
///   trace.write(parallel.take_bars(), "trace.json");
///
/// Ranks on machines whose clocks began at other times are shifted against each other.
class RankTrace {
 public:
  explicit RankTrace(World& world);
  Profiler& profiler() { return profiler_; }
  /// On all ranks; rank 0 writes the file, for https://ui.perfetto.dev. Throws Error where it
  /// cannot.
  void write(const std::vector<ExchangeBar>& bars, const std::string& path);

 private:
  World& world_;
  int64_t start_;  // of the profiler's clock
  Profiler profiler_;
};

}  // namespace rill
