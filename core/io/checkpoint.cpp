#include <rill/core/io/checkpoint.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <future>
#include <unordered_map>
#include <unordered_set>

#include <rill/core/file.h>
#include <rill/core/io/detail/checksum.h>
#include <rill/core/io/detail/read_file.h>
#include <rill/core/io/detail/to_store.h>

// The file is one of safetensors. Its header has these fields of metadata: "rill.checkpoint", the
// number of the format; "rill.parts", their names, one a line; "configuration.NAME". Whatever a
// later format changes, the checksum stays what and where it is.

namespace rill {
namespace {

using detail::Checksum;
using detail::EncodedTensor;
using detail::in_quotes;
using detail::refuse_to_read;

constexpr int64_t format = 1;
constexpr std::string_view format_name = "rill.checkpoint", parts_name = "rill.parts",
                           configuration_prefix = "configuration.", checksum_name = "checksum";

std::string names_of(const Checkpoint& checkpoint) {
  std::string names;
  for (const auto& [name, state] : checkpoint.parts) names += (names.empty() ? "" : ", ") + name;
  return names;
}

bool can_name_a_part(std::string_view name) {
  return !name.empty() && name.find_first_of(".\n") == std::string_view::npos;
}

const StateDict* find_part(const Checkpoint& checkpoint, std::string_view name) {
  for (const auto& [part, state] : checkpoint.parts)
    if (part == name) return &state;
  return nullptr;
}

void want_name_of_a_part(const std::string& name) {
  if (!can_name_a_part(name))
    fail<ValueError>("a part of a checkpoint cannot be named ", in_quotes(name),
                     ": take a name without dots and line feeds");
}

[[noreturn]] void refuse_second_part(const std::string& name) {
  fail<ValueError>("the checkpoint has a part ", in_quotes(name), " already");
}

}  // namespace

Checkpoint& Checkpoint::add(const std::string& name, StateDict state) {
  want_name_of_a_part(name);
  if (contains(name)) refuse_second_part(name);
  parts.emplace_back(name, std::move(state));
  return *this;
}

bool Checkpoint::contains(std::string_view name) const { return find_part(*this, name); }

const StateDict& Checkpoint::operator[](std::string_view name) const {
  const StateDict* found = find_part(*this, name);
  if (!found)
    fail<ValueError>("the checkpoint has no part ", in_quotes(name), "; it has ", names_of(*this));
  return *found;
}

void Checkpoint::want_configuration(const Metadata& own) const {
  std::string differing;
  const auto tell = [&](const std::string& field, const std::string& there,
                        const std::string& here) {
    differing += (differing.empty() ? "" : "; ") + field + " is " + there + ", here " + here;
  };
  for (const auto& [field, there] : configuration) {
    const auto here = own.find(field);
    if (here == own.end())
      tell(field, there, "there is none");
    else if (here->second != there)
      tell(field, there, here->second);
  }
  for (const auto& [field, here] : own)
    if (!configuration.contains(field)) tell(field, "not there", here);
  if (!differing.empty())
    fail<ValueError>("the checkpoint is of another configuration: its ", differing);
}

// ---- saving -------------------------------------------------------------------------------------

namespace {

/// Holds parts that `add` has not seen to its rules.
void check_names(const Checkpoint& checkpoint) {
  std::unordered_set<std::string_view> added;
  for (const auto& [name, state] : checkpoint.parts) {
    want_name_of_a_part(name);
    if (!added.insert(name).second) refuse_second_part(name);
  }
}

StateDict all_tensors(const Checkpoint& checkpoint) {
  StateDict all{{"step", from_vector(std::vector<int64_t>{checkpoint.step}, {})}};
  if (checkpoint.loss) all.push_back({"loss", scalar(*checkpoint.loss, float64)});
  for (const auto& [part, state] : checkpoint.parts)
    for (const auto& [name, tensor] : state) all.push_back({part + "." + name, tensor});
  return all;
}

Metadata metadata_of(const Checkpoint& checkpoint) {
  Metadata metadata{{std::string(format_name), std::to_string(format)}};
  std::string& parts = metadata[std::string(parts_name)];
  for (const auto& [name, state] : checkpoint.parts) parts += name + "\n";
  for (const auto& [field, value] : checkpoint.configuration)
    metadata[std::string(configuration_prefix) + field] = value;
  return metadata;
}

/// To be the last bytes of the file: the tensor of the shortest elements that comes last.
EncodedTensor place_of_checksum(const std::array<char, Checksum::size>& bytes) {
  return {checksum_name,
          "U8",
          1,
          Shape(static_cast<int64_t>(bytes.size())),
          {bytes.data(), bytes.size()},
          {},
          {}};
}

std::array<char, Checksum::size> checksum_of(std::span<const std::string_view> pieces) {
  Checksum checksum;
  for (const std::string_view piece : pieces) checksum.add(piece);
  return checksum.value();
}

/// The checksum is computed while the pieces before it are written. `value` is where the last piece
/// lies: it is filled in before that is written.
void write_with_checksum(const std::string& path, std::span<const std::string_view> pieces,
                         std::array<char, Checksum::size>& value) {
  const auto covered = pieces.first(pieces.size() - 1);
  std::future<std::array<char, Checksum::size>> computed = std::async(checksum_of, covered);
  replace_file(path, covered, [&] {
    value = computed.get();
    return pieces.back();
  });
}

}  // namespace

void save_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  check_names(checkpoint);
  const StateDict all = all_tensors(checkpoint);
  const Metadata metadata = metadata_of(checkpoint);
  detail::ToStore stored = detail::to_store(path, all, metadata);
  std::array<char, Checksum::size> value{};
  stored.tensors.push_back(place_of_checksum(value));
  const detail::SafetensorsLayout layout(path, stored.tensors, stored.with_ties(metadata));
  write_with_checksum(path, layout.pieces(), value);
}

