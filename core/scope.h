#pragma once

#include <string>

namespace rill {

/// Something with a path to show in errors: a module inside its model.
class Named {
 public:
  virtual std::string path() const = 0;

 protected:
  ~Named() = default;
};

/// Marks, for its lifetime and on this thread, whose forward is running. The path's text is built
/// only when an error or an observer asks for it.
class Scope {
 public:
  explicit Scope(const Named& named) : outer_(current_) { current_ = &named; }
  ~Scope() { current_ = outer_; }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// The innermost running module, or null.
  static const Named* current() { return current_; }
  /// Its path, "" outside any.
  static std::string current_path() { return current_ ? current_->path() : std::string(); }

 private:
  inline static thread_local const Named* current_ = nullptr;
  const Named* outer_;
};

}  // namespace rill
