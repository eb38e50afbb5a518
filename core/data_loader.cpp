#include <rill/core/data_loader.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace rill {
namespace {

using detail::want_at_least;

void check_rows(size_t number, const Tensor& tensor, int64_t rows) {
  if (!tensor.defined()) fail<ValueError>("DataLoader: tensor ", number, " is undefined");
  if (tensor.dims() == 0)
    fail<ShapeError>("DataLoader: tensor ", number, " has no dimensions, so no rows to take");
  if (rows >= 0 && tensor.size(0) != rows)
    fail<ShapeError>("DataLoader: all tensors need the same number of rows; tensor 0 has ", rows,
                     ", tensor ", number, " of shape ", tensor.shape(), " has ", tensor.size(0));
}

void check_tensors(const std::vector<Tensor>& tensors) {
  if (tensors.empty()) fail<ValueError>("DataLoader: at least one tensor is needed");
  for (size_t i = 0; i < tensors.size(); ++i)
    check_rows(i, tensors[i], i == 0 ? -1 : tensors[0].size(0));
}

int64_t draw_seed(Generator& generator) {
  return randint(0, std::numeric_limits<int64_t>::max(), {}, generator).item<int64_t>();
}

NamedTensor named(const char* name, int64_t value) {
  return {name, from_vector(std::vector<int64_t>{value}, {})};
}

}  // namespace

DataLoader::DataLoader(std::vector<Tensor> tensors, const DataLoaderOptions& options)
    : tensors_(std::move(tensors)), options_(options) {
  check_tensors(tensors_);
  want_at_least(1, "DataLoader: batch_size", options.batch_size);
  if (rows() > 0 && size() == 0)
    fail<ValueError>("DataLoader: drop_last would leave nothing of ", rows(),
                     " rows in batches of ", options.batch_size,
                     ": take a smaller batch_size, or keep the last batch");
  if (options.shuffle) seed_ = draw_seed(options.generator.get());
  options_.generator = nullptr;
}

int64_t DataLoader::size() const {
  const int64_t whole = rows() / options_.batch_size;
  return whole + (!options_.drop_last && rows() % options_.batch_size != 0 ? 1 : 0);
}

DataLoader::Iterator DataLoader::begin() {
  if (next_batch_ > 0 && !is_loaded_) end_epoch();
  is_loaded_ = false;
  ++loops_;
  if (options_.shuffle) order_ = order();
  return Iterator(*this);
}

DataLoader::Iterator iter(DataLoader& batches) { return batches.begin(); }

/// Each epoch has 2³² blocks of the generator's stream, more than it draws.
Tensor DataLoader::order() const {
  Generator generator(static_cast<uint64_t>(seed_));
  generator.set_offset(static_cast<uint64_t>(epoch_) << 32);
  return randperm(rows(), generator);
}

void DataLoader::Batch::want_two() const {
  if (size() != 2)
    fail<ValueError>(
        "DataLoader: `auto [inputs, targets]` is for batches of two tensors; this has ", size(),
        ": write `const auto& batch`, and batch[0] and so on");
}

DataLoader::Batch DataLoader::take(int64_t batch) const {
  const int64_t begin = batch * options_.batch_size;
  const int64_t count = std::min(options_.batch_size, rows() - begin);
  Batch taken;
  for (const Tensor& tensor : tensors_)
    taken.push_back(options_.shuffle ? index_select(tensor, 0, order_.narrow(0, begin, count))
                                     : tensor.narrow(0, begin, count));
  return taken;
}

void DataLoader::end_epoch() {
  ++epoch_;
  next_batch_ = 0;
}

DataLoader::Iterator& DataLoader::Iterator::operator++() {
  if (loop_ != batches_->loops_)
    fail<ValueError>(
        "DataLoader: another loop over it began, or a state was loaded, inside this loop; for two "
        "loops at once make two DataLoaders");
  is_over_ = batches_->next_batch_ >= batches_->size();
  batch_ = is_over_ ? Batch() : batches_->take(batches_->next_batch_);
  if (is_over_)
    batches_->end_epoch();
  else
    ++batches_->next_batch_;
  return *this;
}

