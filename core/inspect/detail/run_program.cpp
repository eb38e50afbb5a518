#include <rill/core/inspect/detail/run_program.h>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <rill/core/error.h>

extern char** environ;

namespace rill::inspect::detail {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
/// Without a name, gone when it is closed. Unlike pipes, files cannot make two programs wait for
/// each other.
using File = std::unique_ptr<std::FILE, Close>;

File new_file() {
  File file(std::tmpfile());
  if (!file) fail<Error>("cannot make a temporary file: ", std::strerror(errno));
  return file;
}

void write(const File& file, const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0)
    fail<Error>("cannot write a temporary file: ", std::strerror(errno));
  std::rewind(file.get());
}

std::string read(const File& file) {
  std::string text;
  std::rewind(file.get());
  char block[1 << 14];
  for (size_t n; (n = std::fread(block, 1, sizeof block, file.get())) > 0;) text.append(block, n);
  return text;
}

struct Descriptors {
  posix_spawn_file_actions_t actions;
  Descriptors(int in, int out) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  }
  ~Descriptors() { posix_spawn_file_actions_destroy(&actions); }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;
};

/// Whether it ended well. A shell, and posix_spawn on some systems, end with 127 where there is no
/// such program.
int status_of(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::string run_program(const std::vector<std::string>& command, const std::string& input,
                        const std::string& advice) {
  const File in = new_file(), out = new_file();
  write(in, input);
  const Descriptors descriptors(fileno(in.get()), fileno(out.get()));
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t process = 0;
  const int error = posix_spawnp(&process, arguments[0], &descriptors.actions, nullptr,
                                 arguments.data(), environ);
  if (error != 0) fail<Error>(advice, "; ", command[0], ": ", std::strerror(error));
  const int status = status_of(process);
  if (status == 127) fail<Error>(advice);
  if (status != 0) fail<Error>(command[0], " has failed (status ", status, ")");
  return read(out);
}

}  // namespace rill::inspect::detail
