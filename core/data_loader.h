#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <vector>

#include <rill/core/random.h>
#include <rill/core/state_dict.h>
#include <rill/core/tensor.h>

namespace rill {

struct DataLoaderOptions {
  int64_t batch_size = 1;
  /// Take the rows in another order each epoch.
  bool shuffle = false;
  /// Leave out the last batch where it is smaller than the others.
  bool drop_last = false;
  /// Draws the seed of the orders, once, when the DataLoader is made (and shuffles); the default
  /// generator unless given.
  GeneratorOption generator = {};
};

/// Tensors [rows, ...] cut into batches: each loop over it is one epoch, and gives for each batch
/// the rows of all tensors, [batch_size, ...], in the order of the tensors.
///
///     DataLoader batches({x, y}, {.batch_size = 32, .shuffle = true});
///     for (const auto& [inputs, targets] : batches) loss(model(inputs), targets).backward();
///
/// Of another number of tensors than two a batch is `batch[0]`, `batch[1]`, ...
///
/// The order of an epoch depends on the seed and on the number of the epoch alone. Without
/// `shuffle` batches are views of the tensors, with it copies. Without rows there are no batches;
/// where there are fewer than batch_size, one batch holds them all.
class DataLoader {
 public:
  class Iterator;
  /// The rows of each tensor.
  struct Batch : std::vector<Tensor> {
    /// For `auto [inputs, targets]`. Throws ValueError unless there are two tensors.
    template <size_t Number>
    const Tensor& get() const {
      want_two();
      return (*this)[Number];
    }

   private:
    void want_two() const;
  };

  /// Throws ValueError for no tensors, one that is undefined, a batch_size below 1, and where
  /// drop_last would leave nothing of some rows; ShapeError for a tensor without dimensions, and
  /// for tensors of different size(0).
  explicit DataLoader(std::vector<Tensor> tensors, const DataLoaderOptions& options = {});
  /// `{x}` would also be a DataLoader to copy, but for this.
  explicit DataLoader(std::initializer_list<Tensor> tensors)
      : DataLoader(std::vector<Tensor>(tensors)) {}
  template <std::integral Size>
  requires(!std::same_as<Size, bool>) DataLoader(std::vector<Tensor> tensors, Size batch_size)
      : DataLoader(std::move(tensors), {static_cast<int64_t>(batch_size)}) {}
  template <std::integral Size>
  requires(!std::same_as<Size, bool>)
      DataLoader(std::vector<Tensor> tensors, Size batch_size, std::same_as<bool> auto shuffle)
      : DataLoader(std::move(tensors), {static_cast<int64_t>(batch_size), shuffle}) {}
  // clang-format off
  template <class...> explicit DataLoader(...) = delete;  // tensors in braces: DataLoader({x, y}, {.batch_size = 32, .shuffle = true}), .drop_last, .generator = g
  // clang-format on

  /// Batches an epoch.
  int64_t size() const;
  /// The number of the epoch that runs; between loops that of the next one, and after a loop that
  /// was left early still that of the one that was left. From 0.
  int64_t epoch() const { return epoch_; }

  /// Begins an epoch, or goes on with one that was loaded. A loop that was left early has ended its
  /// epoch. Only one loop can run at a time: the outer of two throws ValueError when it goes on.
  Iterator begin();
  Iterator begin() const = delete;  // no const DataLoader: a loop moves it on
  std::default_sentinel_t end() const { return {}; }
  // clang-format off
  friend int64_t len(const DataLoader&) = delete;        // batches.size()
  friend int64_t enumerate(const DataLoader&) = delete;  // int64_t i = 0, and ++i in the loop
  friend Batch next(const Iterator&) = delete;           // *it, and ++it for the next
  // clang-format on
  /// begin(), as Python calls it.
  friend Iterator iter(DataLoader& batches);

  /// Where it stands, asked inside a loop or between two: "seed", "epoch" and "next_batch", and
  /// what they are about: "rows", "batch_size", "shuffle" and "drop_last". All int64 without
  /// dimensions.
  [[nodiscard]] StateDict state_dict() const;
  /// Takes up such a state: the next loop gives the batches of that epoch which had not been given
  /// (none where the state was saved in its last turn), later ones the epochs that would have
  /// followed. Throws ValueError, with nothing changed, for one of other rows or options, or of
  /// another form.
  void load_state_dict(const StateDict& state);

 private:
  int64_t rows() const { return tensors_[0].size(0); }
  Tensor order() const;
  Batch take(int64_t batch) const;
  void end_epoch();

  std::vector<Tensor> tensors_;
  DataLoaderOptions options_;
  int64_t seed_ = 0;
  int64_t epoch_ = 0;
  int64_t next_batch_ = 0;
  bool is_loaded_ = false;  // its place comes from load_state_dict: the next loop begins there
  int64_t loops_ = 0;       // begun so far; the last one may go on
  Tensor order_;            // of this epoch; undefined without shuffle
};

/// Walks over the batches of one epoch.
class DataLoader::Iterator {
 public:
  using value_type = Batch;
  using difference_type = std::ptrdiff_t;

  const Batch& operator*() const& { return batch_; }
  Batch operator*() const&& { return batch_; }  // `const auto& batch = *batches.begin();` stays
  const Batch* operator->() const { return &batch_; }
  Iterator& operator++();
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return is_over_; }

 private:
  friend class DataLoader;
  explicit Iterator(DataLoader& batches) : batches_(&batches), loop_(batches.loops_) { ++*this; }
  DataLoader* batches_;
  int64_t loop_;
  Batch batch_;
  bool is_over_ = false;
};

/// Sequences [length, ...] of one dtype, padded at their ends and stacked: [batch, longest, ...].
/// (PyTorch's with batch_first=True.) Gradients flow to what is no padding. Throws ValueError for
/// no sequences and for an undefined one, DTypeError for different dtypes and for a padding_value
/// that the dtype cannot hold, ShapeError where more than the lengths differ.
Tensor pad_sequence(const std::vector<Tensor>& sequences, double padding_value = 0);
// clang-format off
Tensor pad_sequence(const std::vector<Tensor>&, std::same_as<bool> auto, auto...) = delete;  // pad_sequence(sequences, padding_value): the batch always comes first
Tensor pad_sequence(...) = delete;  // pad_sequence(sequences, padding_value): the batch always comes first
// clang-format on

/// Where sequences of these lengths are padded: bool [batch, longest], true at padding, as
/// `key_padding_mask` wants it. Throws ValueError for no lengths and for a negative one.
Tensor padding_mask(const std::vector<int64_t>& lengths);
inline Tensor padding_mask(std::initializer_list<int64_t> lengths) {
  return padding_mask(std::vector<int64_t>(lengths));
}
/// The same for the sequences that pad_sequence takes, and what it throws.
Tensor padding_mask(const std::vector<Tensor>& sequences);

}  // namespace rill

// What `auto [inputs, targets]` is made of.
namespace std {
template <>
struct tuple_size<rill::DataLoader::Batch> : integral_constant<size_t, 2> {};
template <size_t Number>
struct tuple_element<Number, rill::DataLoader::Batch> {
  using type = const rill::Tensor;
};
}  // namespace std
