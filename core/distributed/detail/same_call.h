#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <rill/core/distributed/detail/ranks.h>

namespace rill::distributed {

/// Within Ranks::post: gives `parts[rank]` of this rank to each other one, and gets `parts[r]` of
/// rank r.
void exchange_with_all(Ranks& ranks, const std::vector<mpi::Bytes>& parts);

/// Within Ranks::post, before what `call` exchanges: one exchange of 128 bytes, by which ranks know
/// that all call the same. Returns the `size` that each gave. Where one calls something else,
/// throws ValueError on all, naming it.
std::vector<uint64_t> want_same_call(Ranks& ranks, const std::string& call, uint64_t size = 0);

}  // namespace rill::distributed
