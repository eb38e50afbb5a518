#include <rill/core/autograd.h>

// What an op has to do only while somebody watches, or once.

namespace rill {

constinit thread_local bool detail::grad_enabled = true;
constinit thread_local GradModeGuard* GradModeGuard::innermost_ = nullptr;
constinit thread_local const Op* Op::current_ = nullptr;

void GradModeGuard::leave_early() {
  for (GradModeGuard* guard = innermost_; guard; guard = guard->outer_)
    if (guard->outer_ == this) guard->previous_ = previous_;
  detail::leave(innermost_, this, &GradModeGuard::outer_);
}

struct Op::Seen {
  Tensor out;
  std::vector<Tensor> inputs;
};

void Op::begin() try { detail::tell_begin(name_); } catch (...) {
  current_ = outer_;
  throw;
}

void Op::end() noexcept {
  detail::tell_end(name_, seen_ ? seen_->out : Tensor());
  delete seen_;
}

Op::Seen& Op::seen() {
  if (!seen_) seen_ = new Seen;
  return *seen_;
}

void Op::see(const Tensor& input) { seen().inputs.push_back(input); }

void Op::tell(const Tensor& out) {
  notify([&](Observer& observer) { observer.on_output(name_, out, seen().inputs); });
  seen().out = out;
}

}  // namespace rill
