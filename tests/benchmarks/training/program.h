#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace rill::benchmarks {

/// Of which model of recipes.h steps are timed, and how many.
struct Timed {
  std::string model;
  int steps;
};

/// Adds --model and --steps; what `timed` holds are their defaults.
void add_flags(CLI::App& app, Timed& timed);

/// Runs `work`, and returns what main should: 1 where it throws, which is told as PROGRAM's.
int run(const std::string& program, const std::function<void()>& work);

}  // namespace rill::benchmarks
