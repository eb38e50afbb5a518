#pragma once

#include <string>
#include <vector>

namespace rill::distributed {

/// One end of a TCP connection over which lines of text go; it never waits but where that is said.
class LineSocket {
 public:
  explicit LineSocket(int descriptor) : descriptor_(descriptor) {}
  LineSocket(LineSocket&& other) noexcept;
  LineSocket& operator=(LineSocket&& other) noexcept;
  ~LineSocket();

  int descriptor() const { return descriptor_; }
  /// Sends the line; drops it where the other end takes no more.
  void send(const std::string& line) const;
  /// The lines that have come meanwhile. `is_closed` says so afterwards where there will be no
  /// more.
  std::vector<std::string> receive();
  bool is_closed() const { return is_closed_; }
  /// Waits up to so many milliseconds for something to come, or for the end.
  bool wait(int milliseconds) const;

 private:
  int descriptor_ = -1;
  std::string unread_;
  bool is_closed_ = false;
};

/// A port of this machine that takes connections.
class Listener {
 public:
  /// Throws Error where there is no port to be had.
  Listener();
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Where it can be reached: "ADDRESS:PORT ADDRESS:PORT ...", this machine's own last.
  std::string addresses() const;
  /// The next connection, waited for up to so many milliseconds; throws Error where none comes.
  LineSocket accept(int milliseconds) const;

 private:
  int descriptor_;
  int port_ = 0;
};

/// Connects to one of the addresses of a Listener, and sends it `greeting`, which it must send
/// back. Throws Error, naming the addresses, where none does.
LineSocket connect_to(const std::string& addresses, const std::string& greeting);

}  // namespace rill::distributed
