#include "program.h"

#include <cstdlib>
#include <filesystem>

#include "command_line.h"

namespace examples {

Program::Program(int argc, const char* const* argv)
    : name_(argc > 0 ? std::filesystem::path(argv[0]).filename() : "example") {
  CommandLine line(name_, "");
  if (const std::optional<int> code = line.parse(argc, argv)) std::exit(*code);
}

Program::~Program() { say_next(name_); }

}  // namespace examples
