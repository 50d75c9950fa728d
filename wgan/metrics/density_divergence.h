// Divergences between any two densities on the line, by numerical integration, in nats.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

namespace wgan {

// x to log p(x); minus infinity where the density is 0.
using LogDensity = std::function<double(double)>;

struct IntegrationOptions {
  double lower = -std::numeric_limits<double>::infinity();  // no density outside
  double upper = std::numeric_limits<double>::infinity();
  // Places where the integration begins to look, such as the means, a standard deviation to each
  // side, and where a density jumps. A peak that is narrow beside their distances is found only
  // with a point in it; one that was missed is an Error.
  std::vector<double> points = {-1, 0, 1};
  double tolerance = 1e-9;          // of the larger of 1 and the value
  int64_t evaluations = 1'000'000;  // at most, of each density
};

struct Estimate {
  double value = 0;
  double error = 0;  // what the integration takes its error for; 0 where value is infinite
};

struct DensityDivergences {
  Estimate kl;               // KL(p | q), [0, inf]
  Estimate reverse_kl;       // KL(q | p), [0, inf]
  Estimate js;               // [0, log 2]
  Estimate total_variation;  // [0, 1]
};

// Adaptive Gauss-Kronrod integration (7 and 15 points) as in QUADPACK (Piessens et al. 1983), tails
// mapped to (0, 1). A KL is infinite where its second density is 0 in a stretch in which the first
// is not, and where the tail of p log(p / q) falls no faster than 1 / |x|. Throws Error(kUsage) for
// bounds out of order or a point that is not finite; Error(kData) where a log density is NaN or
// plus infinity, a density does not integrate to 1 within 1e-6, or the tolerance is not reached,
// as where a KL diverges at a finite place.
DensityDivergences density_divergences(const LogDensity& log_p, const LogDensity& log_q,
                                       const IntegrationOptions& options = {});

}  // namespace wgan
