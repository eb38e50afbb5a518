#include "run_limited.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace tasks {
namespace {

constexpr size_t half_of_output = 1 << 16;

/// In the new process, where only few functions may be called.
[[noreturn]] void become(char* const* words, int output, int64_t cpu_seconds) {
  const rlimit limit{static_cast<rlim_t>(cpu_seconds), static_cast<rlim_t>(cpu_seconds + 1)};
  setrlimit(RLIMIT_CPU, &limit);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  alarm(static_cast<unsigned>(5 * cpu_seconds));
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(words[0], words);
  _exit(127);
}

/// Its beginning and its end, where it is long.
std::string read_all(int descriptor) {
  std::string text;
  char some[4096];
  for (ssize_t got = 0; (got = read(descriptor, some, sizeof some)) != 0;) {
    if (got < 0 && errno != EINTR) break;
    if (got > 0) text.append(some, static_cast<size_t>(got));
    if (text.size() > 2 * half_of_output)
      text.erase(half_of_output, text.size() - 2 * half_of_output);
  }
  return text;
}

int wait_for(pid_t program) {
  int status = 0;
  while (waitpid(program, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

}  // namespace

bool Ended::has_run_out() const {
  return signal == SIGXCPU || signal == SIGKILL || signal == SIGALRM;
}

Ended run_limited(const std::vector<std::string>& words, int64_t cpu_seconds) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe to run " + words[0]);
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  const pid_t program = fork();
  if (program < 0) throw std::runtime_error("cannot run " + words[0]);
  if (program == 0) become(arguments.data(), ends[1], cpu_seconds);
  close(ends[1]);
  Ended ended;
  ended.output = read_all(ends[0]);
  close(ends[0]);
  const int status = wait_for(program);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

}  // namespace tasks