// ---- loading ------------------------------------------------------------------------------------

namespace {

void verify_checksum(const std::string& path) {
  const detail::ReadFile file(path);
  const std::string_view bytes = file.bytes();
  const size_t covered = bytes.size() - std::min(bytes.size(), Checksum::size);
  const std::string_view piece = bytes.substr(0, covered);
  const std::array<char, Checksum::size> value = checksum_of(std::span(&piece, 1));
  if (bytes.substr(covered) != std::string_view(value.data(), value.size()))
    refuse_to_read(path,
                   "its checksum is wrong: it was damaged since it was written, or is no "
                   "checkpoint of rill");
}

const std::string& field_of(const SafetensorsFile& file, const std::string& path,
                            std::string_view name) {
  const auto found = file.metadata().find(std::string(name));
  if (found == file.metadata().end())
    refuse_to_read(path, "it is no checkpoint of rill: its metadata lack ", in_quotes(name));
  return found->second;
}

void check_format(const SafetensorsFile& file, const std::string& path) {
  const std::string& text = field_of(file, path, format_name);
  int64_t found = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
  if (error != std::errc() || end != text.data() + text.size() || found < 1)
    refuse_to_read(path, "the number of its format is ", in_quotes(text));
  if (found > format)
    refuse_to_read(path, "it is of format ", found, ", and this rill reads up to ", format,
                   ": take the newer rill that wrote it");
}

Tensor number_of(const SafetensorsFile& file, const std::string& path, std::string_view name,
                 DType dtype) {
  if (!file.contains(name)) refuse_to_read(path, "it has no ", in_quotes(name));
  Tensor number = file.load(name);
  if (number.dtype() != dtype || number.dims() != 0)
    refuse_to_read(path, in_quotes(name), " must be one number of ", dtype, ", found ",
                   number.dtype(), " of shape ", number.shape());
  return number;
}

/// Checkpoint::add compares each with all: of hundreds of thousands it would take minutes.
void add_parts(std::string_view names, const std::string& path, Checkpoint& checkpoint) {
  std::unordered_set<std::string_view> added;
  while (!names.empty()) {
    const size_t end = names.find('\n');
    if (end == std::string_view::npos) refuse_to_read(path, "the list of its parts is cut");
    const std::string_view name = names.substr(0, end);
    if (!can_name_a_part(name)) refuse_to_read(path, "no part can be named ", in_quotes(name));
    if (!added.insert(name).second)
      refuse_to_read(path, "part ", in_quotes(name), " is there twice");
    checkpoint.parts.emplace_back(name, StateDict());
    names.remove_prefix(end + 1);
  }
}

/// The parts by their names, for tensors that come in any order.
std::unordered_map<std::string_view, StateDict*> by_name(Checkpoint& checkpoint) {
  std::unordered_map<std::string_view, StateDict*> parts;
  for (auto& [name, state] : checkpoint.parts) parts.emplace(name, &state);
  return parts;
}

void load_tensors(const SafetensorsFile& file, const std::string& path, Checkpoint& checkpoint) {
  const auto parts = by_name(checkpoint);
  std::unordered_map<std::string_view, Tensor> loaded;
  for (const std::string& name : file.names()) {
    const size_t dot = name.find('.');
    if (dot == std::string::npos) continue;
    const auto part = parts.find(std::string_view(name).substr(0, dot));
    if (part == parts.end())
      refuse_to_read(path, "tensor ", in_quotes(name), " belongs to none of its parts");
    Tensor& tensor = loaded[file.stored_name(name)];
    if (!tensor.defined()) tensor = file.load(name);
    part->second->push_back({name.substr(dot + 1), tensor});
  }
}

Metadata configuration_in(const Metadata& metadata) {
  Metadata configuration;
  for (const auto& [key, value] : metadata)
    if (key.starts_with(configuration_prefix))
      configuration.emplace(key.substr(configuration_prefix.size()), value);
  return configuration;
}

}  // namespace

Checkpoint load_checkpoint(const std::string& path) {
  verify_checksum(path);
  const SafetensorsFile file(path);
  check_format(file, path);
  Checkpoint checkpoint{.step = number_of(file, path, "step", int64).item<int64_t>()};
  if (file.contains("loss")) checkpoint.loss = number_of(file, path, "loss", float64).item();
  checkpoint.configuration = configuration_in(file.metadata());
  add_parts(field_of(file, path, parts_name), path, checkpoint);
  load_tensors(file, path, checkpoint);
  return checkpoint;
}

}  // namespace rill
