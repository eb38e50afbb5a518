#include <rill/core/random.h>

#include <atomic>
#include <bit>
#include <mutex>

#include <rill/core/error.h>
#include <rill/core/state_dict.h>

namespace rill {
namespace {

NamedTensor bits_of(const char* name, uint64_t number) {
  return {name, from_vector(std::vector<int64_t>{std::bit_cast<int64_t>(number)}, {})};
}

bool is_number_named(const NamedTensor& entry, std::string_view name) {
  return entry.name == name && entry.tensor.defined() && entry.tensor.dtype() == int64 &&
         entry.tensor.dims() == 0;
}

}  // namespace

StateDict Generator::state_dict() const {
  return {bits_of("seed", seed_), bits_of("offset", offset_)};
}

void Generator::load_state_dict(const StateDict& state) {
  if (state.size() != 2 || !is_number_named(state[0], "seed") ||
      !is_number_named(state[1], "offset"))
    fail<ValueError>("load_state_dict: the state of a Generator holds the int64 numbers seed and ",
                     "offset, in this order");
  seed_ = std::bit_cast<uint64_t>(state[0].tensor.item<int64_t>());
  offset_ = std::bit_cast<uint64_t>(state[1].tensor.item<int64_t>());
}

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
