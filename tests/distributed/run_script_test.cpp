#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "run_ranks.h"
#include "test_paths.h"
#include "tests/support/own_folder.h"

// `examples/run --ranks`, with a copy of its own and programs that stand for CMake and mpirun.

namespace rill::testing {
namespace {

class RunScriptOnRanks : public OwnFolder {
 protected:
  void SetUp() override {
    OwnFolder::SetUp();
    for (const char* name :
         {"cmake", "examples/tiny_transformer", "build/release/examples", "tools"})
      fs::create_directories(folder_ / name);
    fs::copy(RILL_SOURCE_DIR "/cmake/setup.sh", folder_ / "cmake");
    fs::copy(RILL_SOURCE_DIR "/examples/run", folder_ / "examples");
    write("examples/tiny_transformer/main.cpp",
          "// examples/tiny_transformer/main.cpp: trains\n"
          "rill::World world;\n");
    write("build/release/build.ninja", "");
    write("tools/cmake", "#!/bin/sh\necho \"cmake $*\" >> " + path("calls") + "\n");
    write("tools/mpirun", "#!/bin/sh\necho mpirun \"$@\"\n");
    for (const char* tool : {"tools/cmake", "tools/mpirun"})
      fs::permissions(folder_ / tool, fs::perms::owner_all);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  /// What was configured: with this launcher of ranks.
  std::string cache(const std::string& launcher) const {
    return "CMAKE_HOME_DIRECTORY:INTERNAL=" + fs::canonical(folder_).string() +
           "\nRILL_MINE:STRING=kept\nRILL_MPIEXEC:INTERNAL=" + launcher + "\n";
  }
  RanksOutcome run() const {
    return run_line("RILL_SKIP_PACKAGES=1 PATH=" + path("tools") + ":$PATH " +
                    path("examples/run") + " --ranks 2 tiny_transformer --seed 3");
  }
};

TEST_F(RunScriptOnRanks, StartsThemByTheLauncherThatTheBuildHasFound) {
  write("build/release/CMakeCache.txt", cache(path("tools/mpirun") + ";-flag"));
  const RanksOutcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.said;
  EXPECT_NE(outcome.said.find("mpirun -flag -n 2 sh -c "), std::string::npos) << outcome.said;
  EXPECT_NE(outcome.said.find("/tiny_transformer --seed 3"), std::string::npos) << outcome.said;
  EXPECT_EQ(text_of("calls").find("RILL_MPI="), std::string::npos) << text_of("calls");
}

TEST_F(RunScriptOnRanks, LooksForMpiAnewInABuildWithoutItAndLeavesTheRestOfItsCache) {
  write("build/release/CMakeCache.txt", cache(""));
  const RanksOutcome outcome = run();
  EXPECT_NE(text_of("calls").find("-DRILL_MPI=REQUIRED"), std::string::npos) << text_of("calls");
  EXPECT_EQ(text_of("calls").find("--fresh"), std::string::npos) << text_of("calls");
  EXPECT_EQ(text_of("build/release/CMakeCache.txt"), cache(""));
  EXPECT_EQ(outcome.exit_code, 1);  // this CMake finds nothing
  EXPECT_NE(outcome.said.find("there is no mpirun: install openmpi-bin"), std::string::npos)
      << outcome.said;
}

TEST_F(RunScriptOnRanks, SaysWhereTheLauncherIsNoMore) {
  write("build/release/CMakeCache.txt", cache("/nowhere/mpirun"));
  const RanksOutcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.said.find("there is no mpirun at /nowhere/mpirun: install openmpi-bin"),
            std::string::npos)
      << outcome.said;
}

}  // namespace
}  // namespace rill::testing
