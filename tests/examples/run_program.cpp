#include "run_program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>
#include "test_paths.h"
#include "tests/support/text_of.h"

namespace rill::testing {
namespace {

/// Removes the folders when the process ends.
struct Folders {
  std::vector<std::string> paths;
  ~Folders() {
    std::error_code ignored;
    for (const std::string& path : paths) std::filesystem::remove_all(path, ignored);
  }
};

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Begins a line of the shell that writes to `output`, with signals as a terminal leaves them.
pid_t spawn(const std::string& line, int output) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const char* const words[] = {"sh", "-c", line.c_str(), nullptr};
  pid_t program = -1;
  if (posix_spawn(&program, "/bin/sh", &files, &attributes, const_cast<char**>(words), environ) !=
      0)
    throw std::runtime_error("cannot run " + line);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return program;
}

}  // namespace

std::string temporary_folder() {
  static Folders folders;
  std::string path = (std::filesystem::temp_directory_path() / "rill-test-XXXXXX").string();
  if (!mkdtemp(path.data())) throw std::runtime_error("cannot make a folder like " + path);
  folders.paths.push_back(path);
  return path;
}

std::string read_file(const std::string& path) { return text_of(path); }

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Outcome run_example(const std::string& command, const std::string& settings,
                    const std::string& redirections) {
  return run_command(settings + " " + RILL_EXAMPLES_BINARY_DIR + "/" + command, redirections);
}

Outcome signal_example(const std::string& command, const std::vector<Sending>& sendings) {
  // It could run for ever where it does not heed its signals.
  const std::string line = std::string("ulimit -t 300; exec ") + RILL_EXAMPLES_BINARY_DIR + "/" +
                           command + " </dev/null 2>&1";
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t program = spawn(line, ends[1]);
  close(ends[1]);
  std::string said;
  size_t sent = 0;
  for (char c = 0; read(ends[0], &c, 1) == 1;) {
    said += c;
    if (sent < sendings.size() && said.ends_with(sendings[sent].after))
      kill(program, sendings[sent++].signal);
  }
  close(ends[0]);
  int status = 0;
  waitpid(program, &status, 0);
  return {exit_code_of(status), said, ""};
}

Outcome run_in_terminal(const std::string& command, int columns, const std::string& until,
                        const std::string& settings) {
  return run_command_in_terminal(settings + " exec " + RILL_EXAMPLES_BINARY_DIR + "/" + command,
                                 columns, until);
}

Outcome run_command_in_terminal(const std::string& line, int columns, const std::string& until) {
  const winsize size{24, static_cast<unsigned short>(columns), 0, 0};
  int terminal = -1;
  const pid_t program = forkpty(&terminal, nullptr, nullptr, &size);
  if (program < 0) throw std::runtime_error("no terminal");
  if (program == 0) {
    execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    _exit(127);
  }
  std::string said;
  char some[4096];
  for (ssize_t got = 0; (got = read(terminal, some, sizeof some)) > 0;) {
    said.append(some, static_cast<size_t>(got));
    if (!until.empty() && said.find(until) != std::string::npos) kill(program, SIGKILL);
  }
  close(terminal);
  int status = 0;
  waitpid(program, &status, 0);
  return {exit_code_of(status), said, ""};
}

Outcome run_command(const std::string& command, const std::string& redirections) {
  const std::string folder = temporary_folder();
  const std::string line =
      command + " </dev/null >" + folder + "/out 2>" + folder + "/err " + redirections;
  const int status = std::system(line.c_str());
  return {exit_code_of(status), read_file(folder + "/out"), read_file(folder + "/err")};
}

}  // namespace rill::testing
