#include "world.h"

#include <rill/core/error.h>
#include <rill/version.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <utility>

#include "exchange_thread.h"
#include "launcher.h"
#include "mpi.h"
#include "reduce.h"
#include "watchdog.h"

namespace rill {

using distributed::mpi::Bytes;
namespace mpi = distributed::mpi;

/// What several ranks need.
struct World::Ranks {
  distributed::Whereabouts whereabouts;
  std::atomic<bool> is_abandoned = false;
  std::unique_ptr<distributed::Watchdog> watchdog;
  distributed::ExchangeThread thread;  // ended before what it uses
};

namespace {

uint64_t fnv(const void* data, size_t count, uint64_t hash) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, 8);
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  }
  for (size_t i = 0; i < count; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash;
}
constexpr uint64_t fnv_start = 0xcbf29ce484222325;

std::string hexadecimal(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

/// Of the file that this process runs; empty where the system does not show it.
std::string hash_of_program() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return bytes.empty() ? "" : hexadecimal(fnv(bytes.data(), bytes.size(), fnv_start));
}

std::string random_token() {
  std::random_device device;
  return hexadecimal((uint64_t{device()} << 32) | device());
}

size_t bytes_of(const Tensor& tensor) {
  return static_cast<size_t>(tensor.numel()) * size_of(tensor.dtype());
}

void want_row_major(const char* what, const Tensor& tensor) {
  if (!tensor.is_contiguous())
    fail<ShapeError>(what, ": the tensor ", tensor.shape(), " must be row-major: contiguous()");
}

void append(std::string& text, const std::string& field) {
  text += std::to_string(field.size()) + ":" + field;
}

std::string take(std::string_view& text) {
  const size_t colon = text.find(':');
  const auto length = static_cast<size_t>(std::atoll(std::string(text.substr(0, colon)).c_str()));
  const std::string field(text.substr(colon + 1, length));
  text.remove_prefix(colon + 1 + length);
  return field;
}

/// What the ranks have of one field, as in "n-layer (4 on rank 0, 3 on ranks 1 and 2)"; empty where
/// they have the same.
std::string difference(const std::string& name, const std::vector<std::string>& values) {
  std::string text;
  for (size_t r = 0; r < values.size(); ++r)
    text += (r ? ", " : "") + (values[r].empty() ? "nothing" : values[r]) + " on rank " +
            std::to_string(r);
  const bool is_same = std::ranges::all_of(values, [&](const auto& v) { return v == values[0]; });
  return is_same ? "" : name + " (" + text + ")";
}

}  // namespace

World::World() {
  const std::optional<distributed::Launch> launch = distributed::launch_of_environment();
  if (!launch || launch->size == 1) return;
  ranks_ = std::make_unique<Ranks>();
  ranks_->thread
      .post([&] {
        mpi::begin();
        rank_ = mpi::rank();
        size_ = mpi::size();
      })
      .get();
  if (size_ != launch->size)
    fail<Error>("the launcher started ", launch->size, " ranks (", launch->variable, "), but ",
                mpi::library(), ", which rill was built with, sees ", size_,
                ": start it with that library's own mpirun");
  ranks_->watchdog = std::make_unique<distributed::Watchdog>(rank_, ranks_->whereabouts);
  std::unique_ptr<distributed::Listener> listener;
  std::string meeting;
  if (rank_ == 0) {
    listener = std::make_unique<distributed::Listener>();
    meeting = random_token() + " " + listener->addresses();
  }
  meeting = gather(meeting)[0];
  const std::string token = meeting.substr(0, meeting.find(' '));
  if (rank_ == 0)
    ranks_->watchdog->accept_all(*listener, size_, token);
  else
    ranks_->watchdog->join(meeting.substr(token.size() + 1), token);
  ranks_->watchdog->start();
}

World::~World() {
  if (is_over_ || !ranks_) return;
  try {
    finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rill: rank %d cannot end as it should: %s\n", rank_, error.what());
  }
}

void World::run(const std::function<void()>& work) {
  try {
    work();
    finish();
  } catch (const std::exception& error) {
    is_over_ = true;
    give_up();
    if (ranks_) ranks_->watchdog->fail(error.what());
    throw;
  }
}

void World::finish() {
  if (ranks_) {
    barrier();
    ranks_->watchdog->leave();
    post([] { mpi::end(); }).get();
  }
  is_over_ = true;
}

std::future<void> World::post(std::function<void()> work, int64_t bucket) {
  if (ranks_)
    return ranks_->thread.post([this, work = std::move(work), bucket] {
      ranks_->whereabouts.bucket = bucket;
      work();
      ranks_->whereabouts.bucket = distributed::Whereabouts::nowhere;
    });
  std::packaged_task<void()> task(std::move(work));
  task();
  return task.get_future();
}

