#pragma once

#include <cstdint>

namespace rill {

class StateDict;

/// A counter-based stream of random numbers (Philox 4x32-10; Salmon et al. 2011, "Parallel random
/// numbers: as easy as 1, 2, 3"). What is drawn depends on the seed and on how much was drawn
/// before, never on the number of threads.
class Generator {
 public:
  constexpr explicit Generator(uint64_t seed = 0) : seed_(seed) {}

  Generator& manual_seed(uint64_t seed) {
    seed_ = seed;
    offset_ = 0;
    return *this;
  }
  uint64_t seed() const { return seed_; }
  /// How many blocks of 128 bits have been drawn.
  uint64_t offset() const { return offset_; }
  void set_offset(uint64_t offset) { offset_ = offset; }
  /// Takes `blocks` blocks for a kernel to compute by itself; returns the first one's number.
  uint64_t reserve(uint64_t blocks) {
    const uint64_t first = offset_;
    offset_ += blocks;
    return first;
  }

  /// "seed" and "offset", int64 without dimensions: the same 64 bits, so that numbers from 2^63 on
  /// show as negative ones.
  [[nodiscard]] StateDict state_dict() const;
  /// Takes up such a state: what is drawn next is what would have been drawn then. Throws
  /// ValueError, with nothing changed, for one of another form.
  void load_state_dict(const StateDict& state);

  uint64_t initial_seed(...) const = delete;  // seed()
  StateDict get_state(...) const = delete;    // state_dict()
  void set_state(...) const = delete;         // load_state_dict(state)

 private:
  uint64_t seed_;
  uint64_t offset_ = 0;
};

/// The generator of this thread that ops use where none is given. Each thread draws from a stream
/// of its own, numbered by the order in which they first draw. Threads that start to draw at the
/// same time are better given a Generator each: their order may differ from run to run.
Generator& default_generator();

/// A generator as an option has it: `.generator = g` (or `&g`), which must outlive the call.
class GeneratorOption {
 public:
  constexpr GeneratorOption(Generator* generator = nullptr) : generator_(generator) {}
  constexpr GeneratorOption(Generator& generator) : generator_(&generator) {}
  GeneratorOption(const Generator&) = delete;  // Generator g(seed); {.generator = g}

  /// This thread's default unless given.
  Generator& get() const { return generator_ ? *generator_ : default_generator(); }

 private:
  Generator* generator_;
};

/// Seeds the default generators: this thread's with `seed` itself, and those of all threads that
/// were never seeded from within with the next streams of `seed`, as they draw.
void manual_seed(uint64_t seed);

}  // namespace rill
