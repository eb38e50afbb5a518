#pragma once

#include <exception>

#include <rill/core/random.h>

namespace rill::detail {

/// Puts a generator back to where it was where an exception ends the scope: what has failed, for
/// want of memory say, draws the same numbers when it is tried again.
class UndoDraws {
 public:
  explicit UndoDraws(Generator& generator) : generator_(generator) {}
  ~UndoDraws() {
    if (std::uncaught_exceptions() > exceptions_) generator_.set_offset(offset_);
  }
  UndoDraws(const UndoDraws&) = delete;
  UndoDraws& operator=(const UndoDraws&) = delete;

 private:
  Generator& generator_;
  const uint64_t offset_ = generator_.offset();
  const int exceptions_ = std::uncaught_exceptions();
};

}  // namespace rill::detail
