// Linked into every example: a result that nobody can read, because a disk is full, is a failure.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace {

struct CheckedOutput {
  ~CheckedOutput() {
    std::cout.flush();
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
    std::fprintf(stderr, "cannot write to standard output: %s\n",
                 errno != 0 ? std::strerror(errno) : "some of it is lost");
    _exit(1);
  }
};

const CheckedOutput checked_output;

}  // namespace
