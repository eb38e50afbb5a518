#include <rill/core/distributed/detail/line_socket.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>

#include <rill/core/detail/clock.h>
#include <rill/core/error.h>

namespace rill::distributed {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;  // SO_NOSIGPIPE says it once for all
#endif

/// Nobody waits at it, no program that this one starts has it, and what goes nowhere is no signal.
int prepared(int descriptor) {
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
#ifdef SO_NOSIGPIPE
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
  return descriptor;
}

int new_socket() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) fail<Error>("no socket for the ranks to watch each other: ", strerror(errno));
  return prepared(descriptor);
}

bool wait_for(int descriptor, short events, int milliseconds) {
  pollfd waiting{descriptor, events, 0};
  return poll(&waiting, 1, milliseconds) > 0;
}

std::string text_of(const in_addr& address) {
  char text[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &address, text, sizeof text);
  return text;
}

/// "10.0.0.1:4000" as the system has it.
std::optional<sockaddr_in> parsed(const std::string& address) {
  const size_t colon = address.find(':');
  sockaddr_in out{};
  out.sin_family = AF_INET;
  if (colon == std::string::npos) return {};
  out.sin_port = htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
  if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &out.sin_addr) != 1) return {};
  return out;
}

bool is_connected(int descriptor, const sockaddr_in& address) {
  constexpr int patience = 2000;
  const auto* const place = reinterpret_cast<const sockaddr*>(&address);
  if (connect(descriptor, place, sizeof address) == 0) return true;
  int error = 0;
  socklen_t length = sizeof error;
  return errno == EINPROGRESS && wait_for(descriptor, POLLOUT, patience) &&
         getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

/// A connection to this address, where what listens there knows the greeting.
std::optional<LineSocket> greeted(const std::string& address, const std::string& greeting) {
  constexpr int patience = 10'000;
  const std::optional<sockaddr_in> place = parsed(address);
  LineSocket socket(new_socket());
  if (!place || !is_connected(socket.descriptor(), *place)) return {};
  socket.send(greeting);
  if (!socket.wait(patience)) return {};
  const std::vector<std::string> answer = socket.receive();
  if (answer.empty() || answer[0] != greeting) return {};
  return socket;
}

}  // namespace

LineSocket::LineSocket(int descriptor) : descriptor_(prepared(descriptor)) {}

LineSocket::LineSocket(LineSocket&& other) noexcept { *this = std::move(other); }

LineSocket& LineSocket::operator=(LineSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(unread_, other.unread_);
  std::swap(is_closed_, other.is_closed_);
  return *this;
}

LineSocket::~LineSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

void LineSocket::send(const std::string& line) const {
  const std::string text = line + "\n";
  static_cast<void>(!::send(descriptor_, text.data(), text.size(), no_signal));
}

std::vector<std::string> LineSocket::receive() {
  constexpr size_t longest =
      1 << 20;  // of what no line's end comes after: it comes from a stranger
  char some[1 << 16];
  const ssize_t got = recv(descriptor_, some, sizeof some, 0);
  if (got > 0) unread_.append(some, static_cast<size_t>(got));
  is_closed_ = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
  std::vector<std::string> lines;
  for (size_t end = 0; (end = unread_.find('\n')) != std::string::npos; unread_.erase(0, end + 1))
    lines.push_back(unread_.substr(0, end));
  is_closed_ = is_closed_ || unread_.size() > longest;
  return lines;
}

bool LineSocket::wait(int milliseconds) const {
  return wait_for(descriptor_, POLLIN, milliseconds);
}

Listener::Listener() : descriptor_(new_socket()) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t length = sizeof any;
  auto* const place = reinterpret_cast<sockaddr*>(&any);
  if (bind(descriptor_, place, length) != 0 || listen(descriptor_, SOMAXCONN) != 0 ||
      getsockname(descriptor_, place, &length) != 0) {
    close(descriptor_);
    fail<Error>("no port for the ranks to watch each other: ", strerror(errno));
  }
  port_ = ntohs(any.sin_port);
}

Listener::~Listener() { close(descriptor_); }

std::string Listener::addresses() const {
  const std::string port = ":" + std::to_string(port_);
  std::string text;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) all = nullptr;
  for (const ifaddrs* each = all; each; each = each->ifa_next)
    if (each->ifa_addr && each->ifa_addr->sa_family == AF_INET) {
      const in_addr address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr;
      if (text_of(address) != "127.0.0.1") text += text_of(address) + port + " ";
    }
  if (all) freeifaddrs(all);
  return text + "127.0.0.1" + port;
}

std::optional<LineSocket> Listener::accept(int milliseconds) const {
  if (!wait_for(descriptor_, POLLIN, milliseconds)) return {};
  const int got = ::accept(descriptor_, nullptr, nullptr);
  if (got < 0) return {};
  return LineSocket(got);
}

LineSocket connect_to(const std::string& addresses, const std::string& greeting, int64_t seconds) {
  const int64_t until = detail::nanoseconds() + seconds * 1'000'000'000;
  do {
    std::istringstream words(addresses);
    for (std::string word; words >> word;)
      if (std::optional<LineSocket> socket = greeted(word, greeting)) return std::move(*socket);
    poll(nullptr, 0, 100);
  } while (detail::nanoseconds() < until);
  fail<Error>("rank 0 cannot be reached, to be watched, at any of ", addresses,
              ": is there a firewall between the machines?");
}

}  // namespace rill::distributed
