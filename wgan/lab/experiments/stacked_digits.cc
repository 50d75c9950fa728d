// Rows that are put together from digits in memory, and a classifier that looks at each channel.
#include "wgan/lab/experiments/stacked_digits.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <vector>

#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/judge/data_rows.h"
#include "wgan/metrics/modes.h"
#include "wgan/train/pixels.h"

namespace wgan {

Dataset stacked_digits(const Dataset& digits, const Stacking& stacking) {
  if (!digits.is_image() || digits.shape[2] != 1) {
    throw Error(ErrorKind::kUsage, digits.name + " is no set of grey pictures",
                "use strokes or MNIST");
  }
  const at::Tensor rows = data_rows(digits, stacking.pool);
  const auto pixels = static_cast<size_t>(digits.row_elements()),
             depth = static_cast<size_t>(stacking.channels);
  Dataset stacked;
  stacked.name = fmt::format("{}-stacked-{}", digits.name, stacking.channels);
  stacked.shape = {digits.shape[0], digits.shape[1], stacking.channels};
  stacked.endless = stacking.stacks == 0;
  stacked.size = stacked.endless ? rows.size(0) : stacking.stacks;
  stacked.identity = fmt::format("{}-stacked-{}-{}-{}-{}", digits.identity, stacking.channels,
                                 stacking.pool, stacking.stacks, stacking.seed);
  stacked.read_row = [=, seed = stacking.seed](int64_t row, std::span<std::byte> out) {
    Draws draws({seed, Stream::kStudy, 0, static_cast<uint64_t>(row)});
    const auto* bytes = static_cast<const std::byte*>(rows.data_ptr());
    for (size_t c = 0; c < depth; ++c) {
      const std::byte* from = bytes + draws.below(static_cast<uint32_t>(rows.size(0))) * pixels;
      for (size_t i = 0; i < pixels; ++i) out[i * depth + c] = from[i];
    }
  };
  return stacked;
}

at::Tensor modes_of(const Classifier& classifier, const at::Tensor& samples) {
  std::vector<at::Tensor> digits;
  for (const at::Tensor& channel : to_pictures(samples, PixelRange::kSigned).split(1, 3)) {
    digits.push_back(most_probable_classes(class_probabilities(classifier, channel.contiguous())));
  }
  return stacked_classes(torch::stack(digits, 1),
                         static_cast<int64_t>(classifier.class_names.size()));
}

}  // namespace wgan
