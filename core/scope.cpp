#include <rill/core/scope.h>

namespace rill {

constinit thread_local Scope* Scope::innermost_ = nullptr;

}  // namespace rill
