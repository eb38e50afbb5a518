#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include <rill/core/io/safetensors.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

/// A checkpoint in parts of 8 bytes: a; b and c; d, which is larger.
class SafetensorsParts : public OwnFolder {
 protected:
  void SetUp() override {
    OwnFolder::SetUp();
    save();
  }
  void save(SaveSafetensorsOptions options = {}) {
    options.max_part_bytes = 8;
    save_safetensors(index(), state, options);
  }
  std::string index() const { return path("m.safetensors.index.json"); }
  static std::string part(int i, int of = 3) {
    return "m-0000" + std::to_string(i) + "-of-0000" + std::to_string(of) + ".safetensors";
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  /// The index with `from` replaced by `to`.
  void edit_index(const std::string& from, const std::string& to) const {
    std::string text = text_of("m.safetensors.index.json");
    ASSERT_NE(text.find(from), std::string::npos) << from;
    write("m.safetensors.index.json", text.replace(text.find(from), from.size(), to));
  }
  void expect_refused(const std::vector<std::string>& parts) const {
    expect_error<Error>([&] { load_safetensors(index()); }, parts);
  }

  const StateDict state{{"a", tensor({1.0, 2.0})},
                        {"b", tensor({3.0})},
                        {"c", tensor({4.0})},
                        {"d", tensor({5.0, 6.0, 7.0})}};
};

TEST_F(SafetensorsParts, LieBesideAnIndexThatTellsWhichTensorIsWhere) {
  EXPECT_EQ(file_count(), 4);
  EXPECT_EQ(nlohmann::json::parse(text_of("m.safetensors.index.json")),
            (nlohmann::json{
                {"metadata", {{"total_size", 28}}},
                {"weight_map", {{"a", part(1)}, {"b", part(2)}, {"c", part(2)}, {"d", part(3)}}}}));
  EXPECT_EQ(SafetensorsFile(path(part(2))).names(), (std::vector<std::string>{"b", "c"}));
}

TEST_F(SafetensorsParts, AreReadAsOne) {
  const StateDict found = load_safetensors(index());
  ASSERT_EQ(found.size(), 4U);
  for (const auto& [name, tensor] : state) expect_values(found[name], tensor.to_vector());
  const SafetensorsFile file(index());
  expect_values(file.load("d"), {5, 6, 7});
  expect_error<ValueError>([&] { file.load("e"); }, {index(), "has no tensor 'e'"});
}

TEST_F(SafetensorsParts, KeepMetadataAndTiedNames) {
  StateDict tied = state;
  tied.push_back({"other.a", tied["a"]});
  save_safetensors(index(), tied, {.metadata = {{"step", "3"}}, .max_part_bytes = 8});
  const SafetensorsFile file(index());
  EXPECT_EQ(file.metadata(), (Metadata{{"step", "3"}}));
  EXPECT_EQ(file.stored_name("other.a"), "a");
  const StateDict found = load_safetensors(index());
  EXPECT_EQ(found["other.a"].impl(), found["a"].impl());
  EXPECT_EQ(SafetensorsFile(path(part(3))).names(), (std::vector<std::string>{"d"}));
}

TEST_F(SafetensorsParts, AreOneWhereAllFits) {
  save_safetensors(index(), state);
  EXPECT_EQ(SafetensorsFile(path(part(1, 1))).names().size(), 4U);
  EXPECT_EQ(load_safetensors(index()).size(), 4U);
}

TEST_F(SafetensorsParts, WithoutTensorsAreOneFile) {
  save_safetensors(index(), {});
  EXPECT_TRUE(SafetensorsFile(path(part(1, 1))).names().empty());
  EXPECT_TRUE(load_safetensors(index()).empty());
}

TEST_F(SafetensorsParts, OfASaveThatFailedHaveNoIndex) {
  fs::remove(path(part(2)));
  fs::create_directory(path(part(2)));
  expect_error<Error>([&] { save(); }, {part(2), "no regular file"});
  expect_refused({"No such file"});
}

TEST_F(SafetensorsParts, StayAsTheyWereWhereWhatFollowsCannotBeSaved) {
  StateDict wrong = state.clone();
  wrong["a"].fill_(9);
  wrong.push_back({"d\xff", ones({2})});
  expect_error<ValueError>([&] { save_safetensors(index(), wrong, {.max_part_bytes = 8}); },
                           {"no UTF-8"});
  EXPECT_EQ(file_count(), 4);
  expect_values(load_safetensors(index())["a"], {1, 2});
}

TEST_F(SafetensorsParts, TakeNoFoldersPlace) {
  fs::remove(index());
  fs::create_directory(index());
  expect_error<Error>([&] { save(); }, {"cannot write " + index(), "no regular file"});
  EXPECT_TRUE(fs::is_directory(index()));
}

TEST_F(SafetensorsParts, AreAskedForByTheNameOfAnIndex) {
  expect_error<ValueError>(
      [&] { save_safetensors(path("m.safetensors"), state, {.max_part_bytes = 8}); },
      {"max_part_bytes is for files in parts"});
  expect_error<ValueError>([&] { save_safetensors(path("m.json"), state); },
                           {"must end with .safetensors.index.json"});
  expect_error<ValueError>([&] { save_safetensors(index(), state, {.max_part_bytes = 0}); },
                           {"max_part_bytes is 0"});
  EXPECT_EQ(load_safetensors(index()).size(), 4U);
}

TEST_F(SafetensorsParts, ThatLackATensorOrHaveOneTooManyAreRefused) {
  edit_index("\"a\"", "\"x\"");
  expect_refused(
      {"cannot read " + index(), part(1) + " has tensor 'a', which the index does not name"});
  save();
  edit_index("\"c\": \"" + part(2), "\"c\": \"" + part(3));
  expect_refused({part(2) + " has tensor 'c', which the index says is in " + part(3)});
  save();
  edit_index("\"d\": ", "\"e\": \"" + part(3) + "\",\n\"d\": ");
  expect_refused({part(3) + " has no tensor 'e', which the index says it has"});
}

TEST_F(SafetensorsParts, ThatAreMissingOrCutAreRefusedByName) {
  write(part(2), text_of(part(2)).substr(0, 20));
  expect_refused({"cannot read " + path(part(2))});
  fs::remove(path(part(2)));
  expect_refused({"cannot read " + path(part(2)), "No such file"});
}

TEST_F(SafetensorsParts, MustBeNamedWithoutAFolder) {
  for (const std::string file : {"../m.safetensors", "/etc/passwd", "folder/m", "..", ".", "",
                                 "a\\\\b", "a\\u0000", "a..b"}) {
    edit_index(part(1), file);
    expect_refused({"cannot read " + index(), "the file of tensor 'a' leads to",
                    "it must name a file beside the index"});
    save();
  }
}

TEST_F(SafetensorsParts, AreNotReadFromAnIndexThatIsNone) {
  const auto refused = [&](const std::string& text, const std::string& reason) {
    write("m.safetensors.index.json", text);
    expect_refused({"cannot read " + index() + ": ", reason});
  };
  refused("", "no JSON");
  refused("[]", "the index must be an object");
  refused("{}", "it has no 'weight_map'");
  refused(R"({"weight_map":[]})", "'weight_map' must be an object, found an array");
  refused(R"({"weight_map":{"a":1}})", "the file of tensor 'a' must be a text, found 1");
  refused(R"({"weight_map":{"a":{}}})", "must be a text, found an object");
  refused(R"({"weight_map":{"a":"x","a":"x"}})", "tensor 'a' is there twice");
  refused(R"({"weight_map":{},"weight_map":{}})", "'weight_map' twice");
  refused(R"({"metadata":)" + std::string(1'000'000, '['), "nests more than 8 levels deep");
  refused(R"({"weight_map":{}} x)", "no JSON at byte");
}

TEST_F(SafetensorsParts, AreReadWhateverTheMetadataOfTheIndex) {
  for (const std::string metadata :
       {"null", "1.5", R"({"total_size":28.0,"a":[1,{"b":[]},null,true,-1],"weight_map":{}})",
        "[[[]]]", "\"\"", "{}"}) {
    save();
    edit_index("\"metadata\": {\n    \"total_size\": 28\n  }", "\"metadata\":" + metadata);
    EXPECT_EQ(load_safetensors(index()).size(), 4U) << metadata;
  }
}

TEST_F(SafetensorsParts, AreReadFromTheCurrentFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  save_safetensors("n.safetensors.index.json", state);
  EXPECT_EQ(load_safetensors("n.safetensors.index.json").size(), 4U);
  fs::current_path(before);
}

}  // namespace
}  // namespace rill::testing