void World::exchange(std::span<const Bytes> to, std::span<const Bytes> from) {
  if (!ranks_) return;
  if (!mpi::exchange(to, from, [this] { return ranks_->is_abandoned.load(); }))
    fail<Error>("the exchange with other ranks was given up");
}

void World::give_up() {
  if (ranks_) ranks_->is_abandoned = true;
}

void World::at_step(int64_t step) {
  if (ranks_) ranks_->whereabouts.step = step;
}

void World::barrier() { static_cast<void>(gather("")); }

std::vector<std::string> World::gather(const std::string& mine) {
  std::vector<std::string> all(static_cast<size_t>(size_), mine);
  if (!ranks_) return all;
  const auto others = [&](auto bytes_of_rank) {
    std::vector<Bytes> out;
    for (int r = 0; r < size_; ++r) out.push_back(r == rank_ ? Bytes{} : bytes_of_rank(r));
    return out;
  };
  uint64_t own_size = mine.size();
  std::vector<uint64_t> sizes(all.size());
  std::string own = mine;
  post([&] {
    exchange(others([&](int) {
               return Bytes{&own_size, sizeof own_size};
             }),
             others([&](int r) {
               return Bytes{&sizes[static_cast<size_t>(r)], sizeof own_size};
             }));
    for (int r = 0; r < size_; ++r)
      if (r != rank_) all[static_cast<size_t>(r)].resize(sizes[static_cast<size_t>(r)]);
    exchange(others([&](int) {
               return Bytes{own.data(), own.size()};
             }),
             others([&](int r) {
               std::string& text = all[static_cast<size_t>(r)];
               return Bytes{text.data(), text.size()};
             }));
  }).get();
  return all;
}

void World::broadcast(const Tensor& tensor, int root) {
  want_row_major("broadcast", tensor);
  if (root < 0 || root >= size_)
    fail<IndexError>("broadcast: there is no rank ", root, " among ", size_);
  if (!ranks_) return;
  constexpr size_t at_once = size_t{1} << 28;
  auto* const data = static_cast<char*>(tensor.raw_data());
  post([&] {
    for (size_t begin = 0; begin < bytes_of(tensor); begin += at_once) {
      const Bytes piece{data + begin, std::min(at_once, bytes_of(tensor) - begin)};
      std::vector<Bytes> to(static_cast<size_t>(size_)), from = to;
      if (rank_ == root) std::ranges::fill(to, piece);
      (rank_ == root ? to : from)[static_cast<size_t>(root)] = rank_ == root ? Bytes{} : piece;
      exchange(to, from);
    }
  }).get();
}

void World::all_reduce(const Tensor& tensor) {
  want_row_major("all_reduce", tensor);
  if (tensor.dtype() != float32 && tensor.dtype() != float64)
    fail<DTypeError>("all_reduce sums floating numbers, found ", tensor.dtype());
  distributed::SumTree own(tensor.dtype(), tensor.numel());
  own.add({rank_, 0}, tensor.raw_data());
  post([&] {
    distributed::sum_over_ranks(*this, own, size_, tensor.dtype(), tensor.numel(),
                                tensor.raw_data());
  }).get();
}

void World::want_same(const Fields& fields) {
  if (!ranks_) return;
  std::string mine;
  for (const auto& [name, value] : fields) {
    append(mine, name);
    append(mine, value);
  }
  std::vector<std::string> names;  // in the order in which they were first given
  std::map<std::string, std::vector<std::string>> values;
  size_t rank = 0;
  for (const std::string& text : gather(mine)) {
    for (std::string_view rest = text; !rest.empty();) {
      const std::string name = take(rest);
      const auto [entry, is_new] = values.try_emplace(name, static_cast<size_t>(size_));
      if (is_new) names.push_back(name);
      entry->second[rank] = take(rest);
    }
    ++rank;
  }
  std::string found;
  for (const std::string& name : names)
    if (const std::string text = difference(name, values[name]); !text.empty())
      found += (found.empty() ? "" : "; ") + text;
  if (!found.empty()) fail<ValueError>("the ranks disagree on ", found);
}

World::Fields World::build() {
  return {{"rill", version()}, {"MPI", mpi::library()}, {"program", hash_of_program()}};
}

std::string hash_of(std::span<const Tensor> tensors) {
  uint64_t hash = fnv_start;
  for (const Tensor& tensor : tensors) {
    const Tensor whole = tensor.is_contiguous() ? tensor : tensor.detach().clone();
    hash = fnv(whole.raw_data(), bytes_of(whole), hash);
  }
  return hexadecimal(hash);
}

}  // namespace rill
