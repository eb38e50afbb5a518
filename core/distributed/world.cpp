#include <rill/core/distributed/world.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include <rill/core/distributed/detail/launcher.h>
#include <rill/core/distributed/detail/one_rank.h>
#include <rill/core/distributed/detail/ranks.h>
#include <rill/core/distributed/detail/reduce.h>
#include <rill/core/distributed/detail/same_call.h>
#include <rill/core/distributed/detail/say.h>
#include <rill/core/error.h>
#include <rill/version.h>

namespace rill {

using distributed::exchange_with_all;
using distributed::Ranks;
using distributed::want_same_call;
using distributed::mpi::Bytes;

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
  const std::ifstream file("/proc/self/exe", std::ios::binary);
  std::ostringstream copy;
  copy << file.rdbuf();  // not letter by letter: a program built for a debugger has 60 MB
  const std::string bytes = copy.str();
  return bytes.empty() ? "" : hexadecimal(fnv(bytes.data(), bytes.size(), fnv_start));
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

/// What the ranks have of one field, as in "n-layer (4 on rank 0, 3 on rank 1 and 2)"; empty where
/// they have the same.
std::string difference(const std::string& name, const std::vector<std::string>& values) {
  std::vector<std::string> seen, ranks;  // each value, and who has it
  for (size_t r = 0; r < values.size(); ++r) {
    const auto place = static_cast<size_t>(std::ranges::find(seen, values[r]) - seen.begin());
    if (place == seen.size()) {
      seen.push_back(values[r]);
      ranks.push_back(" on rank ");
    }
    ranks[place] += (ranks[place].ends_with("rank ") ? "" : " and ") + std::to_string(r);
  }
  std::string text;
  for (size_t i = 0; i < seen.size(); ++i)
    text += (i ? ", " : "") + (seen[i].empty() ? "nothing" : seen[i]) + ranks[i];
  return seen.size() < 2 ? "" : name + " (" + text + ")";
}

std::unique_ptr<Ranks> ranks_as_launched() {
  const std::optional<distributed::Launch> launch = distributed::launch_of_environment();
  if (!launch || launch->size == 1) return std::make_unique<distributed::OneRank>();
  return distributed::begin_ranks(*launch);
}

}  // namespace

World::World() : exceptions_(std::uncaught_exceptions()), ranks_(ranks_as_launched()) {
  rank_ = ranks_->rank();
  size_ = ranks_->size();
  ranks_->watch([this](const std::string& mine) { return gather(mine); });
}

World::~World() {
  if (is_over_) return;
  try {
    if (std::uncaught_exceptions() > exceptions_)
      tell_failure("an exception ended it");
    else
      finish();
  } catch (const std::exception& error) {
    distributed::say("rill: rank " + std::to_string(rank_) +
                     " cannot end as it should: " + error.what() + "\n");
    tell_failure(error.what());
  }
}

void World::run(const std::function<void()>& work) {
  static_cast<void>(distributed::ranks_of(*this));  // it has not ended
  try {
    work();
    finish();
  } catch (const std::exception& error) {
    tell_failure(error.what());
    throw;
  }
}

void World::finish() {
  barrier();
  ranks_->end();
  is_over_ = true;
}

void World::tell_failure(const std::string& why) {
  is_over_ = true;
  ranks_->tell_failure(why);
}

Ranks& distributed::ranks_of(World& world) {
  if (world.is_over_) fail<Error>("World: it has ended; all that ranks do together comes before");
  return *world.ranks_;
}

void World::barrier() { static_cast<void>(gather_in("barrier()", "")); }

std::vector<std::string> World::gather(const std::string& mine) {
  return gather_in("gather()", mine);
}

/// What comes in is the exchange's own, which may outlive the call.
std::vector<std::string> World::gather_in(const std::string& call, const std::string& mine) {
  Ranks& ranks = distributed::ranks_of(*this);
  const auto all = std::make_shared<std::vector<std::string>>(static_cast<size_t>(size_), mine);
  ranks
      .post([&ranks, call, all] {
        const auto own = static_cast<size_t>(ranks.rank());
        const std::vector<uint64_t> sizes = want_same_call(ranks, call, (*all)[own].size());
        std::vector<Bytes> texts;
        for (size_t r = 0; r < sizes.size(); ++r) {
          (*all)[r].resize(sizes[r]);
          texts.push_back({(*all)[r].data(), sizes[r]});
        }
        exchange_with_all(ranks, texts);
      })
      .get();
  return std::move(*all);
}

namespace {

/// "[2, 3] float32", as for an error.
std::string kind_of(const Tensor& tensor) {
  return to_string(tensor.shape()) + " " + name_of(tensor.dtype());
}

}  // namespace

void World::broadcast(const Tensor& tensor, int root) {
  want_row_major("broadcast", tensor);
  if (root < 0 || root >= size_)
    fail<IndexError>("broadcast: there is no rank ", root, " among ", size_);
  Ranks& ranks = distributed::ranks_of(*this);
  ranks
      .post([&ranks, tensor, root] {
        want_same_call(ranks, "broadcast(" + kind_of(tensor) + ", " + std::to_string(root) + ")");
        const Bytes whole{tensor.raw_data(), bytes_of(tensor)};
        std::vector<Bytes> to(static_cast<size_t>(ranks.size())), from = to;
        if (ranks.rank() != root)
          from[static_cast<size_t>(root)] = whole;
        else
          for (int r = 0; r < ranks.size(); ++r)
            if (r != root) to[static_cast<size_t>(r)] = whole;
        ranks.exchange(to, from);
      })
      .get();
}

void World::all_reduce(const Tensor& tensor) {
  want_row_major("all_reduce", tensor);
  if (tensor.dtype() != float32 && tensor.dtype() != float64)
    fail<DTypeError>("all_reduce sums floating numbers, found ", tensor.dtype());
  distributed::SumTree own(tensor.dtype(), tensor.numel());
  own.add({rank_, 0}, tensor.raw_data());
  Ranks& ranks = distributed::ranks_of(*this);
  ranks
      .post([&ranks, tensor, &own] {
        want_same_call(ranks, "all_reduce(" + kind_of(tensor) + ")");
        distributed::sum_over_ranks(ranks, own, ranks.size(), tensor.dtype(), tensor.numel(),
                                    tensor.raw_data());
      })
      .get();
}

void World::want_same(const Fields& fields) {
  std::string mine;
  for (const auto& [name, value] : fields) {
    append(mine, name);
    append(mine, value);
  }
  std::vector<std::string> names;  // in the order in which they were first given
  std::map<std::string, std::vector<std::string>> values;
  size_t rank = 0;
  for (const std::string& text : gather_in("want_same()", mine)) {
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
  return {
      {"rill", version()}, {"MPI", distributed::mpi::library()}, {"program", hash_of_program()}};
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
