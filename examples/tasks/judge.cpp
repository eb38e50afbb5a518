#include "judge.h"

#include <dlfcn.h>
#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "grade.h"
#include "run_limited.h"
#include "task_paths.h"
#include "tell.h"

namespace tasks {
namespace {

constexpr int64_t compile_seconds = 30, run_seconds = 2;
constexpr int code_of_wrong = 3;
const std::string before_verdict = "\x02verdict\n";

constexpr int64_t line_of_call = 4;  // of the next

/// A file's function, as the grader calls it.
std::string wrapper_of(const Task& task, const std::string& file) {
  return fmt::format(
      "#include \"function.h\"\n"
      "#include \"{}\"\n"
      "extern \"C\" const tasks::Function* rill_task() {{\n"
      "  static const tasks::Function function({});\n"
      "  return &function;\n"
      "}}\n",
      file, task.name);
}

std::vector<std::string> compiler_words(const std::string& source, const std::string& library) {
  std::istringstream flags(RILL_TASK_FLAGS);
  std::vector<std::string> words{RILL_TASK_COMPILER};
  for (std::string flag; flags >> flag;) words.push_back(flag);
  for (const char* flag :
       {"-std=c++20", "-O0", "-Wall", "-Wno-unused", "-Wno-error", "-Werror=return-type", "-fPIC",
        "-shared", "-I" RILL_TASK_INCLUDE_DIR, "-I" RILL_EXAMPLES_DIR "/tasks"})
    words.push_back(flag);
  words.insert(words.end(), {source, "-o", library});
  return words;
}

std::string first_lines(const std::string& text, int64_t count) {
  std::istringstream in(text);
  std::string shown;
  for (std::string line; std::getline(in, line); shown += "  " + line + "\n")
    if (count-- == 0) return shown + "  ...\n";
  return shown;
}

/// A compiler's output up to its second error.
std::string first_error(const std::string& output) {
  std::istringstream in(output);
  std::string shown;
  int64_t errors = 0;
  for (std::string line; std::getline(in, line); shown += line + "\n")
    if (line.find("error:") != std::string::npos && ++errors == 2) break;
  return shown;
}

/// The first error, without the lines that lead to the place.
std::string short_error(const std::string& output) {
  std::istringstream in(first_error(output));
  std::string shown;
  for (std::string line; std::getline(in, line);) {
    const bool leads_there =
        line.starts_with("In file included from") || line.starts_with("                 from");
    if (!leads_there) shown += line + "\n";
  }
  return first_lines(shown, 12);
}

/// Whether the first error stands in what is put around a learner's file, or comes of its call.
bool is_of_wrapper(const std::string& output, const std::string& source) {
  const std::string first = first_error(output);
  const auto is_at = [&](int64_t line) {
    return first.find(fmt::format("{}:{}:", source, line)) != std::string::npos;
  };
  return is_at(line_of_call - 1) || is_at(line_of_call);
}

std::string does_not_compile(const Task& task, const Ended& ended, const std::string& source) {
  const std::string told = file_of(task) + ": it does not compile\n";
  if (ended.has_run_out()) return told + "  the compiler did not come to an end\n";
  if (!is_of_wrapper(ended.output, source)) return told + short_error(ended.output);
  return told +
         fmt::format("  it must have the function {}, once, with the parameters that it had\n",
                     task.name);
}

/// This very program, as it was called.
std::string own_path() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&grade_compiled), &info);
  return info.dli_fname;
}

std::string why_it_ended(const Ended& ended) {
  if (ended.has_run_out() && ended.signal != SIGKILL)
    return fmt::format("it did not come to an end in {} seconds: a loop that never ends?",
                       run_seconds);
  if (ended.signal == SIGKILL) return "it was ended: it took all memory, or computed for ever";
  if (ended.signal == SIGSEGV)
    return "it crashed: it reads beside an array, or calls itself without end";
  if (ended.signal != 0) return fmt::format("it crashed, by signal {}", ended.signal);
  return fmt::format("it ended the whole program, with {}", ended.code);
}

Judgement read_judgement(const Task& task, const Ended& ended) {
  const size_t at = ended.output.rfind(before_verdict);
  const std::string printed = first_lines(ended.output.substr(0, at), 15);
  Judgement judgement{at != std::string::npos && ended.signal == 0 && ended.code == 0,
                      printed.empty() ? "" : "It printed:\n" + printed};
  judgement.told += at == std::string::npos ? file_of(task) + ": " + why_it_ended(ended) + "\n"
                                            : ended.output.substr(at + before_verdict.size());
  return judgement;
}

/// Files that are there as long as this is.
struct Passing {
  std::string source, library;
  ~Passing() {
    std::error_code ignored;
    std::filesystem::remove(source, ignored);
    std::filesystem::remove(library, ignored);
  }
};

/// For the compiler to speak English, and since all threads of a program together have the time
/// that it is given.
void prepare_environment() {
  setenv("LC_ALL", "C", 1);
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) setenv(name, "1", 1);
}

void write_wrapper(const std::string& path, const std::string& text) {
  if (!(std::ofstream(path) << text << std::flush))
    throw std::runtime_error("cannot write " + path + "; choose another --out-dir");
}

int tell_verdict(const std::string& told, bool is_right) {
  std::fflush(stdout);
  std::printf("%s%s", before_verdict.c_str(), told.c_str());
  std::fflush(stdout);
  return is_right ? 0 : code_of_wrong;
}

}  // namespace

Judgement judge(const Task& task, const std::string& file, const std::string& folder) {
  const std::string stem =
      fmt::format("{}/.{}-{}", std::filesystem::absolute(folder).string(), task.name, getpid());
  const Passing made{stem + ".cc", stem + ".so"};
  write_wrapper(made.source, wrapper_of(task, std::filesystem::absolute(file)));
  prepare_environment();
  const Ended compiled = run_limited(compiler_words(made.source, made.library), compile_seconds);
  if (compiled.code == 127 && compiled.output.empty())
    throw std::runtime_error("there is no compiler " RILL_TASK_COMPILER);
  if (compiled.signal != 0 || compiled.code != 0)
    return {false, does_not_compile(task, compiled, made.source)};
  return read_judgement(task,
                        run_limited({own_path(), "--grade", made.library, task.name}, run_seconds));
}

int grade_compiled(const std::string& name, const std::string& library) {
  const auto task = std::ranges::find(all_tasks(), name, &Task::name);
  if (task == all_tasks().end()) throw std::invalid_argument("there is no task '" + name + "'");
  void* const opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const found = opened ? dlsym(opened, "rill_task") : nullptr;
  if (!found)
    return tell_verdict(
        fmt::format("{}: it uses what is not defined\n  {}\n", file_of(*task), dlerror()), false);
  const Verdict verdict = grade(*task, *reinterpret_cast<const Function* (*)()>(found)());
  return tell_verdict(tell(*task, verdict), verdict.is_right);
}

}  // namespace tasks
