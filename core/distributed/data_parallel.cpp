#include "data_parallel.h"

#include <rill/core/autograd.h>
#include <rill/core/detail/clock.h>
#include <rill/core/error.h>
#include <rill/core/grad_mode.h>
#include <rill/core/inplace.h>
#include <rill/core/ops.h>

#include <algorithm>
#include <utility>

#include "bucket.h"

namespace rill {
namespace {

using distributed::Bucket;
using distributed::first_of;

/// Where the gradient of a parameter is.
struct Slot {
  std::string name;
  Tensor parameter;
  size_t bucket;
  int64_t place = 0, count_place = 0;  // in the rows of the bucket
  int64_t hook = 0;
  bool has_arrived = false;    // in the micro-batch at hand
  bool is_known_here = false;  // in the step, on this rank
};

World::Fields shapes_of(const std::vector<NamedTensor>& tensors) {
  World::Fields fields;
  for (const auto& [name, tensor] : tensors)
    fields.emplace_back(name, to_string(tensor.shape()) + " " + name_of(tensor.dtype()));
  return fields;
}

World::Fields hashes_of(const std::vector<NamedTensor>& tensors) {
  World::Fields fields;
  for (const auto& [name, tensor] : tensors)
    fields.emplace_back(name, hash_of(std::vector{tensor}));
  return fields;
}

void make_same(World& world, const std::vector<NamedTensor>& tensors) {
  world.want_same(shapes_of(tensors));
  const NoGradGuard no_grad;
  for (const NamedTensor& named : tensors) {
    const Tensor whole =
        named.tensor.is_contiguous() ? named.tensor.detach() : named.tensor.detach().clone();
    world.broadcast(whole);
    if (!named.tensor.is_contiguous()) named.tensor.copy_(whole);
  }
  world.want_same(hashes_of(tensors));
}

}  // namespace

struct DataParallel::State {
  explicit State(World& world) : world(world) {}
  World& world;
  std::vector<Slot> slots;      // in the order in which their gradients are expected
  std::vector<Bucket> buckets;  // the first one, of the loss, has no parameters
  std::vector<MicroBatch> parts;
  int64_t step = 0, micro_batches = 0;
  size_t done = 0;  // of parts
  bool is_stop_asked = false, is_in_backward = false;
  std::vector<int64_t> missing;  // gradients of the micro-batch at hand, by bucket
  std::vector<bool> is_closed;   // for that micro-batch, by bucket
  size_t next_to_send = 0;
  std::vector<ExchangeBar> bars;

