#include "watchdog.h"

#include <poll.h>
#include <rill/core/detail/clock.h>
#include <rill/core/error.h>
#include <unistd.h>

#include <algorithm>

namespace rill::distributed {
namespace {

constexpr int64_t second = 1'000'000'000;
constexpr int64_t patience = 5 * second;  // of silence
constexpr int64_t beat = second / 2;      // from one sign of life to the next
constexpr int64_t own_sleep =
    2 * second;  // more between two beats: this process was stopped itself

/// One line, as text that others cannot cut.
std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string name_of(int rank) { return "rank " + std::to_string(rank); }

}  // namespace

Watchdog::~Watchdog() { stop_watching(); }

void Watchdog::accept_all(const Listener& listener, int size, const std::string& token) {
  constexpr int ms = 30'000;
  while (static_cast<int>(peers_.size()) < size - 1) {
    LineSocket socket = listener.accept(ms);
    if (!socket.wait(ms)) continue;
    const std::vector<std::string> lines = socket.receive();
    if (lines.empty() || !lines[0].starts_with(token + " ")) continue;  // no rank of this run
    socket.send(lines[0]);
    peers_.push_back({std::atoi(lines[0].c_str() + token.size()), std::move(socket)});
  }
}

void Watchdog::join(const std::string& addresses, const std::string& token) {
  peers_.push_back({0, connect_to(addresses, token + " " + std::to_string(rank_))});
}

void Watchdog::start() {
  for (Peer& peer : peers_) peer.heard = detail::nanoseconds();
  thread_ = std::thread([this] { watch(); });
}

void Watchdog::stop_watching() {
  is_stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Watchdog::leave() {
  stop_watching();
  tell_others("bye", rank_);
}

void Watchdog::fail(const std::string& why) {
  stop_watching();
  tell_others("end " + in_one_line(name_of(rank_) + " has failed at " + own_.text() + ": " + why),
              rank_);
  wait_for_others_to_end(3);
}

void Watchdog::watch() {
  int64_t before = detail::nanoseconds();
  int64_t next_beat = before;
  while (!is_stopping_) {
    wait_for_lines();
    const int64_t now = detail::nanoseconds();
    for (Peer& peer : peers_) {
      hear(peer);
      if (now - before > own_sleep) peer.heard = now;
      look_after(peer, now);
    }
    before = now;
    if (now < next_beat) continue;
    tell_others("at " + own_.text(), rank_);
    next_beat = now + beat;
  }
}

void Watchdog::wait_for_lines() const {
  std::vector<pollfd> waiting;
  for (const Peer& peer : peers_)
    if (!peer.has_left) waiting.push_back({peer.socket.descriptor(), POLLIN, 0});
  poll(waiting.data(), waiting.size(), 100);
}

void Watchdog::hear(Peer& peer) {
  if (peer.has_left) return;
  for (const std::string& line : peer.socket.receive()) {
    peer.heard = detail::nanoseconds();
    if (line.starts_with("at ")) peer.where = line.substr(3);
    if (line.starts_with("end ")) end_process(line.substr(4), peer.rank);
    if (line == "bye") peer.has_left = true;
  }
}

void Watchdog::look_after(const Peer& peer, int64_t now) {
  if (peer.has_left) return;
  if (peer.socket.is_closed()) miss(peer, "its process has ended");
  if (now - peer.heard > patience) miss(peer, "nothing was heard of it for 5 s");
}

void Watchdog::tell_others(const std::string& line, int but_rank) const {
  for (const Peer& peer : peers_)
    if (peer.rank != but_rank && !peer.has_left) peer.socket.send(line);
}

void Watchdog::wait_for_others_to_end(int64_t seconds) {
  const int64_t until = detail::nanoseconds() + seconds * second;
  const auto is_there = [](const Peer& p) { return !p.has_left && !p.socket.is_closed(); };
  while (std::ranges::any_of(peers_, is_there) && detail::nanoseconds() < until) {
    poll(nullptr, 0, 10);
    for (Peer& peer : peers_) static_cast<void>(peer.socket.receive());
  }
}

void Watchdog::miss(const Peer& peer, const std::string& why) {
  end_process(
      name_of(peer.rank) + " is missing: " + why + "; it was last heard of at " + peer.where,
      peer.rank);
}

void Watchdog::end_process(const std::string& sentence, int told_by) {
  const std::string text =
      "rill: " + sentence + " (" + name_of(rank_) + ", at " + own_.text() + ", ends)\n";
  tell_others("end " + sentence, told_by);  // first: a launcher may kill all of us at once
  static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
  wait_for_others_to_end(1);
  _exit(1);
}

}  // namespace rill::distributed
