#pragma once

#include <cstdint>

namespace rill::kernels {

/// What becomes of numbers too small for a full significand. Arithmetic takes them for zero and
/// gives zero in their place: with them a product can take 170 times as long. What only moves,
/// compares or selects keeps them.
enum class Denormals { are_zero, are_kept };

/// While it lives, this thread computes as all of rill's do, whatever the program had set: it
/// rounds to nearest, no floating-point exception traps, and denormal numbers count as stated. The
/// state that was found is restored at the end. Does nothing but on x86-64 and 64-bit ARM.
class FloatState {
 public:
  explicit FloatState(Denormals denormals) : found_(read()) {
    const Register wanted = denormals == Denormals::are_zero ? zero_denormals : all_kept;
    changed_ = (found_ & control) != wanted;
    if (changed_) write(wanted);
  }
  ~FloatState() {
    if (changed_) write(found_);
  }
  FloatState(const FloatState&) = delete;
  FloatState& operator=(const FloatState&) = delete;

 private:
#if defined(__x86_64__)  // MXCSR: all exceptions masked; flush to zero, and denormals are zero
  using Register = uint32_t;
  static constexpr Register control = 0xffc0, all_kept = 0x1f80, zero_denormals = 0x9fc0;
  static Register read() {
    Register value;
    asm volatile("stmxcsr %0" : "=m"(value));
    return value;
  }
  static void write(Register value) { asm volatile("ldmxcsr %0" : : "m"(value) : "memory"); }
#elif defined(__aarch64__)  // FPCR: no exception trapped; FZ flushes inputs and outputs
  using Register = uint64_t;
  static constexpr Register control = ~Register{0}, all_kept = 0, zero_denormals = 1 << 24;
  static Register read() {
    Register value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void write(Register value) { asm volatile("msr fpcr, %0" : : "r"(value) : "memory"); }
#else
  using Register = uint32_t;
  static constexpr Register control = 0, all_kept = 0, zero_denormals = 0;
  static Register read() { return 0; }
  static void write(Register) {}
#endif

  Register found_;
  bool changed_;
};

}  // namespace rill::kernels
