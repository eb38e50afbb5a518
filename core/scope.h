#pragma once

#include <string>

#include <rill/core/guard_list.h>
#include <rill/core/observer.h>

#ifndef __cpp_rtti
#error "rill tells layers by their types: compile without -fno-rtti"
#endif

namespace rill {

/// Something with a path to show in errors: a module inside its model.
class Named {
 public:
  virtual std::string path() const = 0;
  /// "Linear"
  virtual const std::string& type_name() const = 0;

 protected:
  ~Named() = default;
};

/// Marks, for its lifetime and on this thread, whose forward is running. The path's text is built
/// only when an error or an observer asks for it.
class Scope {
 public:
  [[nodiscard]] explicit Scope(const Named& named) : named_(named), outer_(innermost_) {
    if (is_observed()) detail::tell_begin(named);
    innermost_ = this;
  }
  ~Scope() {
    detail::leave(innermost_, this, &Scope::outer_);
    if (is_observed()) detail::tell_end(named_);
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// The innermost running module, or null.
  static const Named* current() { return innermost_ ? &innermost_->named_ : nullptr; }
  /// Its path, "" outside any.
  static std::string current_path() { return innermost_ ? innermost_->named_.path() : ""; }

 private:
  static constinit thread_local Scope* innermost_;
  const Named& named_;
  Scope* outer_;
};

}  // namespace rill
