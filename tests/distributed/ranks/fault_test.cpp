#include <rill/core/distributed/data_parallel.h>
#include <rill/core/ops.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "this_world.h"

// Rank 1 does not come to the end of step 3. Only run where it is asked for.

namespace rill::ranks {
namespace {

void train_with(const std::function<void()>& fault) {
  World& world = this_world();
  const Tensor w = zeros({1000}).requires_grad_();
  DataParallel parallel(world, {{"w", w}});
  for (int64_t step = 0; step < 6; ++step) {
    parallel.begin_step(step, world.size(), world.size());
    if (step == 3) std::this_thread::sleep_for(std::chrono::milliseconds(1200));  // a beat or two
    if (step == 3 && world.rank() == 1) fault();
    for (const MicroBatch& part : parallel.parts()) parallel.backward(part, w.sum());
    parallel.end_step();
  }
}

TEST(Fault, DISABLED_Killed) {
  train_with([] { std::raise(SIGKILL); });
}
TEST(Fault, DISABLED_Stopped) {
  train_with([] { std::raise(SIGSTOP); });
}
TEST(Fault, DISABLED_Throws) {
  train_with([] { throw std::runtime_error("the disk is full"); });
}
TEST(Fault, DISABLED_Exits) {
  train_with([] { std::_Exit(0); });
}

}  // namespace
}  // namespace rill::ranks
