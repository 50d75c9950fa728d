// Windows gathered into rows of a matrix, and summed back from them.
#include "wgan/nn/windows.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>

#include "wgan/core/row_kernel.h"
#include "wgan/nn/multiply.h"

namespace wgan {
namespace {

// Extents in pixels; `channels` of the large image.
struct WindowGeometry {
  int64_t batch, small_height, small_width, height, width, channels, kernel, stride, padding;

  int64_t run() const { return kernel * channels; }  // numbers of one row of a window
};

// Images begin to end - 1 of a batch.
struct Range {
  int64_t begin, end;
};

// Calls act(row of a window in the matrix, the same in the image, numbers) for each row of each
// window, without what lies outside the image. matrix: [batch, small_height, small_width, kernel,
// kernel, channels]; images: [batch, height, width, channels].
template <class To, class From, class Act>
inline void for_each_run(To* matrix, From* images, const WindowGeometry& g, Range range,
                         const Act& act) {
  const int64_t run = g.run();
  auto* part = matrix + range.begin * g.small_height * g.small_width * g.kernel * run;
  for (int64_t image = range.begin; image < range.end; ++image) {
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
}

template <class Number>
inline void copy_windows(Number* matrix, const Number* images, const WindowGeometry& g,
                         Range range) {
  for_each_run(matrix, images, g, range, [](Number* window, const Number* image, int64_t count) {
    for (int64_t i = 0; i < count; ++i) window[i] = image[i];
  });
}

template <class Number>
inline void add_windows(const Number* matrix, Number* images, const WindowGeometry& g,
                        Range range) {
  for_each_run(matrix, images, g, range, [](const Number* window, Number* image, int64_t count) {
    for (int64_t i = 0; i < count; ++i) image[i] += window[i];
  });
}

// Of float, for each kind of processor; of other types the templates.
WGAN_ROW_KERNEL void copy_windows(float* matrix, const float* images, const WindowGeometry& g,
                                  Range range) {
  copy_windows<float>(matrix, images, g, range);
}
WGAN_ROW_KERNEL void add_windows(const float* matrix, float* images, const WindowGeometry& g,
                                 Range range) {
  add_windows<float>(matrix, images, g, range);
}

// act(range) for the images of the batch, shared by the threads.
void for_each_range(const WindowGeometry& g, const auto& act) {
  at::parallel_for(0, g.batch, 1, [&](int64_t begin, int64_t end) { act(Range{begin, end}); });
}

// [B, C, H, W] channels-last as rows of pixels, [B H W, C].
at::Tensor pixel_rows(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).contiguous().view({-1, x.size(1)});
}

// [S, L, k, k] as [S, k k L].
at::Tensor weight_rows(const at::Tensor& weight) {
  return weight.permute({0, 2, 3, 1}).reshape({weight.size(0), -1});
}

// All windows of pixels [batch, height, width, channels] at once, on any device.
at::Tensor all_windows(const at::Tensor& pixels, const WindowGeometry& g) {
  const int64_t p = g.padding;
  const at::Tensor padded = torch::constant_pad_nd(pixels, {0, 0, p, p, p, p});
  const int64_t row = padded.size(2) * g.channels, image = padded.size(1) * row;
  return padded
      .as_strided({g.batch, g.small_height, g.small_width, g.kernel, g.run()},
                  {image, g.stride * row, g.stride * g.channels, row, 1})
      .reshape({-1, g.kernel * g.run()});
}

// Images whose windows are gathered at a time: as many as the cache holds.
int64_t block_of(const WindowGeometry& g) {
  constexpr int64_t kNumbers = 1 << 19;
  const int64_t per_image = g.small_height * g.small_width * g.kernel * g.run();
  return std::clamp<int64_t>(kNumbers / per_image, 1, g.batch);
}

// Calls act(first image, images, their windows [images h w, k k L]) for blocks of `large`; on a GPU
// one block.
template <class Act>
void for_each_block(const at::Tensor& large, const WindowGeometry& g, const Act& act) {
  const at::Tensor pixels = large.permute({0, 2, 3, 1}).contiguous();
  if (!pixels.is_cpu()) {
    act(0, g.batch, all_windows(pixels, g));
    return;
  }
  const int64_t size = block_of(g), per_image = g.small_height * g.small_width;
  const at::Tensor buffer = torch::zeros({size * per_image, g.kernel * g.run()}, large.options());
  for (int64_t first = 0; first < g.batch; first += size) {
    WindowGeometry block = g;
    block.batch = std::min(size, g.batch - first);
    const at::Tensor part = pixels.narrow(0, first, block.batch);
    AT_DISPATCH_FLOATING_TYPES_AND(at::kBFloat16, large.scalar_type(), "for_each_block", [&] {
      for_each_range(block, [&](Range range) {
        const scalar_t* const images = part.data_ptr<scalar_t>();
        copy_windows(buffer.data_ptr<scalar_t>(), images, block, range);
      });
    });
    act(first, block.batch, buffer.narrow(0, 0, block.batch * per_image));
  }
}

}  // namespace

at::Tensor window_conv(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                       int64_t stride, int64_t padding) {
  const int64_t kernel = weight.size(2);
  const auto extent = [&](int64_t n) { return (n + 2 * padding - kernel) / stride + 1; };
  const WindowGeometry g{large.size(0),
                         extent(large.size(2)),
                         extent(large.size(3)),
                         large.size(2),
                         large.size(3),
                         large.size(1),
                         kernel,
                         stride,
                         padding};
  const at::Tensor filters = weight_rows(weight).t();
  const at::Tensor y =
      torch::empty({g.batch, g.small_height, g.small_width, weight.size(0)}, large.options());
  for_each_block(large, g, [&](int64_t first, int64_t images, const at::Tensor& windows) {
    multiply(windows, filters, bias, y.narrow(0, first, images).view({-1, weight.size(0)}));
  });
  return y.permute({0, 3, 1, 2});
}

at::Tensor window_conv_transposed(const at::Tensor& small, const at::Tensor& weight, int64_t height,
                                  int64_t width, int64_t stride, int64_t padding) {
  const WindowGeometry g{small.size(0),  small.size(2),  small.size(3), height, width,
                         weight.size(1), weight.size(2), stride,        padding};
  const at::Tensor rows = pixel_rows(small), filters = weight_rows(weight);
  at::Tensor windows = torch::empty({rows.size(0), filters.size(1)}, rows.options());
  multiply(rows, filters, 0, windows);
  if (windows.scalar_type() == at::kBFloat16) windows = windows.to(at::kFloat);  // to be summed
  const at::Tensor large = torch::zeros({g.batch, height, width, g.channels}, windows.options());
  AT_DISPATCH_FLOATING_TYPES(windows.scalar_type(), "window_conv_transposed", [&] {
    for_each_range(g, [&](Range range) {
      const scalar_t* const matrix = windows.data_ptr<scalar_t>();
      add_windows(matrix, large.data_ptr<scalar_t>(), g, range);
    });
  });
  return large.permute({0, 3, 1, 2}).to(small.scalar_type());
}

at::Tensor window_conv_weight(const at::Tensor& small, const at::Tensor& large, int64_t kernel,
                              int64_t stride, int64_t padding) {
  const WindowGeometry g{large.size(0), small.size(2), small.size(3), large.size(2), large.size(3),
                         large.size(1), kernel,        stride,        padding};
  const at::Tensor rows = pixel_rows(small);
  const int64_t per_image = g.small_height * g.small_width;
  at::Tensor gradient = torch::zeros({small.size(1), kernel * g.run()}, small.options());
  for_each_block(large, g, [&](int64_t first, int64_t images, const at::Tensor& windows) {
    multiply(rows.narrow(0, first * per_image, images * per_image).t(), windows, 1, gradient);
  });
  return gradient.view({small.size(1), kernel, kernel, g.channels}).permute({0, 3, 1, 2});
}

}  // namespace wgan
