#include <rill/core/distributed/detail/watchdog.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>
#include <utility>

#include <rill/core/detail/clock.h>
#include <rill/core/distributed/detail/say.h>
#include <rill/core/error.h>

namespace rill::distributed {
namespace {

constexpr int64_t second = 1'000'000'000;
constexpr int64_t patience = 5 * second;  // of silence
constexpr int64_t beat = second / 2;      // from one sign of life to the next
constexpr int64_t own_sleep = second;  // longer between two looks: this process was stopped itself
constexpr int64_t seconds_to_meet = 60;
constexpr int nobody = -1;

/// One line, as text that others cannot cut.
std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string name_of(int rank) { return "rank " + std::to_string(rank); }

std::string random_token() {
  std::random_device device;
  return std::to_string((uint64_t{device()} << 32) | device());
}

/// Its number, and behind it the machine (or container) where that is its number.
std::string this_process() {
  char host[256] = "", numbers[64] = "";
  gethostname(host, sizeof host - 1);
  static_cast<void>(!readlink("/proc/self/ns/pid", numbers, sizeof numbers - 1));
  return std::to_string(getpid()) + " " + host + " " + numbers;
}

/// Throws on all ranks where `work` throws on one.
void do_together(const Gather& gather, const std::function<void()>& work) {
  std::string trouble;
  try {
    work();
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  for (const std::string& each : gather(trouble))
    if (!each.empty()) fail<Error>(each);
}

}  // namespace

Watchdog::~Watchdog() { stop_watching(); }

void Watchdog::meet(int size, const Gather& gather) {
  std::optional<Listener> listener;
  do_together(gather, [&] {
    if (rank_ == 0) listener.emplace();
  });
  processes_ = gather(this_process());
  const std::string place = gather(listener ? random_token() + " " + listener->addresses() : "")[0];
  const std::string token = place.substr(0, place.find(' '));
  do_together(gather, [&] {
    if (listener) return accept_all(*listener, size, token);
    const std::string greeting = token + " " + std::to_string(rank_);
    peers_.push_back({0, connect_to(place.substr(token.size() + 1), greeting, seconds_to_meet)});
  });
  start();
}

void Watchdog::accept_all(const Listener& listener, int size, const std::string& token) {
  const int64_t until = detail::nanoseconds() + seconds_to_meet * second;
  std::vector<LineSocket> strangers;  // that have not said anything yet
  while (static_cast<int>(peers_.size()) < size - 1) {
    if (detail::nanoseconds() > until)
      rill::fail<Error>("only ", peers_.size(), " of ", size - 1, " ranks have reached rank 0 in ",
                        seconds_to_meet, " s, to be watched by it");
    if (std::optional<LineSocket> next = listener.accept(10)) strangers.push_back(std::move(*next));
    std::vector<LineSocket> silent;
    for (LineSocket& stranger : strangers)
      if (!has_answered(stranger, token)) silent.push_back(std::move(stranger));
    strangers = std::move(silent);
  }
}

/// A rank becomes a peer; whoever says anything else is gone.
bool Watchdog::has_answered(LineSocket& stranger, const std::string& token) {
  const std::vector<std::string> lines = stranger.receive();
  if (lines.empty()) return stranger.is_closed();
  if (!lines[0].starts_with(token + " ")) return true;
  stranger.send(lines[0]);
  const int rank = std::atoi(lines[0].c_str() + token.size());
  std::erase_if(peers_, [&](const Peer& peer) { return peer.rank == rank; });  // it came anew
  peers_.push_back({rank, std::move(stranger)});
  return true;
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
  wait_for_others_to_end(1);  // a connection closed with lines unread may lose what was sent last
}

void Watchdog::fail(const std::string& why) {
  stop_watching();
  tell_end(name_of(rank_) + " has failed at " + own_.text() + ": " + why, rank_, nobody);
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
      peer.heard = std::min(now, peer.heard + std::max(int64_t{0}, now - before - own_sleep));
      look_after(peer, now);
    }
    if (rank_ == 0) look_for_late(now);
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
    const bool is_end = line.starts_with("end ");
    if (is_end && !is_stopping_) obey(line.substr(4), peer.rank);
    if (is_end || line == "bye") peer.has_left = true;
    if (peer.has_left) return;  // what it says after that is no business of ours
  }
}

