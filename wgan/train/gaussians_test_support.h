// What the tests on mixtures of Gaussians share: training without a run folder, and how samples
// spread over the modes.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "wgan/data/synthetic.h"
#include "wgan/train/sampler.h"
#include "wgan/train/trainer.h"

namespace wgan {

// A generator trained on `data` until options.length.steps or options.length.time.
inline Generator trained_generator(const Dataset& data, const TrainOptions& options) {
  Players players = make_players(build_networks(options, data), options, "cpu");
  train(players, data, options, {});
  return averaged_generator(players, data, options);
}

// Samples of the seeds 0 .. count - 1.
inline at::Tensor samples_of(const Generator& generator, int64_t count) {
  std::vector<uint64_t> seeds(static_cast<size_t>(count));
  std::iota(seeds.begin(), seeds.end(), uint64_t{0});
  return sample(generator, seeds);
}

struct ModeShares {
  std::vector<double> nearest;  // by mode: share of the points that are nearest to its centre
  double close = 0;             // share of the points close to a centre
};

// points: [N, 2] float32. close: within `sigmas` times the modes' sigma.
inline ModeShares mode_shares(const at::Tensor& points, const GaussianModes& modes, double sigmas) {
  const at::TensorAccessor<float, 2> point = points.accessor<float, 2>();
  const double share = 1 / static_cast<double>(points.size(0));
  ModeShares shares{.nearest = std::vector<double>(modes.centres.size()), .close = 0};
  for (int64_t i = 0; i < points.size(0); ++i) {
    size_t nearest = 0;
    float least = std::numeric_limits<float>::infinity();
    for (size_t k = 0; k < modes.centres.size(); ++k) {
      const float distance = std::hypot(point[i][0] - modes.centres[k][0],  //
                                        point[i][1] - modes.centres[k][1]);
      if (distance < least) least = distance, nearest = k;
    }
    shares.nearest[nearest] += share;
    if (least <= static_cast<float>(sigmas) * modes.sigma) shares.close += share;
  }
  return shares;
}

}  // namespace wgan
