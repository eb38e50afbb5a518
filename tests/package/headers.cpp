#include <rill/rill.h>
