// Runs the tests of tests/distributed/ranks on this rank of a world; those of tests/distributed
// start it by mpirun.
#include "this_world.h"

#include <cstdio>
#include <exception>
#include <string>

namespace rill::ranks {
namespace {
World* world = nullptr;
}
World& this_world() { return *world; }
}  // namespace rill::ranks

namespace {

int run_tests() {
  rill::World world;
  rill::ranks::world = &world;
  const bool ends_world =
      GTEST_FLAG_GET(filter).find(".DISABLED_Ends") != std::string::npos;  // by itself
  if (ends_world) return RUN_ALL_TESTS();
  int code = 0;
  world.run([&] { code = RUN_ALL_TESTS(); });
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    return run_tests();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "failed: %s\n", error.what());
    return 1;
  }
}
