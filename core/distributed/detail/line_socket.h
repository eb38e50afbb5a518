#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rill::distributed {

/// One end of a TCP connection over which lines of text go; it never waits but where that is said.
class LineSocket {
 public:
  /// Of a connection of the system's, which it closes.
  explicit LineSocket(int descriptor);
  LineSocket(LineSocket&& other) noexcept;
  LineSocket& operator=(LineSocket&& other) noexcept;
  ~LineSocket();

  int descriptor() const { return descriptor_; }
  /// Sends the line; drops it where the other end takes no more.
  void send(const std::string& line) const;
  /// Some of the lines that have come meanwhile. `is_closed` says so afterwards where there will be
  /// no more.
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
  /// The next connection, waited for up to so many milliseconds; nothing where none comes.
  std::optional<LineSocket> accept(int milliseconds) const;

 private:
  int descriptor_;
  int port_ = 0;
};

/// Connects to one of the addresses of a Listener, and sends it `greeting`, which it must send
/// back. Throws Error, naming the addresses, where none has done so within so many seconds.
LineSocket connect_to(const std::string& addresses, const std::string& greeting, int64_t seconds);

}  // namespace rill::distributed
