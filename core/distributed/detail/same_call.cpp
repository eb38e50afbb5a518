#include <rill/core/distributed/detail/same_call.h>

#include <cstring>

#include <rill/core/error.h>

namespace rill::distributed {
namespace {

using mpi::Bytes;

struct Call {
  Call(const std::string& whole, uint64_t size) : size(size) { whole.copy(text, sizeof text - 1); }

  uint64_t size;
  char text[120] = "";
};

}  // namespace

void exchange_with_all(Ranks& ranks, const std::vector<Bytes>& parts) {
  const auto own = static_cast<size_t>(ranks.rank());
  std::vector<Bytes> to(parts.size(), parts[own]), from = parts;
  to[own] = from[own] = {};
  ranks.exchange(to, from);
}

std::vector<uint64_t> want_same_call(Ranks& ranks, const std::string& call, uint64_t size) {
  std::vector<Call> calls(static_cast<size_t>(ranks.size()), Call(call, size));
  std::vector<Bytes> parts;
  for (Call& each : calls) parts.push_back({&each, sizeof each});
  exchange_with_all(ranks, parts);
  std::vector<uint64_t> sizes;
  for (Call& each : calls) {
    each.text[sizeof each.text - 1] = 0;  // a rank that is elsewhere may have sent anything
    if (std::strcmp(each.text, calls[0].text) != 0)
      fail<ValueError>("rank 0 calls ", calls[0].text, ", but rank ", sizes.size(), " calls ",
                       each.text, ": all ranks must call the same, in the same order");
    sizes.push_back(each.size);
  }
  return sizes;
}

}  // namespace rill::distributed
