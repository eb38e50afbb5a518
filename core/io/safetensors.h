#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rill/core/state_dict.h>

// Named tensors in a safetensors file, the format of Hugging Face and of Python's package
// `safetensors`: a header of JSON, then the numbers, little-endian and row-major.
//
// A file may be in several parts, beside an index that tells in which part a tensor is:
// "model.safetensors.index.json", "model-00001-of-00002.safetensors", ... Where a path ends with
// ".json" it is that of an index, for reading as for writing.
//
// A large tensor is not copied from its file but mapped: its pages come as they are used. It is the
// program's own all the same: what is written to it never reaches the file. Until a page is written
// to, the file holds it, so that nobody must change the file in place meanwhile; where it is cut,
// the system ends the program (SIGBUS). Replacing it is safe, by save_safetensors or by any rename:
// the tensor keeps the file that it was loaded from.
//
// Tied weights: of tensors that are the same memory one is stored, and the metadata says for each
// further name whose it shares, {"head.weight": "embed.weight"}, as Python's `save_model` does. So
// an entry is understood, and not shown among the metadata, where its key is no tensor of the file,
// its value is one, and both end alike (".weight"). Where that would say too much or too little,
// save_safetensors adds "rill.tied", which names those that are meant, one a line.

namespace rill {

using Metadata = std::map<std::string, std::string>;

/// Floating types of 16 bits, in which files keep what tensors hold in more.
enum class HalfFloat { float16, bfloat16 };

struct SaveSafetensorsOptions {
  /// Text that goes with the tensors.
  Metadata metadata = {};
  /// float32 and float64 are rounded to this, to the nearest, ties to even; what is too large
  /// becomes infinite, NaN stays NaN.
  std::optional<HalfFloat> floats_as = {};
  /// How many bytes of tensors a part of a file with an index has at most, unless a single tensor
  /// has more. 5 GB where it is not said; only for paths that end with ".safetensors.index.json".
  std::optional<int64_t> max_part_bytes = {};
};

/// Writes the tensors, in one piece: the file is there as a whole, or as it was before. Of a file
/// in parts each is; its index goes before the first is replaced and comes after the last, so that
/// an interrupted save shows as an index that is missing. The bytes depend on the tensors and
/// options alone. Throws ValueError for names that are there twice, are "__metadata__" or no UTF-8,
/// for undefined tensors, and for metadata without tensors; Error where writing fails.
void save_safetensors(const std::string& path, const StateDict& tensors,
                      const SaveSafetensorsOptions& options = {});

/// All tensors of a file, or of an index and its parts, in the order of the header; then tied
/// names, each with the very tensor whose name it shares. What SafetensorsFile::load converts is
/// told by one warning. Throws Error where the file cannot be read or breaks a rule of the format.
StateDict load_safetensors(const std::string& path);

/// A file, or an index and its parts, of which tensors are loaded one by one.
class SafetensorsFile {
 public:
  /// Reads and checks the headers alone. Throws Error as load_safetensors.
  explicit SafetensorsFile(const std::string& path);
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;
  ~SafetensorsFile();

  /// In the order of the headers, tied names last.
  const std::vector<std::string>& names() const;
  bool contains(std::string_view name) const;
  /// The name whose tensor a tied name shares; for others the name itself. Throws ValueError where
  /// the file has no such tensor, as all that follow.
  const std::string& stored_name(std::string_view name) const;
  const Shape& shape(std::string_view name) const;
  /// The file's own element type: "F32", "BF16", "U8", ...
  std::string stored_dtype(std::string_view name) const;
  /// What `load` gives: F16 and BF16 are read as float32, and U8, I8, U16, I16, U32, I32 and U64 as
  /// int64. Throws DTypeError for those that rill has no place for: C64, and floats of 8 bits or
  /// less.
  DType dtype(std::string_view name) const;
  /// The tensor, with memory of its own each time. Throws DTypeError as `dtype`, Error where a BOOL
  /// is neither 0 nor 1 and where a U64 is beyond int64.
  Tensor load(std::string_view name) const;
  const Metadata& metadata() const;

 private:
  struct Contents;
  std::unique_ptr<const Contents> contents_;
};

}  // namespace rill
