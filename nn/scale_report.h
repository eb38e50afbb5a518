#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <rill/core/tensor.h>
#include <rill/nn/decoder.h>

namespace rill::nn {

/// One of the summands that a model adds up at its input: "token", "position", "segment".
struct InputPart {
  std::string name;
  Tensor values;
};

/// Sizes in an untrained model that decide whether it can learn: can each part of the input be
/// heard beside the others, does the model begin without an opinion, does attention begin by
/// looking at everything?
struct ScaleReport {
  struct Part {
    std::string name;
    /// Over the vectors that are not 0 throughout, as those of padding are.
    double rms;
  };
  struct Attention {
    /// Where it stands in the model, "blocks.0.attn".
    std::string path;
    /// −Σ w ln w of its rows, in nats, and ln of the number of keys that a row sees: each the mean
    /// over batch, heads and queries.
    double entropy, even;
  };

  std::vector<Part> parts = {};
  /// The mean cross entropy, and ln V, that of guessing evenly; in nats.
  double first_loss = 0, even_loss = 0;
  std::vector<Attention> attention = {};

  /// What is wrong, in plain words, and what to do about it; empty where nothing is:
  /// a part of the input that is over 5 times larger than another, or one that is 0 throughout; a
  /// first loss above 1.25 ln V; attention whose entropy is below half of that of looking evenly.
  std::vector<std::string> warnings() const;
  /// The numbers, a line each.
  std::string text() const;
};
/// Writes the text.
std::ostream& operator<<(std::ostream& out, const ScaleReport& report);

/// Of any model: `loss` runs it once, as it is, and returns its mean cross entropy over vocab_size
/// classes; each MultiheadAttention in it is looked at. `parts` are what it adds up at its input.
ScaleReport scale_report(const std::vector<InputPart>& parts, int64_t vocab_size,
                         const std::function<Tensor()>& loss);
/// Of a language model, without dropout, on ids and targets as LanguageModel::loss takes them.
ScaleReport scale_report(const LanguageModel& model, const Tensor& ids, const Tensor& targets);

}  // namespace rill::nn
