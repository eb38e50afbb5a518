#pragma once

#include <span>
#include <utility>

#include <rill/core/guard_list.h>
#include <rill/core/tensor.h>

namespace rill {

class Named;

/// Sees what ops and the graph do on this thread: the one seam for tracing, profiling and finding
/// where a NaN was born. Each call does nothing unless overridden. What a call throws leaves the op
/// or the backward that it was told of; an end is told by destructors, where it is a warning.
class Observer {
 public:
  virtual ~Observer() = default;
  /// An op begins, recorded or not: in forward, or in a row of a backward.
  virtual void on_begin(const char* /*op*/) {}
  /// An op has ended; `out` is undefined where it failed or has no single output.
  virtual void on_end(const char* /*op*/, const Tensor& /*out*/) {}
  /// An op has made `out`, and is about to return it. `inputs` are the tensors that it came from,
  /// those that want no gradient too; an option that was left out is undefined. Of what an in-place
  /// op wrote to, it is a copy from before.
  virtual void on_output(const char* /*op*/, const Tensor& /*out*/,
                         std::span<const Tensor> /*inputs*/) {}
  /// A walk backward over the graph begins: until its end ops run in rows and hooks, and to add up.
  virtual void on_begin_walk() {}
  virtual void on_end_walk() {}
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
  /// All of the gradient of what `node` made has arrived, and its hooks have run.
  virtual void on_finish(const Node& /*node*/, const Tensor& /*gradient*/) {}
  /// A node has let go of what its rows kept.
  virtual void on_release(const Node& /*node*/) {}
  /// The forward of a module begins.
  virtual void on_enter(const Named& /*module*/) {}
  virtual void on_leave(const Named& /*module*/) {}
};

/// Attaches an observer on this thread for the guard's lifetime. Guards nest: each observer that
/// is attached sees everything.
class ObserverGuard {
 public:
  [[nodiscard]] explicit ObserverGuard(Observer& observer)
      : observer_(observer), outer_(innermost_) {
    innermost_ = this;
  }
  ~ObserverGuard() { detail::leave(innermost_, this, &ObserverGuard::outer_); }
  ObserverGuard(const ObserverGuard&) = delete;
  ObserverGuard& operator=(const ObserverGuard&) = delete;

  Observer& observer() const { return observer_; }
  const ObserverGuard* outer() const { return outer_; }
  /// The innermost guard of this thread, or null.
  static const ObserverGuard* innermost() { return innermost_; }

 private:
  friend class UnobservedGuard;
  static constinit thread_local ObserverGuard* innermost_;
  Observer& observer_;
  ObserverGuard* outer_;
};

/// For its lifetime nobody watches this thread, but who is attached meanwhile: for what is no part
/// of a program's own computing.
class UnobservedGuard {
 public:
  [[nodiscard]] UnobservedGuard() : waiting_(std::exchange(ObserverGuard::innermost_, nullptr)) {}
  ~UnobservedGuard() { ObserverGuard::innermost_ = waiting_; }
  UnobservedGuard(const UnobservedGuard&) = delete;
  UnobservedGuard& operator=(const UnobservedGuard&) = delete;

 private:
  ObserverGuard* waiting_;
};

/// Whether anybody watches this thread.
inline bool is_observed() { return ObserverGuard::innermost() != nullptr; }

/// Tells each attached observer, where there is one: `notify([&](Observer& o) { ... })`. One that
/// is told may end its own guard.
template <class Tell>
void notify(Tell tell) {
  for (const ObserverGuard *guard = ObserverGuard::innermost(), *next; guard; guard = next) {
    next = guard->outer();
    tell(guard->observer());
  }
}

namespace detail {

/// Where an observer throws, those told before it are told of the end.
void tell_begin(const char* op);
void tell_begin(const Node& node);
void tell_begin(const Named& module);
void tell_begin_walk();
void tell_end(const char* op, const Tensor& out) noexcept;
void tell_end(const Node& node) noexcept;
void tell_end(const Named& module) noexcept;
void tell_end_walk() noexcept;

/// Tells observers that a walk begins, and that it has ended or thrown.
struct ObservedWalk {
  ObservedWalk() {
    if (is_observed()) tell_begin_walk();
  }
  ~ObservedWalk() {
    if (is_observed()) tell_end_walk();
  }
  ObservedWalk(const ObservedWalk&) = delete;
  ObservedWalk& operator=(const ObservedWalk&) = delete;
};

/// Tells observers that a node begins its part of a walk, and that it has ended or thrown.
class ObservedNode {
 public:
  explicit ObservedNode(const Node& node) : node_(node) {
    if (is_observed()) tell_begin(node);
  }
  ~ObservedNode() {
    if (is_observed()) tell_end(node_);
  }
  ObservedNode(const ObservedNode&) = delete;
  ObservedNode& operator=(const ObservedNode&) = delete;

 private:
  const Node& node_;
};

}  // namespace detail
}  // namespace rill