  void add_slots(const std::vector<NamedTensor>& parameters, int64_t most);
  Bucket& bucket_for(DType dtype, int64_t bytes, int64_t most);
  void deal_out(int64_t rows);
  void begin_row();
  void watch(Slot& slot);
  void arrive(Slot& slot, const Tensor& gradient);
  void put_loss(double loss);
  void close(size_t bucket);
  void send_those_closed();
  Tensor receive(size_t bucket);
  void want_the_same_gradients(const std::vector<Tensor>& sums);
  void forget_gradients() const;
};

void DataParallel::State::add_slots(const std::vector<NamedTensor>& parameters, int64_t most) {
  buckets.emplace_back(float64).reserve(2);  // loss, wishes to stop
  for (auto named = parameters.rbegin(); named != parameters.rend(); ++named) {
    const auto bytes = named->tensor.numel() * static_cast<int64_t>(size_of(named->tensor.dtype()));
    Bucket& bucket = bucket_for(named->tensor.dtype(), bytes, most);
    slots.push_back({named->name, named->tensor, buckets.size() - 1});
    slots.back().place = bucket.reserve(named->tensor.numel());
  }
  for (Slot& slot : slots) slot.count_place = buckets[slot.bucket].reserve(1);
}

/// The last bucket, or a new one where it is full or of another dtype.
Bucket& DataParallel::State::bucket_for(DType dtype, int64_t bytes, int64_t most) {
  const Bucket& last = buckets.back();
  const auto there = last.numbers() * static_cast<int64_t>(size_of(dtype));
  const bool fits = buckets.size() > 1 && last.dtype() == dtype && there + bytes <= most;
  return fits ? buckets.back() : buckets.emplace_back(dtype);
}

void DataParallel::State::deal_out(int64_t rows) {
  parts.clear();
  const auto end = first_of(world.rank() + 1, world.size(), micro_batches);
  for (int64_t i = first_of(world.rank(), world.size(), micro_batches); i < end; ++i) {
    const int64_t first = i * rows / micro_batches;
    const int64_t count = (i + 1) * rows / micro_batches - first;
    parts.push_back({i, first, count, static_cast<double>(count) / static_cast<double>(rows)});
  }
}

void DataParallel::State::begin_row() {
  missing.assign(buckets.size(), 0);
  is_closed.assign(buckets.size(), false);
  for (Slot& slot : slots) {
    slot.has_arrived = false;
    if (slot.parameter.requires_grad()) ++missing[slot.bucket];
  }
}

/// One that is frozen by now may want gradients later.
void DataParallel::State::watch(Slot& slot) {
  const bool is_wanted = slot.parameter.requires_grad();
  slot.parameter.requires_grad_();
  slot.hook = slot.parameter.register_hook(
      [this, &slot](const Tensor& gradient) { arrive(slot, gradient); });
  slot.parameter.requires_grad_(is_wanted);
}

void DataParallel::State::arrive(Slot& slot, const Tensor& gradient) {
  if (!is_in_backward || slot.has_arrived) return;
  const NoGradGuard no_grad;
  const Tensor& row = buckets[slot.bucket].row();
  row.narrow(0, slot.place, slot.parameter.numel()).view(gradient.shape()).copy_(gradient);
  row.narrow(0, slot.count_place, 1).fill_(1);
  slot.has_arrived = slot.is_known_here = true;
  if (--missing[slot.bucket] == 0) close(slot.bucket);
}

void DataParallel::State::put_loss(double loss) {
  auto* const numbers = buckets[0].row().data<double>();
  numbers[0] = loss * parts[done].share;
  numbers[1] = is_stop_asked ? 1 : 0;
  close(0);
}

/// The bucket has all that it gets from this micro-batch: what is not there counts as zeros.
void DataParallel::State::close(size_t bucket) {
  buckets[bucket].close_row(parts[done].number);
  is_closed[bucket] = true;
  if (done + 1 == parts.size()) send_those_closed();
}

/// In the order of the buckets, which is the same on all ranks.
void DataParallel::State::send_those_closed() {
  for (; next_to_send < buckets.size() && is_closed[next_to_send]; ++next_to_send)
    buckets[next_to_send].send(world, micro_batches, static_cast<int64_t>(next_to_send));
}

Tensor DataParallel::State::receive(size_t bucket) {
  const auto number = static_cast<int64_t>(bucket);
  const int64_t start = detail::nanoseconds();
  const Tensor sum = buckets[bucket].receive();
  bars.push_back({step, number, start, detail::nanoseconds(), true});
  bars.push_back({step, number, buckets[bucket].start(), buckets[bucket].end(), false});
  return sum;
}

/// Each rank must know a gradient that any of them knows. (Ranks without micro-batches know none.)
void DataParallel::State::want_the_same_gradients(const std::vector<Tensor>& sums) {
  std::vector<const Slot*> doubtful;
  std::string mine;
  for (const Slot& slot : slots) {
    const double count = sums[slot.bucket].narrow(0, slot.count_place, 1).item();
    if (count == 0 || count == static_cast<double>(micro_batches)) continue;
    doubtful.push_back(&slot);
    mine += slot.is_known_here || parts.empty() ? '1' : '0';
  }
  if (doubtful.empty()) return;
  std::string found;
  int rank = 0;
  for (const std::string& known : world.gather(mine)) {
    for (size_t i = 0; i < doubtful.size(); ++i)
      if (known[i] == '0')
        found += "; " + doubtful[i]->name + " got none on rank " + std::to_string(rank);
    ++rank;
  }
  if (!found.empty())
    fail<ValueError>("step ", step,
                     ": a gradient is there on some ranks, and not on others: ", found.substr(2),
                     ". Each rank must use the same parameters in each step");
}

void DataParallel::State::forget_gradients() const {
  for (const Slot& slot : slots) slot.parameter.set_grad(Tensor());
}

DataParallel::DataParallel(World& world, const std::vector<NamedTensor>& parameters,
                           const std::vector<NamedTensor>& buffers,
                           const DataParallelOptions& options)
    : state_(new State(world)) {
  make_same(world, parameters);
  make_same(world, buffers);
  state_->add_slots(parameters, options.bucket_bytes);
  for (Slot& slot : state_->slots) state_->watch(slot);
}

DataParallel::~DataParallel() {
  for (const Slot& slot : state_->slots) slot.parameter.remove_hook(slot.hook);
  for (Bucket& bucket : state_->buckets) bucket.give_up(state_->world);
}

void DataParallel::begin_step(int64_t step, int64_t micro_batches, int64_t rows) {
  if (micro_batches < 1 || rows < 1)
    fail<ValueError>("begin_step: ", micro_batches, " micro-batches of ", rows,
                     " rows; a step needs one of one row");
  state_->world.at_step(step);
  state_->step = step;
  state_->micro_batches = std::min(micro_batches, rows);
  state_->deal_out(rows);
  state_->done = state_->next_to_send = 0;
  state_->is_stop_asked = false;
  state_->forget_gradients();
  for (Slot& slot : state_->slots) slot.is_known_here = false;
  for (Bucket& bucket : state_->buckets) bucket.begin_step();
}

const std::vector<MicroBatch>& DataParallel::parts() const { return state_->parts; }

void DataParallel::ask_to_stop() { state_->is_stop_asked = true; }

void DataParallel::backward(const MicroBatch& part, const Tensor& loss) {
  State& state = *state_;
  if (state.done == state.parts.size() || part.number != state.parts[state.done].number)
    fail<ValueError>("backward: micro-batch ", part.number, " is not the next of this rank");
  state.begin_row();
  state.put_loss(loss.item());
  state.is_in_backward = true;
  (part.share == 1 ? loss : loss * part.share).backward();
  state.is_in_backward = false;
  for (size_t bucket = 0; bucket < state.buckets.size(); ++bucket)
    if (!state.is_closed[bucket]) state.close(bucket);
  ++state.done;
  state.forget_gradients();
}

ParallelStep DataParallel::end_step() {
  State& state = *state_;
  if (state.done != state.parts.size())
    fail<ValueError>("end_step: ", state.parts.size() - state.done,
                     " micro-batches of this rank were not given to backward");
  if (state.parts.empty()) {
    state.is_closed.assign(state.buckets.size(), true);
    state.send_those_closed();
  }
  std::vector<Tensor> sums;
  for (size_t bucket = 0; bucket < state.buckets.size(); ++bucket)
    sums.push_back(state.receive(bucket));
  state.want_the_same_gradients(sums);
  for (const Slot& slot : state.slots)
    if (sums[slot.bucket].narrow(0, slot.count_place, 1).item() > 0)
      slot.parameter.set_grad(sums[slot.bucket]
                                  .narrow(0, slot.place, slot.parameter.numel())
                                  .view(slot.parameter.shape()));
  return {sums[0].data<double>()[0], sums[0].data<double>()[1] > 0};
}

std::vector<ExchangeBar> DataParallel::take_bars() { return std::exchange(state_->bars, {}); }

namespace {

/// A stream of its own for each micro-batch of each step (the numbers scrambled as SplitMix64
/// does).
Generator stream_of(const Generator& base, int64_t step, int64_t number) {
  auto key = static_cast<uint64_t>(step) * 0x9e3779b97f4a7c15 + static_cast<uint64_t>(number) + 1;
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9;
  key = (key ^ (key >> 27)) * 0x94d049bb133111eb;
  return Generator(base.seed() ^ key ^ (key >> 31));
}

}  // namespace

MicroBatchDraws::MicroBatchDraws(const MicroBatch& part, int64_t step)
    : before_(default_generator()) {
  default_generator() = stream_of(before_, step, part.number);
}

MicroBatchDraws::~MicroBatchDraws() { default_generator() = before_; }

}  // namespace rill
