#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rill {

namespace detail {
class TokenizerModel;
}

/// How a text becomes numbers, and numbers a text: each token is a few bytes, its id a number from
/// 0 up to vocab_size().
///
///     const Tokenizer tokenizer = Tokenizer::byte_pairs(text, 1024);
///     const std::vector<int64_t> ids = tokenizer.encode("To be");
///     tokenizer.decode(ids);  // "To be"
///
/// Whatever encode takes, decode gives back to the byte. Copies share what cannot change, so they
/// cost nothing and may be used by several threads at once.
class Tokenizer {
 public:
  /// A token is a byte that occurs in `text`; ids rise with the bytes. The name in JSON is "bytes".
  static Tokenizer bytes(std::string_view text);
  /// Of all 256 bytes: each is its own id.
  static Tokenizer bytes();

  /// A token is a character (a code point of Unicode, in UTF-8) that occurs in `text`; ids rise
  /// with the code points. A byte of `text` that belongs to no character is a token of its own,
  /// behind the characters, so that any text makes the round trip. There is no way out by bytes for
  /// other characters: a model would have learned nothing of those tokens. Who must encode
  /// everything takes byte_pairs. The name in JSON is "characters".
  static Tokenizer characters(std::string_view text);

  /// Byte-pair encoding (Sennrich, Haddow and Birch 2016) of bytes, as for GPT-2 (Radford et al.
  /// 2019): ids 0 to 255 are the bytes, so that everything can be encoded, and each further token
  /// is the pair of tokens that stood side by side most often in the words of `text`; of pairs that
  /// are equally frequent, that with the lower first id, then the lower second. To encode is to
  /// merge, in each word, always the pair that was learned first, the leftmost of several. The name
  /// in JSON is "byte_pairs".
  ///
  /// Words are cut as GPT-2 does, on bytes: 's 't 'm 'd 're 've 'll; else letters, digits or other
  /// marks, as many as there are of one sort, with the space before them; else white space, of
  /// which the last byte is left to what follows, where something does. Letters are those of ASCII
  /// and all bytes from 128 on, so no character is ever cut; white space is the space and the bytes
  /// 9 to 13.
  ///
  /// vocab_size() is smaller than `vocab_size` where the text has no pairs left, or only such as
  /// would be longer than 65536 bytes. Throws ValueError unless `vocab_size` is from 256 to
  /// 1048576, and where the different words of a text have 4 GiB or more.
  static Tokenizer byte_pairs(std::string_view text, int64_t vocab_size);

  /// What to_json gave, in any order of fields and white space. Throws ValueError, naming what is
  /// wrong, for anything else, in time that grows with the length of `json` alone.
  static Tokenizer from_json(std::string_view json);

  /// Throws ValueError, naming it and its place, for a byte or character that the vocabulary lacks;
  /// byte_pairs for a word of 4 GiB or more.
  std::vector<int64_t> encode(std::string_view text) const;

  /// Throws IndexError, naming the id, for one outside the vocabulary.
  std::string decode(const std::vector<int64_t>& ids) const;
  /// For text that is written as it comes. (A token may end within a character.)
  std::string decode(int64_t id) const;

  int64_t vocab_size() const;
  /// "bytes", "characters" or "byte_pairs".
  std::string_view kind() const;

  /// As in {"kind":"bytes","bytes":[10,97]}: the kind, and beside it lists of numbers alone, so
  /// that no byte needs to be escaped. "characters" holds code points, "merges" two ids for each
  /// pair.
  std::string to_json() const;

  /// Whether both are of one kind and have the same tokens.
  friend bool operator==(const Tokenizer& a, const Tokenizer& b);

  Tokenizer(const Tokenizer&) = default;  // moves copy, so that none is ever without a vocabulary
  Tokenizer& operator=(const Tokenizer&) = default;

 private:
  explicit Tokenizer(std::shared_ptr<const detail::TokenizerModel> model);

  std::shared_ptr<const detail::TokenizerModel> model_;
};

/// A loss in nats a token as bits a byte, with which tokenizers can be compared, where `bytes`
/// bytes became `tokens` tokens: nats_per_token · tokens / bytes / ln 2. Throws ValueError unless
/// both counts are above 0.
double bits_per_byte(double nats_per_token, int64_t tokens, int64_t bytes);

}  // namespace rill
