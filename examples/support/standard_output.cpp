// Linked into every example: a terminal gets lines that fit, and a result that nobody can read,
// because a disk is full, is a failure.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "screen.h"

namespace {

struct CheckedOutput {
  CheckedOutput() { examples::Screen::get().take_over(); }
  ~CheckedOutput() {
    std::cout.flush();
    errno = 0;
    const bool is_whole = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    examples::Screen::get().finish();
    if (is_whole) return;
    std::fprintf(stderr, "cannot write to standard output: %s\n",
                 errno != 0 ? std::strerror(errno) : "some of it is lost");
    _exit(1);
  }
};

const CheckedOutput checked_output;

}  // namespace
