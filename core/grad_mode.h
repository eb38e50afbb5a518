#pragma once

// Whether what runs on this thread is recorded for a backward pass.

namespace rill {

namespace detail {
extern constinit thread_local bool grad_enabled;
}

/// Whether ops on this thread record rows.
inline bool is_grad_enabled() { return detail::grad_enabled; }

/// Recording on or off on this thread, for the guard's lifetime.
class GradModeGuard {
 public:
  [[nodiscard]] explicit GradModeGuard(bool enabled)
      : previous_(detail::grad_enabled), outer_(innermost_) {
    detail::grad_enabled = enabled;
    innermost_ = this;
  }
  ~GradModeGuard() {
    if (innermost_ != this) {
      leave_early();
    } else {
      detail::grad_enabled = previous_;
      innermost_ = outer_;
    }
  }
  GradModeGuard(const GradModeGuard&) = delete;
  GradModeGuard& operator=(const GradModeGuard&) = delete;

 private:
  /// A guard that began later is still there: its mode stays, until it ends.
  void leave_early();

  static constinit thread_local GradModeGuard* innermost_;
  bool previous_;
  GradModeGuard* outer_;
};

/// No recording: for evaluation, and for writing to parameters.
class NoGradGuard : public GradModeGuard {
 public:
  [[nodiscard]] NoGradGuard() : GradModeGuard(false) {}
};

/// Recording again, inside a NoGradGuard.
class EnableGradGuard : public GradModeGuard {
 public:
  [[nodiscard]] EnableGradGuard() : GradModeGuard(true) {}
};

/// Recording on or off on this thread, until it is set again or the guard around it ends.
inline void set_grad_enabled(bool enabled) { detail::grad_enabled = enabled; }

}  // namespace rill
