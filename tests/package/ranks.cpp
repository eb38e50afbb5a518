#include <rill/core/distributed/rank_trace.h>
#include <rill/rill.h>

#include <cstdio>
#include <cstdlib>

// ranks N: what a program outside of rill does on N ranks.

namespace {

/// One step: each rank has a row of the batch, whose mean is the loss.
bool trains(rill::World& world) {
  const rill::Tensor w = rill::full({1}, world.rank() + 2.0).requires_grad_();  // rank 0's counts
  rill::DataParallel parallel(world, {{"w", w}});
  const rill::Tensor rows = rill::arange(world.size(), rill::float32);
  parallel.begin_step(0, world.size(), world.size());
  for (const rill::MicroBatch& part : parallel.parts())
    parallel.backward(part, (w * rows.narrow(0, part.first, part.rows)).mean());
  const double mean = (world.size() - 1) / 2.0;
  return parallel.end_step().loss == 2 * mean && w.grad().item() == mean;
}

}  // namespace

int main(int argc, char** argv) {
  rill::World world;
  bool is_right = argc == 2 && world.size() == std::atoi(argv[1]);
  world.run([&] { is_right = trains(world) && is_right; });
  if (!is_right) std::fprintf(stderr, "wrong on rank %d of %d\n", world.rank(), world.size());
  return is_right ? 0 : 1;
}
