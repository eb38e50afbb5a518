#include <rill/nn/attention_watch.h>

#include <utility>

#include <rill/core/scope.h>

namespace rill::nn {

constinit thread_local AttentionWatch* AttentionWatch::innermost_ = nullptr;

AttentionWatch::AttentionWatch(See see) : see_(std::move(see)), outer_(innermost_) {
  innermost_ = this;
}

AttentionWatch::~AttentionWatch() {
  rill::detail::leave(innermost_, this, &AttentionWatch::outer_);
}

void AttentionWatch::show(const Tensor& weights, const Tensor& allowed) const {
  see_(Scope::current_path(), weights, allowed);
}

}  // namespace rill::nn
