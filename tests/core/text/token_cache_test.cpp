#include <gtest/gtest.h>

#include <rill/core/file.h>
#include <rill/core/text/token_cache.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"

namespace rill::testing {
namespace {

/// Encodes the file "text" of its folder.
class TokenCache : public OwnFolder {
 protected:
  const std::string text = "the cat sat on the mat. the cat sat.";
  const Tokenizer tokenizer = Tokenizer::byte_pairs(text, 270);

  void SetUp() override {
    OwnFolder::SetUp();
    replace_file(path("text"), text);
  }
  std::vector<int64_t> encode() const { return encode_file(tokenizer, path("text")); }

  /// The file beside the text, which must be alone.
  std::string kept() const {
    std::string name;
    for (const auto& file : fs::directory_iterator(folder_))
      if (file.path().filename() != "text") name = file.path().filename();
    EXPECT_EQ(file_count(), 2) << name;
    return name;
  }
};

TEST_F(TokenCache, GivesTheIdsOfTheFileTheFirstTimeAndTheSecond) {
  EXPECT_EQ(encode(), tokenizer.encode(text));
  EXPECT_EQ(kept().rfind(".text.", 0), 0u);
  EXPECT_EQ(fs::path(kept()).extension(), ".tokens");
  EXPECT_EQ(encode(), tokenizer.encode(text));
}

TEST_F(TokenCache, TheSecondTimeReadsWhatTheFirstKept) {
  encode();
  const auto before = fs::last_write_time(path(kept()));
  const std::string bytes = text_of(kept());
  encode();
  EXPECT_EQ(fs::last_write_time(path(kept())), before);
  EXPECT_EQ(text_of(kept()), bytes);
}

TEST_F(TokenCache, KeepsTwoBytesAnIdOrFourForALargeVocabulary) {
  encode();
  const size_t head = 56;
  EXPECT_EQ(text_of(kept()).size(), head + 2 * tokenizer.encode(text).size());
  fs::remove(path(kept()));
  std::string merges;  // each byte with each
  for (int left = 0; left < 256; ++left)
    for (int right = 0; right < 256; ++right)
      merges.append(merges.empty() ? "" : ",")
          .append(std::to_string(left))
          .append(",")
          .append(std::to_string(right));
  const Tokenizer large =
      Tokenizer::from_json(R"({"kind":"byte_pairs","merges":[)" + merges + "]}");
  ASSERT_GT(large.encode("\xff\xff").front(), 65535);
  replace_file(path("text"), "\xff\xff!");
  EXPECT_EQ(encode_file(large, path("text")), large.encode("\xff\xff!"));
  EXPECT_EQ(text_of(kept()).size(), head + 4 * 2);
  EXPECT_EQ(encode_file(large, path("text")), large.encode("\xff\xff!"));
}

TEST_F(TokenCache, AFlippedByteOrACutAnywhereIsRecognisedAndMadeAnew) {
  const std::vector<int64_t> ids = encode();
  const std::string name = kept(), whole = text_of(name);
  for (size_t at = 0; at < whole.size(); at += 5) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    for (const std::string& damaged : {flipped, whole.substr(0, at), whole + whole.substr(at)}) {
      replace_file(path(name), damaged);
      EXPECT_EQ(encode(), ids) << "at " << at;
      EXPECT_EQ(text_of(name), whole) << "at " << at;
    }
  }
}

TEST_F(TokenCache, AnotherTextOrTokenizerIsNotServedWithTheOldIds) {
  encode();
  const std::string first = kept(), bytes = text_of(first);
  replace_file(path("text"), text + text);
  EXPECT_EQ(encode(), tokenizer.encode(text + text));
  const Tokenizer other = Tokenizer::bytes(text);
  EXPECT_EQ(encode_file(other, path("text")), other.encode(text + text));
  EXPECT_EQ(file_count(), 4);
  // Even under the name that theirs would have.
  for (const auto& file : fs::directory_iterator(folder_))
    if (file.path().extension() == ".tokens") replace_file(file.path(), bytes);
  EXPECT_EQ(encode(), tokenizer.encode(text + text));
}

TEST_F(TokenCache, PartsOfATextAreKeptApart) {
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(encode_cached(tokenizer, text.substr(0, 9), path("text")),
              tokenizer.encode(text.substr(0, 9)));
    EXPECT_EQ(encode_cached(tokenizer, text.substr(9), path("text")),
              tokenizer.encode(text.substr(9)));
    EXPECT_EQ(file_count(), 3);
  }
}

TEST_F(TokenCache, IdsAreForThoseWhoMayReadTheText) {
  for (const auto mode : {fs::perms(0600), fs::perms(0440)}) {
    fs::permissions(path("text"), mode);
    encode();
    EXPECT_EQ(fs::status(path(kept())).permissions(), mode);
    fs::remove(path(kept()));
  }
}

TEST_F(TokenCache, WithoutAPlaceForTheFileNothingIsKept) {
  encode();
  const std::string name = kept();
  fs::remove(path(name));
  fs::create_directories(path(name));  // a folder in its place, which stops root too
  EXPECT_EQ(encode(), tokenizer.encode(text));
  EXPECT_TRUE(fs::is_directory(path(name)));
  EXPECT_EQ(encode_cached(tokenizer, text, path("no such folder/text")), tokenizer.encode(text));
}

TEST_F(TokenCache, ATextThatCannotBeReadIsNamed) {
  expect_error<Error>([&] { encode_file(tokenizer, path("none")); },
                      {"cannot read", "none", "No such file"});
  expect_error<Error>([&] { encode_file(tokenizer, folder_); }, {"no regular file"});
}

TEST_F(TokenCache, ATextThatCannotBeEncodedKeepsNothing) {
  const Tokenizer letters = Tokenizer::bytes("abc");
  expect_error<ValueError>([&] { encode_file(letters, path("text")); }, {"byte 116 ('t')"});
  EXPECT_EQ(file_count(), 1);
}

TEST_F(TokenCache, AnEmptyTextHasNoIds) {
  replace_file(path("text"), "");
  EXPECT_TRUE(encode().empty());
  EXPECT_TRUE(encode().empty());
}

}  // namespace
}  // namespace rill::testing
