#pragma once

#include <atomic>
#include <cstdint>

namespace rill::kernels {

/// Floating-point operations of the matrix products that this thread has asked for: 2·m·n·k each.
extern constinit thread_local uint64_t flops;

/// Gathers what products inside a parallel loop count, each on its own thread, for the thread that
/// asked for the loop.
class FlopsOfAll {
 public:
  FlopsOfAll() = default;
  ~FlopsOfAll() { flops += sum_; }
  FlopsOfAll(const FlopsOfAll&) = delete;
  FlopsOfAll& operator=(const FlopsOfAll&) = delete;

  /// One thread's part of the loop.
  class Part {
   public:
    explicit Part(FlopsOfAll& all) : all_(all), before_(flops) {}
    ~Part() {
      all_.sum_ += flops - before_;
      flops = before_;
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

   private:
    FlopsOfAll& all_;
    uint64_t before_;
  };

 private:
  std::atomic<uint64_t> sum_ = 0;
};

}  // namespace rill::kernels
