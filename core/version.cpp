#include <rill/version.h>

#define RILL_TEXT(number) #number
#define RILL_JOINED(major, minor, patch) RILL_TEXT(major) "." RILL_TEXT(minor) "." RILL_TEXT(patch)

namespace rill {

const char* version() {
  return RILL_JOINED(RILL_VERSION_MAJOR, RILL_VERSION_MINOR, RILL_VERSION_PATCH);
}

}  // namespace rill
