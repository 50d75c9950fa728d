// Windows gathered into rows of a matrix, and summed back from them.
#include "wgan/nn/windows.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>

namespace wgan {
namespace {

// Extents in pixels; `channels` of the large image.
struct Geometry {
  int64_t batch, small_height, small_width, height, width, channels, kernel, stride, padding;

  int64_t run() const { return kernel * channels; }  // numbers of one row of a window
  int64_t rows() const { return batch * small_height * small_width; }
};

// Calls act(row of a window in the matrix, the same in the image, numbers) for each row of each
// window, without what lies outside the image. matrix: [batch, small_height, small_width, kernel,
// kernel, channels]; images: [batch, height, width, channels].
template <class Number, class Act>
void for_each_run(Number* matrix, Number* images, const Geometry& g, const Act& act) {
  const int64_t run = g.run();
  const int64_t per_image = g.small_height * g.small_width * g.kernel * run;
  at::parallel_for(0, g.batch, 1, [&](int64_t begin, int64_t end) {
    Number* part = matrix + begin * per_image;
    for (int64_t image = begin; image < end; ++image) {
      for (int64_t y = 0; y < g.small_height; ++y) {
        for (int64_t x = 0; x < g.small_width; ++x) {
          const int64_t left = x * g.stride - g.padding;
          const int64_t from = std::max<int64_t>(0, -left) * g.channels;
          const int64_t to = std::min(run, (g.width - left) * g.channels);
          for (int64_t ky = 0; ky < g.kernel; ++ky, part += run) {
            const int64_t row = y * g.stride - g.padding + ky;
            if (row < 0 || row >= g.height || from >= to) continue;
            const int64_t first = ((image * g.height + row) * g.width + left) * g.channels + from;
            act(part + from, images + first, to - from);
          }
        }
      }
    }
  });
}

// [B, C, H, W] channels-last as rows of pixels, [B H W, C].
at::Tensor pixel_rows(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).contiguous().view({-1, x.size(1)});
}

// [S, L, k, k] as [S, k k L].
at::Tensor weight_rows(const at::Tensor& weight) {
  return weight.permute({0, 2, 3, 1}).reshape({weight.size(0), -1});
}

// The windows of `large` that `small_height` x `small_width` outputs see: [B h w, k k L].
at::Tensor gathered(const at::Tensor& large, const Geometry& g) {
  const at::Tensor pixels = large.permute({0, 2, 3, 1}).contiguous();
  const at::Tensor matrix = g.padding > 0
                                ? torch::zeros({g.rows(), g.kernel * g.run()}, large.options())
                                : torch::empty({g.rows(), g.kernel * g.run()}, large.options());
  AT_DISPATCH_FLOATING_TYPES(large.scalar_type(), "gathered", [&] {
    for_each_run(matrix.data_ptr<scalar_t>(), pixels.data_ptr<scalar_t>(), g,
                 [](scalar_t* window, const scalar_t* image, int64_t count) {
                   for (int64_t i = 0; i < count; ++i) window[i] = image[i];
                 });
  });
  return matrix;
}

}  // namespace

at::Tensor window_conv(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                       int64_t stride, int64_t padding) {
  const int64_t kernel = weight.size(2);
  const auto extent = [&](int64_t n) { return (n + 2 * padding - kernel) / stride + 1; };
  const Geometry g{large.size(0),
                   extent(large.size(2)),
                   extent(large.size(3)),
                   large.size(2),
                   large.size(3),
                   large.size(1),
                   kernel,
                   stride,
                   padding};
  const at::Tensor windows = gathered(large, g), filters = weight_rows(weight).t();
  const at::Tensor y = bias.defined() ? at::addmm(bias, windows, filters) : windows.mm(filters);
  return y.view({g.batch, g.small_height, g.small_width, weight.size(0)}).permute({0, 3, 1, 2});
}

at::Tensor window_conv_transposed(const at::Tensor& small, const at::Tensor& weight, int64_t height,
                                  int64_t width, int64_t stride, int64_t padding) {
  const Geometry g{small.size(0),  small.size(2),  small.size(3), height, width,
                   weight.size(1), weight.size(2), stride,        padding};
  const at::Tensor windows = pixel_rows(small).mm(weight_rows(weight));
  const at::Tensor large = torch::zeros({g.batch, height, width, g.channels}, small.options());
  AT_DISPATCH_FLOATING_TYPES(small.scalar_type(), "window_conv_transposed", [&] {
    for_each_run(windows.data_ptr<scalar_t>(), large.data_ptr<scalar_t>(), g,
                 [](const scalar_t* window, scalar_t* image, int64_t count) {
                   for (int64_t i = 0; i < count; ++i) image[i] += window[i];
                 });
  });
  return large.permute({0, 3, 1, 2});
}

at::Tensor window_conv_weight(const at::Tensor& small, const at::Tensor& large, int64_t kernel,
                              int64_t stride, int64_t padding) {
  const Geometry g{large.size(0), small.size(2), small.size(3), large.size(2), large.size(3),
                   large.size(1), kernel,        stride,        padding};
  return pixel_rows(small)
      .t()
      .mm(gathered(large, g))
      .view({small.size(1), kernel, kernel, g.channels})
      .permute({0, 3, 1, 2});
}

}  // namespace wgan
