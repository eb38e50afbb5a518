#pragma once

#include <string>

namespace examples {

/// The command line of an example that has no flags, made at the beginning of main: it takes --help
/// and ends the program, with 2 where anything else was asked. At the end it says what to try next.
class Program {
 public:
  Program(int argc, const char* const* argv);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

 private:
  const std::string name_;
};

}  // namespace examples
