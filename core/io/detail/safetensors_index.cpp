#include <rill/core/io/detail/safetensors_index.h>

#include <rill/core/io/detail/safetensors_header.h>
#include <rill/core/io/detail/sax.h>

namespace rill::detail {
namespace {

bool is_plain_name(const std::string& file) {
  return !file.empty() && file != "." && file.find("..") == std::string::npos &&
         file.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

class IndexReader final : public SaxReader {
 public:
  IndexReader(const std::string& path, PartOfTensor& part_of)
      : SaxReader(path), part_of_(part_of) {}

  bool null() override { return skip() || SaxReader::null(); }
  bool boolean(bool value) override { return skip() || SaxReader::boolean(value); }
  bool number_integer(int64_t value) override { return skip() || SaxReader::number_integer(value); }
  bool number_unsigned(uint64_t value) override {
    return skip() || SaxReader::number_unsigned(value);
  }
  bool number_float(double value, const std::string& text) override {
    return skip() || SaxReader::number_float(value, text);
  }
  bool string(std::string& text) override {
    if (skip()) return true;
    if (at_ != At::file) unexpected(in_quotes(text));
    if (!is_plain_name(text))
      refuse(place(), " leads to ", in_quotes(text), "; it must name a file beside the index");
    part_of_[name_] = std::move(text);
    at_ = At::tensors;
    return true;
  }
  bool start_object(size_t) override {
    if (at_ == At::other) return deeper();
    if (at_ != At::index && at_ != At::weight_map) unexpected("an object");
    at_ = at_ == At::index ? At::keys : At::tensors;
    return true;
  }
  bool start_array(size_t) override {
    return at_ == At::other ? deeper() : SaxReader::start_array(0);
  }
  bool end_object() override {
    if (at_ == At::other) return end_array();
    at_ = at_ == At::keys ? At::index : At::keys;
    return true;
  }
  bool end_array() override {
    --depth_;
    return skip();
  }
  bool key(std::string& name) override {
    if (at_ == At::other) return true;
    if (at_ == At::keys) return begin_key(name);
    name_ = std::move(name);
    at_ = At::file;
    if (part_of_.contains(name_)) refuse("tensor ", in_quotes(name_), " is there twice");
    return true;
  }

  bool has_weight_map() const { return has_weight_map_; }

 private:
  enum class At { index, keys, weight_map, tensors, file, other };

  bool begin_key(const std::string& name) {
    at_ = name == "weight_map" ? At::weight_map : At::other;
    if (at_ == At::weight_map && std::exchange(has_weight_map_, true))
      refuse("it has 'weight_map' twice");
    return true;
  }
  /// Passes over a value that does not matter.
  bool skip() {
    if (at_ != At::other) return false;
    if (depth_ == 0) at_ = At::keys;
    return true;
  }
  bool deeper() {
    constexpr int most = 8;
    if (++depth_ > most) refuse("it nests more than ", most, " levels deep");
    return true;
  }
  std::string place() const override {
    if (at_ == At::file) return "the file of tensor " + in_quotes(name_);
    return at_ == At::index ? "the index" : "'weight_map'";
  }
  std::string wanted() const override { return at_ == At::file ? "a text" : "an object"; }

  PartOfTensor& part_of_;
  At at_ = At::index;
  bool has_weight_map_ = false;
  int depth_ = 0;  // within what is passed over
  std::string name_;
};

}  // namespace

PartOfTensor parse_safetensors_index(const std::string& path, std::string_view text) {
  if (text.size() > most_header_bytes)
    refuse_to_read(path, "an index has at most ", most_header_bytes, " bytes, this one ",
                   text.size());
  PartOfTensor part_of;
  IndexReader reader(path, part_of);
  reader.read(text);
  if (!reader.has_weight_map()) refuse_to_read(path, "it has no 'weight_map'");
  return part_of;
}

PartOfTensor read_safetensors_index(const std::string& path) {
  return parse_safetensors_index(path, ReadFile(path).bytes());
}

std::string index_text(const PartOfTensor& part_of, int64_t total_bytes) {
  const nlohmann::json index{{"metadata", {{"total_size", total_bytes}}}, {"weight_map", part_of}};
  return index.dump(2) + "\n";
}

}  // namespace rill::detail
