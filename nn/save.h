#pragma once

#include <concepts>
#include <string>
#include <vector>

#include <rill/core/io/safetensors.h>
#include <rill/nn/module.h>

// The weights of a module in a .safetensors file, or an index and its parts
// (.safetensors.index.json): its state_dict(), under PyTorch's names. What PyTorch saved by
// `safetensors.torch.save_file(model.state_dict(), path)` or `save_model(model, path)` loads as it
// is; pickles (.pt, .bin) are refused, with how to convert them.

namespace rill::nn {

using SaveOptions = SaveSafetensorsOptions;

/// Writes all that state_dict() names, tied weights once; as save_safetensors does and throws.
void save(const Module& module, const std::string& path, const SaveOptions& options = {});

/// A name in a file, and that in the module. A `*` stands for a whole part of a name between dots,
/// as a layer's number is; at the end for all parts that remain. Each of `to` is what stood at its
/// place in `from`: {"h.*.ln_1.*", "blocks.*.norm1.*"}.
struct Rename {
  std::string from, to;
};

/// Tensors of a file that are parts of one in the module, joined along their first dimension.
struct Join {
  std::vector<std::string> from;
  std::string to;
};

/// How names and layouts of a file differ from the module's. Names are the file's, without the
/// prefix; what is neither ignored nor renamed nor joined keeps its name.
struct LoadOptions {
  /// Taken away where a name begins with it: "transformer."
  std::string prefix = {};
  /// Of rows that fit a name the first counts.
  std::vector<Rename> rename = {};
  std::vector<Join> join = {};
  /// Matrices that the file has the other way round.
  std::vector<std::string> transpose = {};
  /// What the module has no place for.
  std::vector<std::string> ignore = {};
  /// Refuse a file that has not all names, or others. Else what is missing stays as it is, and
  /// what is unexpected is passed over.
  bool strict = true;
};

/// Copies the tensors of the file into the module. Of names that are one tensor in the module the
/// file needs to have one; where it has several, they must be equal. Returns what did not match,
/// nothing where `strict`.
///
/// Throws ValueError, naming the file and all that is missing, unexpected, given twice or of
/// another shape, for a `to` with more `*` than its `from` and for a `*` beside something within a
/// part; Error as load_safetensors. The
/// module is then unchanged.
UnmatchedNames load(const Module& module, const std::string& path, const LoadOptions& options = {});

// clang-format off
void load(const Module&, const std::string&, std::same_as<bool> auto) = delete;  // load(model, path, {.strict = false})
void load(const std::string&, auto...) = delete;              // load(model, path), into a model that is there
void save(const StateDict&, auto...) = delete;                // save_safetensors(path, state)
// clang-format on

}  // namespace rill::nn
