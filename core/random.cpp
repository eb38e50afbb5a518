#include <rill/core/random.h>

#include <atomic>
#include <mutex>

namespace rill {
namespace {

/// What the threads share: the seed, and how many streams of it are given away.
struct Seeding {
  std::mutex mutex;
  uint64_t seed = 0;
  uint64_t next_stream = 0;
  std::atomic<uint64_t> round{1};  // grows with every manual_seed
};
constinit Seeding seeding;

struct ThreadGenerator {
  Generator generator;
  uint64_t round = 0;
  bool is_seeded_itself = false;
};
constinit thread_local ThreadGenerator mine;

/// A seed for each stream, the seed itself for stream 0: the numbers of streams, scrambled by a
/// bijection (the finaliser of SplitMix64; Steele et al. 2014).
uint64_t seed_of(uint64_t seed, uint64_t stream) {
  stream = (stream ^ (stream >> 30)) * 0xbf58476d1ce4e5b9;
  stream = (stream ^ (stream >> 27)) * 0x94d049bb133111eb;
  return seed ^ stream ^ (stream >> 31);
}

void take_stream() {
  const std::lock_guard lock(seeding.mutex);
  mine.generator.manual_seed(seed_of(seeding.seed, seeding.next_stream++));
  mine.round = seeding.round;
}

}  // namespace

Generator& default_generator() {
  if (!mine.is_seeded_itself && mine.round != seeding.round.load(std::memory_order_relaxed))
    take_stream();
  return mine.generator;
}

void manual_seed(uint64_t seed) {
  const std::lock_guard lock(seeding.mutex);
  seeding.seed = seed;
  seeding.next_stream = 1;
  ++seeding.round;
  mine.generator.manual_seed(seed);
  mine.is_seeded_itself = true;
}

}  // namespace rill