StateDict DataLoader::state_dict() const {
  return {named("seed", seed_),
          named("epoch", epoch_),
          named("next_batch", next_batch_),
          named("rows", rows()),
          named("batch_size", options_.batch_size),
          named("shuffle", options_.shuffle),
          named("drop_last", options_.drop_last)};
}

void DataLoader::load_state_dict(const StateDict& state) {
  const StateDict own = state_dict();
  const auto is_like = [](const NamedTensor& a, const NamedTensor& b) {
    return a.name == b.name && a.tensor.defined() && a.tensor.dtype() == int64 &&
           a.tensor.numel() == 1;
  };
  if (!std::ranges::equal(state, own, is_like))
    fail<ValueError>(
        "load_state_dict: the state of a DataLoader holds the int64 numbers seed, epoch, ",
        "next_batch, rows, batch_size, shuffle and drop_last, in this order");
  const auto number = [](const NamedTensor& entry) { return entry.tensor.item<int64_t>(); };
  for (size_t i = 3; i < own.size(); ++i)
    if (number(state[i]) != number(own[i]))
      fail<ValueError>("load_state_dict: the state is of another DataLoader: its ", own[i].name,
                       " is ", number(state[i]), ", here it is ", number(own[i]));
  for (size_t i = 0; i < 3; ++i)
    want_at_least(0, "load_state_dict: " + own[i].name, number(state[i]));
  if (number(state[2]) > size())
    fail<ValueError>("load_state_dict: next_batch is ", number(state[2]), ", but there are ",
                     size(), " batches");
  seed_ = number(state[0]);
  epoch_ = number(state[1]);
  next_batch_ = number(state[2]);
  is_loaded_ = true;
  ++loops_;
}

// ---- padding ------------------------------------------------------------------------------------

namespace {

void check_sequence(size_t number, const Tensor& sequence, const Tensor& first) {
  if (!sequence.defined()) fail<ValueError>("cannot pad: sequence ", number, " is undefined");
  if (sequence.dims() == 0)
    fail<ShapeError>("cannot pad: sequence ", number, " has no dimensions, so no length");
  if (sequence.dtype() != first.dtype())
    fail<DTypeError>("cannot pad: sequence 0 is ", first.dtype(), ", sequence ", number, " ",
                     sequence.dtype(), ": convert with to");
  Shape expected = first.shape();
  if (sequence.dims() == expected.dims()) expected[0] = sequence.size(0);
  if (sequence.shape() != expected)
    fail<ShapeError>("cannot pad: sequences may differ in their first size alone; sequence 0 is ",
                     first.shape(), ", sequence ", number, " ", sequence.shape());
}

std::vector<int64_t> lengths_of(const std::vector<Tensor>& sequences) {
  if (sequences.empty()) fail<ValueError>("cannot pad: at least one sequence is needed");
  std::vector<int64_t> lengths;
  for (size_t i = 0; i < sequences.size(); ++i) {
    check_sequence(i, sequences[i], sequences[0]);
    lengths.push_back(sequences[i].size(0));
  }
  return lengths;
}

/// `sequence` [length, ...] and padding behind it: [longest, ...].
Tensor padded(const Tensor& sequence, int64_t longest, double padding_value) {
  Shape shape = sequence.shape();
  shape[0] = longest - shape[0];
  return cat({sequence, Tensor::empty(shape, sequence.dtype()).fill_(padding_value)}, 0);
}

}  // namespace

Tensor pad_sequence(const std::vector<Tensor>& sequences, double padding_value) {
  const std::vector<int64_t> lengths = lengths_of(sequences);
  const int64_t longest = *std::ranges::max_element(lengths);
  std::vector<Tensor> rows;
  for (const Tensor& sequence : sequences) rows.push_back(padded(sequence, longest, padding_value));
  return stack(rows);
}

Tensor padding_mask(const std::vector<int64_t>& lengths) {
  if (lengths.empty()) fail<ValueError>("padding_mask: at least one length is needed");
  for (size_t i = 0; i < lengths.size(); ++i)
    want_at_least(0, "padding_mask: length " + std::to_string(i), lengths[i]);
  const int64_t longest = *std::ranges::max_element(lengths);
  return ge(arange(static_cast<double>(longest)), from_vector(lengths).unsqueeze(1));
}

Tensor padding_mask(const std::vector<Tensor>& sequences) {
  return padding_mask(lengths_of(sequences));
}

}  // namespace rill
