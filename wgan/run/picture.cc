// Rasterising grids and clouds.
#include "wgan/run/picture.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "wgan/core/random.h"

namespace wgan {
namespace {

constexpr int64_t kGoodTile = 48;    // pixels a side at which a tile can be seen
constexpr int64_t kCloudSide = 512;  // pixels
constexpr double kMargin = 0.1;      // of the frame, on each side

using Rgb = std::array<double, 3>;

// Columns x and y, [N, 2] float32.
at::Tensor plane(const at::Tensor& rows) {
  if (rows.size(1) >= 2) return rows.narrow(1, 0, 2).to(torch::kFloat32).contiguous();
  at::Tensor second = torch::empty({rows.size(0), 1}, torch::kFloat32);
  fill_uniform({0, Stream::kSampleLatent, 0, 0},
               {second.data_ptr<float>(), static_cast<size_t>(rows.size(0))});
  return torch::cat({rows.to(torch::kFloat32), second}, 1).contiguous();
}

// Blends a small disc of the colour over every point that lies in the picture.
void draw_points(Image& image, const at::Tensor& points, const float* low, const float* high,
                 const Rgb& colour) {
  constexpr int kRadius = 2;
  const auto side = static_cast<double>(kCloudSide);
  const float* values = points.data_ptr<float>();
  for (int64_t i = 0; i < points.size(0); ++i) {
    const double x = (values[2 * i] - low[0]) / (high[0] - low[0]) * side;
    const double y = (high[1] - values[2 * i + 1]) / (high[1] - low[1]) * side;
    if (!(x >= 0 && x < side && y >= 0 && y < side)) continue;
    for (int64_t row = static_cast<int64_t>(y) - kRadius; row <= y + kRadius; ++row) {
      for (int64_t column = static_cast<int64_t>(x) - kRadius; column <= x + kRadius; ++column) {
        if (row < 0 || column < 0 || row >= kCloudSide || column >= kCloudSide) continue;
        const double distance =
            std::hypot(static_cast<double>(column) + 0.5 - x, static_cast<double>(row) + 0.5 - y);
        const double cover = 0.6 * std::clamp(kRadius - distance, 0.0, 1.0);
        uint8_t* pixel = &image.pixels[static_cast<size_t>((row * kCloudSide + column) * 3)];
        for (size_t c = 0; c < 3; ++c) {
          pixel[c] = static_cast<uint8_t>(pixel[c] * (1 - cover) + colour[c] * cover);
        }
      }
    }
  }
}

}  // namespace

Image image_grid(const at::Tensor& rows, int64_t columns) {
  at::Tensor tiles = rows.contiguous();
  const int64_t longer = std::max(tiles.size(1), tiles.size(2));
  const int64_t factor = std::max<int64_t>(1, (kGoodTile + longer / 2) / longer);
  if (factor > 1) {
    tiles = tiles.repeat_interleave(factor, 1).repeat_interleave(factor, 2).contiguous();
  }
  return make_grid({tiles.data_ptr<uint8_t>(), static_cast<size_t>(tiles.numel())}, tiles.size(1),
                   tiles.size(2), tiles.size(3), columns);
}

Image point_cloud(const at::Tensor& real, const at::Tensor& fake) {
  Image image{kCloudSide, kCloudSide, 3,
              std::vector<uint8_t>(static_cast<size_t>(kCloudSide * kCloudSide * 3), 255)};
  const at::Tensor real_plane = plane(real);
  const at::Tensor least = std::get<0>(real_plane.min(0)), most = std::get<0>(real_plane.max(0));
  const at::Tensor margin = (most - least).clamp_min(1e-6) * kMargin;
  const at::Tensor low = least - margin, high = most + margin;
  draw_points(image, real_plane, low.data_ptr<float>(), high.data_ptr<float>(), {170, 170, 170});
  draw_points(image, plane(fake), low.data_ptr<float>(), high.data_ptr<float>(), {25, 90, 220});
  return image;
}

}  // namespace wgan
