#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <rill/core/memory/small_blocks.h>

namespace rill {

/// The count inside every shared object. A sole owner is looked for before the locked decrement.
class RefCount {
 public:
  void increment() { count_.fetch_add(1, std::memory_order_relaxed); }
  /// True when the last owner is gone.
  bool decrement() {
    if (count_.load(std::memory_order_acquire) == 1) return true;
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  bool is_sole() const { return count_.load(std::memory_order_acquire) == 1; }

 private:
  std::atomic<uint32_t> count_{1};
};

/// A pointer to an object with a member `RefCount refs` and a static `destroy(T*)`.
template <class T>
class Ref {
 public:
  Ref() = default;
  /// Takes over the count that `object` was made with.
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  /// One more owner of an object that others own already.
  static Ref share(T* object) {
    if (object) object->refs.increment();
    return adopt(object);
  }
  Ref(const Ref& other) : object_(other.object_) {
    if (object_) object_->refs.increment();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { reset(); }

  void reset() {
    T* object = std::exchange(object_, nullptr);
    if (object && object->refs.decrement()) T::destroy(object);
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const Ref& other) const { return object_ == other.object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace rill
