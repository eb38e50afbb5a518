#include <rill/core/detail/warn.h>
#include <rill/core/node.h>
#include <rill/core/observer.h>
#include <rill/core/scope.h>

namespace rill {

constinit thread_local ObserverGuard* ObserverGuard::innermost_ = nullptr;

namespace detail {
namespace {

template <class Tell>
void tell_end_of(const char* name, Observer& observer, Tell tell) noexcept try {
  tell(observer);
} catch (const std::exception& error) {
  warn("an observer threw at the end of ", name, ": ", error.what());
} catch (...) {
  warn("an observer threw at the end of ", name);
}

template <class Begin, class End>
void tell_begin_of(const char* name, Begin begin, End end) {
  Observer* refused = nullptr;
  try {
    notify([&](Observer& observer) {
      refused = &observer;
      begin(observer);
    });
  } catch (...) {
    bool was_told = true;
    notify([&](Observer& observer) {
      was_told = was_told && &observer != refused;
      if (was_told) tell_end_of(name, observer, end);
    });
    throw;
  }
}

}  // namespace

void tell_begin(const char* op) {
  tell_begin_of(
      op, [&](Observer& observer) { observer.on_begin(op); },
      [&](Observer& observer) { observer.on_end(op, Tensor()); });
}

void tell_begin(const Node& node) {
  tell_begin_of(
      node.name(), [&](Observer& observer) { observer.on_begin(node); },
      [&](Observer& observer) { observer.on_end(node); });
}

void tell_begin(const Named& module) {
  tell_begin_of(
      module.type_name().c_str(), [&](Observer& observer) { observer.on_enter(module); },
      [&](Observer& observer) { observer.on_leave(module); });
}

void tell_begin_walk() {
  tell_begin_of(
      "a walk backward", [](Observer& observer) { observer.on_begin_walk(); },
      [](Observer& observer) { observer.on_end_walk(); });
}

void tell_end_walk() noexcept {
  notify([](Observer& observer) {
    tell_end_of("a walk backward", observer, [](Observer& told) { told.on_end_walk(); });
  });
}

void tell_end(const char* op, const Tensor& out) noexcept {
  notify([&](Observer& observer) {
    tell_end_of(op, observer, [&](Observer& told) { told.on_end(op, out); });
  });
}

void tell_end(const Node& node) noexcept {
  notify([&](Observer& observer) {
    tell_end_of(node.name(), observer, [&](Observer& told) { told.on_end(node); });
  });
}

void tell_end(const Named& module) noexcept {
  notify([&](Observer& observer) {
    tell_end_of(module.type_name().c_str(), observer,
                [&](Observer& told) { told.on_leave(module); });
  });
}

}  // namespace detail
}  // namespace rill
