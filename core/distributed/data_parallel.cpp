#include <rill/core/distributed/data_parallel.h>

#include <algorithm>
#include <utility>

#include <rill/core/distributed/detail/data_parallel_state.h>
#include <rill/core/distributed/detail/make_same.h>
#include <rill/core/error.h>
#include <rill/core/ops.h>

namespace rill {

using distributed::Phase;

DataParallel::DataParallel(World& world, const std::vector<NamedTensor>& parameters,
                           const std::vector<NamedTensor>& buffers,
                           const DataParallelOptions& options)
    : state_(new State{world, options}) {
  distributed::make_same(world, parameters);
  distributed::make_same(world, buffers);
  state_->add_slots(parameters);
}

DataParallel::~DataParallel() = default;

void DataParallel::begin_step(int64_t step, int64_t micro_batches, int64_t rows) {
  if (micro_batches < 1 || rows < 1)
    fail<ValueError>("begin_step: ", micro_batches, " micro-batches of ", rows,
                     " rows; a step needs one of one row");
  state_->want(Phase::between_steps, "begin_step");
  state_->step = step;
  state_->micro_batches = std::min(micro_batches, rows);
  state_->rows = rows;
  state_->begin_step();
}

const std::vector<MicroBatch>& DataParallel::parts() const { return state_->parts; }

void DataParallel::ask_to_stop() { state_->is_stop_asked = true; }

void DataParallel::backward(const MicroBatch& part, const Tensor& loss) {
  State& state = *state_;
  state.want(Phase::in_step, "backward");
  if (state.done == state.parts.size() || part.number != state.parts[state.done].number)
    fail<ValueError>("backward: micro-batch ", part.number, " is not the next of this rank");
  state.run_micro_batch(loss);
}

ParallelStep DataParallel::end_step() {
  State& state = *state_;
  state.want(Phase::in_step, "end_step");
  if (state.done != state.parts.size())
    fail<ValueError>("end_step: ", state.parts.size() - state.done,
                     " micro-batches of this rank were not given to backward");
  const std::vector<Tensor> sums = state.receive_all();
  state.want_all_or_none(sums);
  for (const distributed::Slot& slot : state.slots)
    if (slot.count_in(sums[slot.bucket]).item() > 0)
      slot.parameter.set_grad(slot.gradient_in(sums[slot.bucket]));
  return {sums[distributed::loss_bucket].item(), sums[distributed::rank_bucket][0].item() > 0};
}

std::vector<ExchangeBar> DataParallel::take_bars() { return std::exchange(state_->bars, {}); }

}  // namespace rill
