#include "program.h"

#include <cstdio>
#include <exception>
#include <vector>

#include "../recipes.h"

namespace rill::benchmarks {

void add_flags(CLI::App& app, Timed& timed) {
  std::vector<std::string> names;
  for (const Recipe& recipe : recipes) names.emplace_back(recipe.name);
  app.add_option("--model", timed.model)->check(CLI::IsMember(names))->capture_default_str();
  app.add_option("--steps", timed.steps, "Steps that are timed")->capture_default_str();
}

int run(const std::string& program, const std::function<void()>& work) {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 1;
  }
}

}  // namespace rill::benchmarks
