#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rill/core/tensor.h>

namespace rill {

class World;

namespace distributed {
class Ranks;
/// The ranks of `world`, for rill's own sources; throws Error once it has ended.
Ranks& ranks_of(World& world);
}  // namespace distributed

/// The ranks that train one model: processes of the same program, as `mpirun -n 4 PROGRAM` starts
/// them, on one machine or many. All must call the same functions in the same order, with tensors
/// of the same shapes and dtypes: each first exchanges 128 bytes, and throws ValueError on all,
/// naming the rank that calls something else. What is wrong on one rank by itself, as a tensor that
/// is not row-major, is thrown there alone, and is to end the rank.
///
///   World world;
///   world.run([&] { train(world); });
///
/// Started without a launcher there is one rank, which never calls MPI. From when all have made
/// their World until it ends, one that ends, throws or is stopped is missed by all others within
/// 10 s: they say so and end, with exit code 1. One that lives and does not come to an exchange is
/// waited for; where it is one of a DataParallel, rank 0 names it. Before, those that have come
/// wait for all others for two minutes, and then end. A process has one World at a time, and of
/// several ranks one at all.
class World {
 public:
  /// Throws Error where a launcher has started several ranks, and rill was built without MPI or
  /// with another one than the launcher's.
  World();
  /// Waits for all ranks to come here; where an exception ends this one, all others are told.
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }

  /// Runs `work`, and ends the world. Where `work` throws, all other ranks are told of it, and end;
  /// here it is thrown on.
  void run(const std::function<void()>& work);

  /// Returns when all ranks have come here.
  void barrier();
  /// Makes `tensor`, row-major, hold what that of `root` holds.
  void broadcast(const Tensor& tensor, int root = 0);
  /// Makes `tensor`, floating and row-major, hold the sum over all ranks, the same bits on each:
  /// summed in pairs of neighbours, in pairs of these, and so on.
  void all_reduce(const Tensor& tensor);
  /// What each rank gave, by their numbers, on all ranks.
  std::vector<std::string> gather(const std::string& mine);

  using Fields = std::vector<std::pair<std::string, std::string>>;
  /// Throws ValueError on all ranks, naming each field that is not the same on all, with its
  /// values.
  void want_same(const Fields& fields);
  /// rill's version, the MPI library and the program: what want_same should begin with.
  static Fields build();

 private:
  std::vector<std::string> gather_in(const std::string& call, const std::string& mine);
  friend distributed::Ranks& distributed::ranks_of(World& world);
  void finish();
  void tell_failure(const std::string& why);
  int rank_ = 0;
  int size_ = 1;
  bool is_over_ = false;
  int exceptions_;  // under way when this began
  std::unique_ptr<distributed::Ranks> ranks_;
};

/// A hash, of 64 bits, of what the tensors hold, for `want_same`.
std::string hash_of(std::span<const Tensor> tensors);

}  // namespace rill
