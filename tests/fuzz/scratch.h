#pragma once

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace rill::fuzz {

/// Aborts, which the fuzzer reports, unless it holds.
inline void want(bool holds) {
  if (!holds) std::abort();
}

/// A folder of its own, in memory where the system has that, with a file "input" that is
/// overwritten again and again. It is removed in the end, with the files that `names` has beside
/// the input.
class Scratch {
 public:
  explicit Scratch(std::initializer_list<const char*> names = {})
      : names_(names), folder_(::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") {
    folder_ += "/rill-fuzz-XXXXXX";
    want(::mkdtemp(folder_.data()) != nullptr);
    input_ = path("input");
    descriptor_ = ::open(input_.c_str(), O_WRONLY | O_CREAT, 0600);
    want(descriptor_ >= 0);
  }
  ~Scratch() {
    ::close(descriptor_);
    ::unlink(input_.c_str());
    for (const char* name : names_) ::unlink(path(name).c_str());
    ::rmdir(folder_.c_str());
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(const char* name) const { return folder_ + "/" + name; }

  /// The path of the input, which has these bytes now.
  const std::string& holding(std::string_view bytes) const {
    const auto size = static_cast<off_t>(bytes.size());
    want(::ftruncate(descriptor_, size) == 0);
    want(::pwrite(descriptor_, bytes.data(), bytes.size(), 0) == size);
    return input_;
  }

 private:
  std::vector<const char*> names_;
  std::string folder_, input_;
  int descriptor_;
};

}  // namespace rill::fuzz
