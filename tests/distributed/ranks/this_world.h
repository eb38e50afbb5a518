#pragma once

#include <gtest/gtest.h>

#include <rill/core/distributed/world.h>

namespace rill::ranks {

/// The world that this process is a rank of.
World& this_world();

}  // namespace rill::ranks
