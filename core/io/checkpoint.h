#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rill/core/io/safetensors.h>
#include <rill/core/state_dict.h>

namespace rill {

/// What has a state to save: a module, an optimizer, a scheduler, a DataLoader, a Generator.
template <class Part>
concept HasState = requires(const Part& part) {
  { part.state_dict() } -> std::same_as<StateDict>;
};
/// The same, to take one up.
template <class Part>
concept TakesState = requires(Part& part, const StateDict& state) {
  part.load_state_dict(state);
};

/// All that a training needs to go on as if it had never stopped.
///
///     save_checkpoint(path, Checkpoint{.step = step}
///                               .add("model", model)
///                               .add("optimizer", optimizer)
///                               .add("generator", default_generator()));
///     ...
///     const Checkpoint saved = load_checkpoint(path);
///     saved.restore("model", model).restore("optimizer", optimizer);
///     saved.restore("generator", default_generator());
struct Checkpoint {
  /// How many steps were made.
  int64_t step = 0;
  /// What the model scored after this step, the less the better; not where it was not measured.
  std::optional<double> loss = {};
  /// What the numbers depend on and no part holds: sizes, rates, the text.
  Metadata configuration = {};
  /// States with their names, in the order in which they were added.
  std::vector<std::pair<std::string, StateDict>> parts = {};

  /// Adds a part. Its tensors are not copied: what changes before the checkpoint is saved, changes
  /// in it. Throws ValueError where the name is empty, is there, or has a dot or a line feed in it.
  Checkpoint& add(const std::string& name, StateDict state);
  template <HasState Part>
  Checkpoint& add(const std::string& name, const Part& part) {
    return add(name, part.state_dict());
  }

  bool contains(std::string_view name) const;
  /// Throws ValueError, showing the names, where there is no such part.
  const StateDict& operator[](std::string_view name) const;
  /// Lets `part` take up the state of that name. Throws what its load_state_dict throws; parts that
  /// took up theirs before keep them.
  template <class Part>
  requires TakesState<Part>
  const Checkpoint& restore(std::string_view name, Part& part) const {
    part.load_state_dict((*this)[name]);
    return *this;
  }

  /// Throws ValueError unless the configuration is `own`, naming each field that differs with both
  /// values.
  void want_configuration(const Metadata& own) const;

  void save(...) const = delete;         // save_checkpoint(path, checkpoint)
  static Checkpoint load(...) = delete;  // load_checkpoint(path)
};

/// Writes a checkpoint, in one piece, as replace_file does. It is a safetensors file, so that
/// others can read it: tensors "PART.NAME", int64 "step", float64 "loss", and "checksum", the last
/// 16 bytes, which is over all others. All bits are kept, those of NaN too; tied tensors stay tied.
/// Throws ValueError for what save_safetensors refuses and for parts with names that `add` refuses,
/// Error where writing fails.
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Throws Error where the file cannot be read, where a bit of it is another than was written, and
/// for a format that a newer rill has written.
Checkpoint load_checkpoint(const std::string& path);

}  // namespace rill
