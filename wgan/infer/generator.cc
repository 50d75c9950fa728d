// Outputs to bytes or the data's units.
#include "wgan/infer/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "wgan/core/error.h"

namespace wgan::infer {
namespace {

namespace fs = std::filesystem;

float clamped(float number) { return std::clamp(number, 0.0F, 255.0F); }

uint8_t byte_of(float number) {
  return std::isnan(number) ? uint8_t{0} : static_cast<uint8_t>(clamped(std::nearbyint(number)));
}

std::vector<uint8_t> pictures_of(std::span<const float> outputs, int64_t channels,
                                 PixelRange range) {
  const auto scaled = [&](float x) {
    return range == PixelRange::kUnit ? x * 255 : (x + 1) * 127.5F;
  };
  std::vector<uint8_t> pictures(outputs.size());
  if (channels != 4) {
    std::ranges::transform(outputs, pictures.begin(), [&](float x) { return byte_of(scaled(x)); });
    return pictures;
  }
  for (size_t i = 0; i + 3 < outputs.size(); i += 4) {  // colours are premultiplied by alpha
    const uint8_t alpha = byte_of(scaled(outputs[i + 3]));
    for (size_t c = 0; c < 3; ++c) {
      const float straight = scaled(outputs[i + c]) * 255 / std::max<float>(1, alpha);
      pictures[i + c] = alpha == 0 ? uint8_t{0} : byte_of(straight);
    }
    pictures[i + 3] = alpha;
  }
  return pictures;
}

std::vector<double> rows_of(std::span<const float> outputs, const ColumnScale& scale) {
  std::vector<double> rows(outputs.begin(), outputs.end());
  if (scale.empty()) return rows;
  const bool wide = scale.needs_float64();
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t column = i % scale.mean.size();
    rows[i] = rows[i] * scale.deviation[column] + scale.mean[column];
    if (!wide) rows[i] = double{static_cast<float>(rows[i])};
  }
  return rows;
}

}  // namespace

Generator::Generator(GeneratorFile file)
    : state_(std::move(file.state)), runner_(make_graph(state_.network, std::move(file.tensors))) {}

Generator Generator::open(const fs::path& path) { return Generator(read_generator(path)); }

std::vector<int64_t> Generator::shape() const {
  return state_.data.row_shape.empty() ? state_.data.shape : state_.data.row_shape;
}

std::vector<float> Generator::outputs(std::span<const float> latents, int threads) const {
  const auto width = index(parts().size());
  if (latents.size() % width != 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} numbers are no whole rows of {}", latents.size(), width),
                "a row is z, then the class one-hot, then the conditions, standardised");
  }
  if (threads <= 0) threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<float> outputs(latents.size() / width * index(runner_.outputs()));
  runner_.run(latents, outputs, threads);
  return outputs;
}

Samples Generator::from_latents(std::span<const float> latents, int threads) const {
  const std::vector<float> made = outputs(latents, threads);
  Samples samples{.shape = shape(), .pictures = {}, .rows = {}};
  samples.shape.insert(samples.shape.begin(),
                       static_cast<int64_t>(latents.size()) / parts().size());
  if (makes_pictures()) {
    samples.pictures = pictures_of(made, state_.data.shape[2], pixel_range(state_.network));
  } else {
    samples.rows = rows_of(made, state_.data.scale);
  }
  return samples;
}

Samples Generator::sample(std::span<const uint64_t> seeds, const WantedInputs& wanted,
                          int threads) const {
  return from_latents(inputs_of_seeds(parts(), state_.data, seeds, wanted), threads);
}

}  // namespace wgan::infer