void Watchdog::look_after(const Peer& peer, int64_t now) {
  if (peer.has_left) return;
  if (peer.socket.is_closed()) miss(peer, "its process has ended", nobody);
  if (now - peer.heard > patience) miss(peer, "nothing was heard of it for 5 s", peer.rank);
}

/// Those are late that are in no exchange, where others have been in the same one for long.
void Watchdog::look_for_late(int64_t now) {
  std::string awaited;
  std::vector<int> late;
  const auto look_at = [&](int rank, const std::string& where) {
    if (where.find(", bucket ") != std::string::npos)
      awaited = where;
    else
      late.push_back(rank);
  };
  look_at(rank_, own_.text());
  for (const Peer& peer : peers_) look_at(peer.rank, peer.where);
  if (awaited != awaited_ || awaited.empty() || late.empty()) {
    awaited_ = awaited;
    awaited_since_ = now;
    tell_late_after_ = late_after_;
  }
  if (now - awaited_since_ < tell_late_after_) return;
  std::string text;
  for (const int rank : late)
    text += "rill: " + name_of(rank) + " is alive, but has not come to " + awaited + " for " +
            std::to_string(tell_late_after_ / second) + " s\n";
  say(text);
  tell_late_after_ *= 2;
}

void Watchdog::tell_others(const std::string& line, int but_rank) const {
  for (const Peer& peer : peers_)
    if (peer.rank != but_rank && !peer.has_left) peer.socket.send(line);
}

void Watchdog::tell_end(const std::string& sentence, int but_rank, int stopped) const {
  tell_others("end " + std::to_string(stopped) + " " + in_one_line(sentence), but_rank);
}

/// "1 rank 1 is missing: ...": which rank is stopped, or nobody, and what happened.
void Watchdog::obey(const std::string& line, int told_by) {
  end_process(line.substr(line.find(' ') + 1), told_by, std::atoi(line.c_str()));
}

void Watchdog::wait_for_others_to_end(int64_t seconds) {
  const int64_t until = detail::nanoseconds() + seconds * second;
  const auto is_there = [](const Peer& p) { return !p.has_left && !p.socket.is_closed(); };
  while (std::ranges::any_of(peers_, is_there) && detail::nanoseconds() < until) {
    poll(nullptr, 0, 10);
    for (Peer& peer : peers_)
      for (const std::string& line : peer.socket.receive())
        if (line == "bye" || line.starts_with("end ")) peer.has_left = true;
  }
}

/// Not every launcher ends a process that is stopped, for which it then waits.
void Watchdog::kill_stopped(int rank) const {
  const auto machine_of = [&](int r) {
    const std::string& process = processes_[static_cast<size_t>(r)];
    return process.substr(process.find(' '));
  };
  if (rank == nobody || machine_of(rank) != machine_of(rank_)) return;
  kill(std::atoi(processes_[static_cast<size_t>(rank)].c_str()), SIGKILL);
}

void Watchdog::miss(const Peer& peer, const std::string& why, int stopped) {
  end_process(
      name_of(peer.rank) + " is missing: " + why + "; it was last heard of at " + peer.where,
      peer.rank, stopped);
}

void Watchdog::end_process(const std::string& sentence, int told_by, int stopped) {
  const std::string text =
      "rill: " + sentence + " (" + name_of(rank_) + ", at " + own_.text() + ", ends)\n";
  tell_end(sentence, told_by, stopped);  // first: a launcher may kill all of us at once
  say(text);
  std::this_thread::sleep_for(std::chrono::seconds(1));  // a launcher may end all once one ends
  kill_stopped(stopped);
  _exit(1);
}

}  // namespace rill::distributed
