#include <gtest/gtest.h>

#include <rill/core/io/safetensors.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

using TiedWeights = OwnFolder;

const std::string& header_of(const std::string& file) {
  static std::string header;
  return header = file.substr(8, file.find("}}") - 6);
}

TEST_F(TiedWeights, AreStoredOnceAndReadAsOneTensor) {
  const Tensor w = tensor({{1.0, 2.0}, {3.0, 4.0}});
  save_safetensors(path("m"), {{"embed.weight", w}, {"b", ones({2})}, {"head.weight", w}});
  EXPECT_EQ(header_of(text_of("m")),
            R"({"__metadata__":{"head.weight":"embed.weight"},)"
            R"("embed.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
            R"("b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}})");
  const StateDict found = load_safetensors(path("m"));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[2].name, "head.weight");
  EXPECT_EQ(found["head.weight"].impl(), found["embed.weight"].impl());
  expect_values(found["head.weight"], {1, 2, 3, 4});
}

TEST_F(TiedWeights, AreNamesOfAFileLikeOthers) {
  const Tensor w = ones({2, 3});
  save_safetensors(path("m"), {{"e.w", w}, {"h.w", w}}, {.metadata = {{"step", "3"}}});
  const SafetensorsFile file(path("m"));
  EXPECT_EQ(file.names(), (std::vector<std::string>{"e.w", "h.w"}));
  EXPECT_TRUE(file.contains("h.w"));
  EXPECT_EQ(file.stored_name("h.w"), "e.w");
  EXPECT_EQ(file.stored_name("e.w"), "e.w");
  EXPECT_EQ(file.shape("h.w"), (Shape{2, 3}));
  EXPECT_EQ(file.metadata(), (Metadata{{"step", "3"}}));
  expect_values(file.load("h.w"), std::vector<double>(6, 1));
}

TEST_F(TiedWeights, AreThoseOfTheSameMemoryShapeStridesAndDtype) {
  const Tensor w = tensor({{1.0, 2.0}, {3.0, 4.0}});
  save_safetensors(path("m"), {{"a.w", w},
                               {"transposed.w", w.T()},
                               {"flat.w", w.view({4})},
                               {"row.w", w.select(0, 0)},
                               {"equal.w", w.clone()},
                               {"view.w", w.view({2, 2})},
                               {"detached.w", w.detach()}});
  const SafetensorsFile file(path("m"));
  for (const std::string& name : file.names()) {
    const bool is_tied = name == "view.w" || name == "detached.w";
    EXPECT_EQ(file.stored_name(name), is_tied ? "a.w" : name);
  }
}

TEST_F(TiedWeights, AreListedWhereTheirNamesEndUnlike) {
  const Tensor w = ones({2});
  save_safetensors(path("m"), {{"table", w}, {"head.weight", w}, {"lm.weight", w}});
  EXPECT_NE(header_of(text_of("m")).find(R"("rill.tied":"head.weight\nlm.weight\n")"),
            std::string::npos);
  const SafetensorsFile file(path("m"));
  EXPECT_EQ(file.stored_name("head.weight"), "table");
  EXPECT_EQ(file.stored_name("lm.weight"), "table");
  EXPECT_TRUE(file.metadata().empty());
}

TEST_F(TiedWeights, AreNotMistakenForMetadataThatNamesATensor) {
  for (const Metadata& metadata :
       {Metadata{{"best", "fc.weight"}}, Metadata{{"best.weight", "fc.weight"}},
        Metadata{{"fc.weight", "fc.weight"}}, Metadata{{"a.weight", "none"}}}) {
    save_safetensors(path("m"), {{"fc.weight", ones({1})}}, {.metadata = metadata});
    const SafetensorsFile file(path("m"));
    EXPECT_EQ(file.metadata(), metadata);
    EXPECT_EQ(file.names(), (std::vector<std::string>{"fc.weight"}));
  }
}

TEST_F(TiedWeights, KeepTheUsersMetadataOfTheSameName) {
  const Tensor w = ones({2});
  const Metadata metadata{{"head.weight", "mine"}, {"best.weight", "e.weight"}};
  save_safetensors(path("m"), {{"e.weight", w}, {"head.weight", w}, {"third.weight", w}},
                   {.metadata = metadata});
  const SafetensorsFile file(path("m"));
  EXPECT_EQ(file.metadata(), metadata);
  EXPECT_EQ(file.names(), (std::vector<std::string>{"e.weight", "head.weight", "third.weight"}));
  EXPECT_EQ(file.stored_name("head.weight"), "head.weight");
  EXPECT_EQ(file.stored_name("third.weight"), "e.weight");
}

TEST_F(TiedWeights, WhoseNameCannotBeListedAreStoredTwice) {
  const Tensor w = ones({2});
  save_safetensors(path("m"), {{"e", w}, {"two\nlines", w}, {"", w}});
  EXPECT_EQ(load_safetensors(path("m")).size(), 3U);
  EXPECT_EQ(SafetensorsFile(path("m")).stored_name("two\nlines"), "two\nlines");
}

}  // namespace
}  // namespace rill::testing
