// A trained generator without LibTorch: from a checkpoint or a single file to samples.
//
//   const auto generator = wgan::infer::Generator::open("runs/00000-cats");
//   const auto samples = generator.sample(std::vector<uint64_t>{0, 1, 2});
//   // samples.pictures: 3 pictures of samples.shape = [3, height, width, channels]
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "wgan/infer/generator_file.h"
#include "wgan/infer/runner.h"
#include "wgan/net/generator_inputs.h"
#include "wgan/net/generator_state.h"

namespace wgan::infer {

// Pictures of bytes, RGBA with straight alpha, or rows in the data's units.
struct Samples {
  std::vector<int64_t> shape;     // [N, height, width, channels], or [N, ...] as the data's rows
  std::vector<uint8_t> pictures;  // empty where the generator makes rows
  std::vector<double> rows;       // empty where it makes pictures
};

// Constant once it is open: several threads may draw from one.
class Generator {
 public:
  // path: a run folder (its newest checkpoint), a checkpoint, or a file that wgan export has
  // written
  // (--to wgan). Throws Error(kData) where it is not there, Error(kIncompatible) where it is
  // damaged.
  static Generator open(const std::filesystem::path& path);
  explicit Generator(GeneratorFile file);

  const GeneratorState& state() const { return state_; }
  InputParts parts() const { return {state_.latent, state_.latent_dist, state_.known}; }
  bool makes_pictures() const { return state_.data.shape.size() == 3; }
  std::vector<int64_t> shape() const;  // of one sample, as in Samples

  // One sample a seed, which does not depend on its neighbours. threads: 0 is one a processor.
  // Throws as inputs_of_seeds does.
  Samples sample(std::span<const uint64_t> seeds, const WantedInputs& wanted = {},
                 int threads = 0) const;

  // latents: [N, parts().size()] as inputs_of_seeds gives them. Throws Error(kUsage) where these
  // are no whole rows.
  Samples from_latents(std::span<const float> latents, int threads = 0) const;

  // What the network itself gives: [N, height, width, channels] or [N, D] in its own units.
  std::vector<float> outputs(std::span<const float> latents, int threads = 0) const;

  const Runner& runner() const { return runner_; }

 private:
  GeneratorState state_;
  Runner runner_;
};

}  // namespace wgan::infer
