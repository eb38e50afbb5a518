#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <rill/core/dtype.h>

namespace rill::distributed {

/// Items numbered from 0 are summed in pairs, 0 + 1, 2 + 3, then in pairs of pairs, and so on; what
/// is left over at the end is added from the right. The tree depends on the numbers alone, and so
/// do the bits of the sum, whoever adds which part of it.
///
/// A part is the sum of 2^level items whose first number is a multiple of 2^level.
struct Part {
  int64_t first;
  int level;
  bool operator==(const Part&) const = default;
};

/// The largest parts that the items from `first` to before `end` are made of, in their order.
std::vector<Part> parts_of(int64_t first, int64_t end);

/// Adds parts that come in the order of their numbers: to[i] += what[i] where two are a pair.
class SumTree {
 public:
  explicit SumTree(DType dtype, int64_t numbers) : dtype_(dtype), numbers_(numbers) {}

  /// Takes a part, whose memory it may write to, and which must live as long as this.
  void add(Part part, void* data);
  /// What is there by now, the first part first.
  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<void*>& data() const { return data_; }
  /// Adds what is left, and returns the sum; null where nothing came.
  void* sum();

 private:
  bool has_pair() const;
  void add_last();
  DType dtype_;
  int64_t numbers_;
  std::vector<Part> parts_;
  std::vector<void*> data_;
};

/// The first of `count` items that rank `rank` of `size` has: they are dealt out evenly, in order.
constexpr int64_t first_of(int rank, int size, int64_t count) { return count * rank / size; }

}  // namespace rill::distributed
