#include <rill/core/distributed/detail/data_parallel_state.h>

#include <algorithm>
#include <array>
#include <utility>

#include <rill/core/autograd.h>
#include <rill/core/detail/clock.h>
#include <rill/core/error.h>
#include <rill/core/grad_mode.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>

namespace rill {

using distributed::Bucket;
using distributed::first_of_gradients;
using distributed::loss_bucket;
using distributed::Phase;
using distributed::rank_bucket;
using distributed::Slot;

namespace {

double number(int64_t count) { return static_cast<double>(count); }

}  // namespace

// ---- before the first step ----

void DataParallel::State::add_slots(const std::vector<NamedTensor>& parameters) {
  buckets.emplace_back(float64).reserve(4);
  buckets.emplace_back(float64).reserve(1);
  slots = distributed::slots_of(parameters, options.bucket_bytes, buckets);
  for (Slot& slot : slots) watch(slot);
}

/// One that is frozen by now may want gradients later.
void DataParallel::State::watch(Slot& slot) {
  const bool is_wanted = slot.parameter.requires_grad();
  slot.parameter.requires_grad_();
  slot.hook = slot.parameter.register_hook(
      [this, &slot](const Tensor& gradient) { arrive(slot, gradient); });
  slot.parameter.requires_grad_(is_wanted);
}

DataParallel::State::~State() {
  for (const Slot& slot : slots)
    if (slot.hook) slot.hook->remove();
  for (Bucket& bucket : buckets) bucket.give_up();
}

/// Throws where a call comes at the wrong time.
void DataParallel::State::want(Phase wanted, const char* call) const {
  if (phase == wanted) return;
  if (phase == Phase::between_steps)
    fail<ValueError>(call, ": no step has begun: begin_step first");
  if (phase == Phase::in_step)
    fail<ValueError>(call, ": step ", step, " has begun, and not ended: end_step first");
  if (phase == Phase::in_backward)
    fail<ValueError>(call, ": a backward of step ", step, " still runs");
  fail<ValueError>(call, ": backward failed in step ", step,
                   ", for whose gradients other ranks wait: let what it threw end this rank, of "
                   "which they are then told");
}

// ---- in a step ----

void DataParallel::State::begin_step() {
  distributed::ranks_of(world).at_step(step);
  phase = Phase::in_step;
  parts = micro_batches_of(world.rank(), world.size(), micro_batches, rows);
  done = next_to_send = 0;
  forget_gradients();
  for (Slot& slot : slots) slot.missing_from.clear();
  for (Bucket& bucket : buckets) bucket.begin_step();
}

void DataParallel::State::run_micro_batch(const Tensor& loss) {
  const double share = parts[done].share;
  const double part_of_loss = loss.item() * share;
  expect_gradients();
  phase = Phase::in_backward;
  try {
    if (done + 1 == parts.size()) put_rank();
    put_loss(part_of_loss);
    close_gradients_where([&](size_t bucket) { return missing[bucket] == 0; });  // all are frozen
    (share == 1 ? loss : loss * share).backward();
    close_gradients_where([&](size_t bucket) { return !is_closed[bucket]; });
  } catch (...) {
    phase = Phase::failed;
    throw;
  }
  phase = Phase::in_step;
  ++done;
  forget_gradients();
}

void DataParallel::State::expect_gradients() {
  missing.assign(buckets.size(), 0);
  is_closed.assign(buckets.size(), false);
  for (Slot& slot : slots) {
    slot.has_arrived = false;
    if (slot.parameter.requires_grad()) ++missing[slot.bucket];
  }
}

void DataParallel::State::arrive(Slot& slot, const Tensor& gradient) {
  if (phase != Phase::in_backward || slot.has_arrived) return;
  const NoGradGuard no_grad;
  slot.gradient_in(buckets[slot.bucket].row()).copy_(gradient);
  slot.count_in(buckets[slot.bucket].row()).fill_(1);
  slot.has_arrived = true;
  if (--missing[slot.bucket] == 0) close_gradients(slot.bucket);
}

void DataParallel::State::put_loss(double part_of_loss) {
  buckets[loss_bucket].row().fill_(part_of_loss);
  close(loss_bucket, parts[done].number);
}

/// Once in a step, before its gradients.
void DataParallel::State::put_rank() {
  const double is_asked = std::exchange(is_stop_asked, false) ? 1 : 0;
  std::ranges::copy(std::array{is_asked, number(step), number(micro_batches), number(rows)},
                    buckets[rank_bucket].row().data<double>());
  close(rank_bucket, world.rank());
}

template <class Condition>
void DataParallel::State::close_gradients_where(const Condition& condition) {
  for (size_t bucket = first_of_gradients; bucket < buckets.size(); ++bucket)
    if (condition(bucket)) close_gradients(bucket);
}

/// The bucket has all that it gets from this micro-batch. What is not there is only counted: some
/// gradient that no micro-batch gives is never looked at, and one that some give is an error.
void DataParallel::State::close_gradients(size_t bucket) {
  for (Slot& slot : slots) {
    if (slot.bucket != bucket || slot.has_arrived) continue;
    slot.count_in(buckets[bucket].row()).fill_(0);
    slot.missing_from.push_back(parts[done].number);
  }
  close(bucket, parts[done].number);
}

void DataParallel::State::close(size_t bucket, int64_t item) {
  buckets[bucket].close_row(item);
  is_closed[bucket] = true;
  if (done + 1 >= parts.size()) send_those_closed();
}

/// In the order of the buckets, which is the same on all ranks.
void DataParallel::State::send_those_closed() {
  for (; next_to_send < buckets.size() && is_closed[next_to_send]; ++next_to_send)
    buckets[next_to_send].send(distributed::ranks_of(world),
                               next_to_send == rank_bucket ? world.size() : micro_batches,
                               static_cast<int64_t>(next_to_send));
}

void DataParallel::State::forget_gradients() const {
  for (const Slot& slot : slots) slot.parameter.set_grad(Tensor());
}

// ---- at its end ----

std::vector<Tensor> DataParallel::State::receive_all() {
  if (parts.empty()) {
    is_closed.assign(buckets.size(), true);
    put_rank();
  }
  std::vector<Tensor> sums{receive(rank_bucket)};
  want_same_step(sums[0].to_vector());
  while (sums.size() < buckets.size()) sums.push_back(receive(sums.size()));
  phase = Phase::between_steps;
  return sums;
}

/// Else exchanges that follow would wait for ever, or sum what is not of one step.
void DataParallel::State::want_same_step(const std::vector<double>& sums) const {
  const double ranks = world.size();
  if (sums[1] == ranks * number(step) && sums[2] == ranks * number(micro_batches) &&
      sums[3] == ranks * number(rows))
    return;
  fail<ValueError>("rank ", world.rank(), " is in step ", step, " with ", micro_batches,
                   " micro-batches of ", rows, " rows, and others are not: means over ranks are ",
                   sums[1] / ranks, ", ", sums[2] / ranks, " and ", sums[3] / ranks);
}

Tensor DataParallel::State::receive(size_t bucket) {
  const auto place = static_cast<int64_t>(bucket);
  const int64_t start = detail::nanoseconds();
  const Tensor sum = buckets[bucket].receive();
  if (options.keeps_bars) {
    const auto bytes = sum.numel() * static_cast<int64_t>(size_of(sum.dtype()));
    bars.push_back({step, place, bytes, start, detail::nanoseconds(), true});
    bars.push_back({step, place, bytes, buckets[bucket].start(), buckets[bucket].end(), false});
  }
  return sum;
}

std::string DataParallel::State::missing_here(const Slot& slot) const {
  std::string text;
  for (const int64_t number : slot.missing_from)
    text += (text.empty() ? "; " + slot.name + " got none from micro-batch " : ", ") +
            std::to_string(number);
  return text.empty() ? "" : text + " on rank " + std::to_string(world.rank());
}

/// Which ranks have which micro-batches makes no difference.
void DataParallel::State::want_all_or_none(const std::vector<Tensor>& sums) const {
  std::string mine;
  bool is_one_missing = false;
  for (const Slot& slot : slots) {
    const double count = slot.count_in(sums[slot.bucket]).item();
    if (count == 0 || count == number(micro_batches)) continue;
    is_one_missing = true;
    mine += missing_here(slot);
  }
  if (!is_one_missing) return;
  std::string found;
  for (const std::string& text : world.gather(mine)) found += text;
  fail<ValueError>("step ", step,
                   ": parameters got a gradient from some micro-batches alone: ", found.substr(2),
                   ". Let each use the same ones: where one is to do without w, its loss gets "
                   "+ 0 * w.sum()");
}

}  // namespace rill
