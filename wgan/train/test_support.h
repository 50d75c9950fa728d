// What the tests of training share: small data sets and options that train in milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "wgan/core/random.h"
#include "wgan/data/dataset.h"
#include "wgan/train/recipe.h"
#include "wgan/train/trainer.h"

namespace wgan {

// Bright bars of random place and height on black, [side, side, channels].
inline Dataset bars_dataset(int64_t side, int64_t channels, int64_t size = 64) {
  Dataset data;
  data.name = "bars";
  data.shape = {side, side, channels};
  data.size = size;
  data.identity = "bars";
  data.read_row = [=](int64_t row, std::span<std::byte> out) {
    Draws draws({9, Stream::kTest, 0, static_cast<uint64_t>(row)});
    const auto n = static_cast<uint32_t>(side);
    const uint32_t column = draws.below(n), height = 1 + draws.below(n);
    for (uint32_t y = 0; y < n; ++y) {
      for (uint32_t x = 0; x < n; ++x) {
        const bool lit = y < height && (x == column || x == column + 1);
        for (int64_t c = 0; c < channels; ++c) {
          out[static_cast<size_t>((y * n + x) * channels + c)] = std::byte(lit ? 250 : 5);
        }
      }
    }
  };
  return data;
}

// Standardised normal vectors whose original units have these means and deviations.
inline Dataset vectors_dataset(const std::vector<double>& mean,
                               const std::vector<double>& deviation, int64_t size = 64) {
  Dataset data;
  data.name = "vectors";
  data.type = RowType::kFloat32;
  data.shape = {static_cast<int64_t>(mean.size())};
  data.size = size;
  data.identity = "vectors";
  data.scale = {mean, deviation};
  data.read_row = [](int64_t row, std::span<std::byte> out) {
    std::vector<float> values(out.size() / sizeof(float));
    fill_normal({9, Stream::kTest, 1, static_cast<uint64_t>(row)}, values);
    std::memcpy(out.data(), values.data(), out.size());
  };
  return data;
}

// A recipe's options, but narrow and with small batches.
inline TrainOptions tiny_options(Recipe recipe, Objective objective, const Dataset& data) {
  TrainOptions options = recipe_options(recipe, objective, data);
  options.players.width = 4;
  options.players.latent = 6;
  options.batches.size = 8;
  options.objective.n_critic = 2;
  options.objective.critic_bursts = false;
  options.length.steps = 5;
  options.length.time.seconds = 0;
  options.cadence.tick_every = 1;
  options.cadence.checkpoint_every.seconds = 0;
  options.compute.loader_threads = 0;
  return options;
}

inline Players tiny_players(const Dataset& data, const TrainOptions& options) {
  return make_players(build_networks(options, data), options, "cpu");
}

}  // namespace wgan
