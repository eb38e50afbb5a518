#pragma once

#include <rill/core/tensor.h>

namespace rill {

/// Sees what ops and the graph do on this thread: the one seam for tracing, profiling and finding
/// where a NaN was born. Each call does nothing unless overridden.
class Observer {
 public:
  virtual ~Observer() = default;
  /// An op begins: forward ops, recorded or not.
  virtual void on_begin(const char* /*op*/) {}
  /// An op has ended; `out` is undefined where it failed or has no single output.
  virtual void on_end(const char* /*op*/, const Tensor& /*out*/) {}
  /// An op has made `out`, and is about to return it. May throw.
  virtual void on_output(const char* /*op*/, const Tensor& /*out*/) {}
  /// A node begins its part of a backward walk.
  virtual void on_begin(const Node& /*node*/) {}
  virtual void on_end(const Node& /*node*/) {}
  /// An op was recorded.
  virtual void on_record(const Node& /*node*/) {}
  /// Row `row` of `node` has turned the gradient of its output into that of an input.
  virtual void on_gradient(const Node& /*node*/, int /*row*/, const Tensor& /*incoming*/,
                           const Tensor& /*outgoing*/) {}
  /// `gradient` is added to what has arrived at `node` so far.
  virtual void on_accumulate(const Node& /*node*/, const Tensor& /*gradient*/) {}
};

/// Attaches an observer on this thread for the guard's lifetime. Guards nest: each observer that
/// is attached sees everything.
class ObserverGuard {
 public:
  explicit ObserverGuard(Observer& observer);
  ~ObserverGuard();
  ObserverGuard(const ObserverGuard&) = delete;
  ObserverGuard& operator=(const ObserverGuard&) = delete;

  Observer& observer() const { return observer_; }
  const ObserverGuard* outer() const { return outer_; }
  /// The innermost guard of this thread, or null.
  static const ObserverGuard* innermost() { return innermost_; }

 private:
  inline static thread_local const ObserverGuard* innermost_ = nullptr;
  Observer& observer_;
  const ObserverGuard* outer_;
};

/// Whether anybody watches this thread.
inline bool is_observed() { return ObserverGuard::innermost() != nullptr; }

/// Tells each attached observer, where there is one: `notify([&](Observer& o) { ... })`.
template <class Tell>
void notify(Tell tell) {
  for (const ObserverGuard* guard = ObserverGuard::innermost(); guard; guard = guard->outer())
    tell(guard->observer());
}

}  // namespace rill
