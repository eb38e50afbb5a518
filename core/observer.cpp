#include <rill/core/observer.h>

namespace rill {

ObserverGuard::ObserverGuard(Observer& observer) : observer_(observer), outer_(innermost_) {
  innermost_ = this;
}

ObserverGuard::~ObserverGuard() { innermost_ = outer_; }

}  // namespace rill
