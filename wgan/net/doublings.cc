// The sizes that are there, and the nearest of them.
#include "wgan/net/doublings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "wgan/core/error.h"
#include "wgan/core/options.h"

namespace wgan {
namespace {

// The smallest picture inside has a longer side of so many pixels, and is doubled so often.
constexpr int64_t kSmallestSeed = 4, kLargestSeed = 7;
constexpr int64_t kFewestDoublings = 2, kMostDoublings = 7;
constexpr int64_t kShortestSide = 8;  // of pictures that are trained on

// The size of those that doublings make whose sides differ least from the given ones in all. Of a
// square it is a square.
PictureSize nearest_size(const PictureSize& asked) {
  PictureSize best;
  int64_t least = std::numeric_limits<int64_t>::max();
  for (int64_t doublings = kFewestDoublings; doublings <= kMostDoublings; ++doublings) {
    for (int64_t w = 1; w <= kLargestSeed; ++w) {
      for (int64_t h = 1; h <= kLargestSeed; ++h) {
        const PictureSize size(w << doublings, h << doublings);
        const bool made =
            std::max(w, h) >= kSmallestSeed && std::min(size.width, size.height) >= kShortestSide;
        const int64_t distance =
            std::abs(size.width - asked.width) + std::abs(size.height - asked.height);
        if (!made || distance >= least || (asked.width == asked.height && w != h)) continue;
        best = size;
        least = distance;
      }
    }
  }
  return best;
}

}  // namespace

int64_t doublings_of(const Shape& sample, const char* net) {
  if (sample.size() != 3) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--net {} makes images, and the data is vectors", net),
                "use --net mlp");
  }
  int64_t doublings = 0;
  while (std::max(sample[1], sample[2]) >> doublings > kLargestSeed) ++doublings;
  const int64_t scale = int64_t{1} << doublings;
  if (doublings >= kFewestDoublings && doublings <= kMostDoublings && sample[1] % scale == 0 &&
      sample[2] % scale == 0) {
    return doublings;
  }
  const PictureSize asked(sample[2], sample[1]);
  throw Error(
      ErrorKind::kUsage,
      fmt::format("--net {} makes images whose longer side is 4 to 7 pixels doubled, such as "
                  "28, 32, 48, 64, 96 and 128, and whose other side can be halved as often, not "
                  "{}x{}",
                  net, asked.width, asked.height),
      fmt::format(
          "the nearest that it makes of a folder of pictures: --size {}; or use --net dcgan",
          field_text(nearest_size(asked))));
}

int64_t channels_at(int64_t width, int64_t halvings) {
  return width << std::min<int64_t>(halvings, 3);
}

}  // namespace wgan
