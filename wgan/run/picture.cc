// Rasterising grids, clouds and lines.
#include "wgan/run/picture.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "wgan/core/random.h"

namespace wgan {
namespace {

constexpr int64_t kGoodTile = 48;    // pixels a side at which a tile can be seen
constexpr int64_t kCloudSide = 512;  // pixels
constexpr double kMargin = 0.1;      // of the frame, on each side

using Rgb = std::array<double, 3>;

// Columns x and y, [N, 2] float64.
at::Tensor plane(const at::Tensor& rows) {
  if (rows.size(1) >= 2) return rows.narrow(1, 0, 2).to(torch::kFloat64).contiguous();
  at::Tensor second = torch::empty({rows.size(0), 1}, torch::kFloat32);
  fill_uniform({0, Stream::kSampleLatent, 0, 0},
               {second.data_ptr<float>(), static_cast<size_t>(rows.size(0))});
  return torch::cat({rows.to(torch::kFloat64), second.to(torch::kFloat64)}, 1).contiguous();
}

// Blends a small disc of the colour over every point that lies in the picture.
void draw_points(Image& image, const at::Tensor& points, const double* low, const double* high,
                 const Rgb& colour) {
  constexpr int kRadius = 2;
  const auto side = static_cast<double>(kCloudSide);
  const double* values = points.data_ptr<double>();
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

Image white_square() {
  return {kCloudSide, kCloudSide, 3,
          std::vector<uint8_t>(static_cast<size_t>(kCloudSide * kCloudSide * 3), 255)};
}

// The least and the most of each column of the points, [2], a little wider.
std::pair<at::Tensor, at::Tensor> frame_of(const at::Tensor& points) {
  const at::Tensor least = std::get<0>(points.min(0)), most = std::get<0>(points.max(0));
  const at::Tensor margin = (most - least).clamp_min(1e-6) * kMargin;
  return {least - margin, most + margin};
}

// Distance of the point p from the segment from a to b.
double distance_to(std::array<double, 2> p, std::array<double, 2> a, std::array<double, 2> b) {
  const double dx = b[0] - a[0], dy = b[1] - a[1];
  const double length = dx * dx + dy * dy;
  const double along = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (length > 0 ? length : 1);
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}

// A segment between two places in the picture, in pixels.
void draw_segment(Image& image, std::array<double, 2> a, std::array<double, 2> b,
                  const Rgb& colour) {
  constexpr double kHalf = 1.2;  // of its width
  const auto first = [&](size_t axis) {
    return std::max<int64_t>(0, static_cast<int64_t>(std::min(a[axis], b[axis]) - kHalf - 1));
  };
  const auto last = [&](size_t axis) {
    return std::min<int64_t>(kCloudSide - 1,
                             static_cast<int64_t>(std::max(a[axis], b[axis]) + kHalf + 1));
  };
  for (int64_t row = first(1); row <= last(1); ++row) {
    for (int64_t column = first(0); column <= last(0); ++column) {
      const double distance =
          distance_to({static_cast<double>(column) + 0.5, static_cast<double>(row) + 0.5}, a, b);
      const double cover = std::clamp(kHalf + 0.5 - distance, 0.0, 1.0);
      uint8_t* pixel = &image.pixels[static_cast<size_t>((row * kCloudSide + column) * 3)];
      for (size_t c = 0; c < 3; ++c) {
        pixel[c] = static_cast<uint8_t>(pixel[c] * (1 - cover) + colour[c] * cover);
      }
    }
  }
}

constexpr Rgb kGrey{170, 170, 170}, kBlue{25, 90, 220}, kOrange{235, 120, 20};

// rows: [N, H, W, C], enlarged by a whole factor where they are small.
at::Tensor enlarged(const at::Tensor& rows) {
  const int64_t longer = std::max(rows.size(1), rows.size(2));
  const int64_t factor = std::max<int64_t>(1, (kGoodTile + longer / 2) / longer);
  if (factor == 1) return rows.contiguous();
  return rows.repeat_interleave(factor, 1).repeat_interleave(factor, 2).contiguous();
}

}  // namespace

Image image_grid(const at::Tensor& rows, int64_t columns) {
  const at::Tensor tiles = enlarged(rows);
  return make_grid({tiles.data_ptr<uint8_t>(), static_cast<size_t>(tiles.numel())}, tiles.size(1),
                   tiles.size(2), tiles.size(3), columns);
}

Image picture_of(const at::Tensor& rows, int64_t index) {
  const at::Tensor pixels = rows[index].contiguous();
  const uint8_t* data = pixels.data_ptr<uint8_t>();
  return {rows.size(1), rows.size(2), rows.size(3), {data, data + pixels.numel()}};
}

Image animation_frame(const at::Tensor& rows, int64_t index) {
  const at::Tensor row = rows.narrow(0, index, 1);
  return rows.size(3) == 4 ? picture_of(enlarged(row), 0) : image_grid(row, 1);
}

Image point_cloud(const at::Tensor& real, const at::Tensor& fake) {
  Image image = white_square();
  const at::Tensor real_plane = plane(real);
  const auto [low, high] = frame_of(real_plane);
  const double *from = low.data_ptr<double>(), *to = high.data_ptr<double>();
  draw_points(image, real_plane, from, to, kGrey);
  draw_points(image, plane(fake), from, to, kBlue);
  return image;
}

Image line_plot(const at::Tensor& cloud, const at::Tensor& lines) {
  Image image = white_square();
  const at::Tensor points = cloud.to(torch::kFloat64).contiguous();
  const at::Tensor joined = lines.to(torch::kFloat64);
  const auto [low, high] = frame_of(torch::cat({points, joined.reshape({-1, 2})}));
  draw_points(image, points, low.data_ptr<double>(), high.data_ptr<double>(), kGrey);
  const at::Tensor places = (joined - low) / (high - low) * static_cast<double>(kCloudSide);
  const auto place = places.accessor<double, 3>();
  const auto at = [&](int64_t line, int64_t point) -> std::array<double, 2> {
    return {place[line][point][0], static_cast<double>(kCloudSide) - place[line][point][1]};
  };
  for (int64_t i = 0; i < lines.size(0); ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(lines.size(0));
    Rgb colour;
    for (size_t c = 0; c < 3; ++c) colour[c] = kBlue[c] + part * (kOrange[c] - kBlue[c]);
    for (int64_t j = 0; j < lines.size(1); ++j) {
      draw_segment(image, at(i, std::max<int64_t>(0, j - 1)), at(i, j), colour);
    }
  }
  return image;
}

}  // namespace wgan
