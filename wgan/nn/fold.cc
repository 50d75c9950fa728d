// Column products, folded.
#include "wgan/nn/fold.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>

namespace wgan {
namespace {

// What the sums below need to know; extents in pixels, C channels of the large image.
struct Geometry {
  int64_t batch, small_height, small_width, height, width, channels, kernel, stride, padding;
};

// columns: [batch, small_height, small_width, kernel, kernel, C] added into large [batch, height,
// width, C]: a row of a kernel's window is one run of numbers in both.
template <class Number>
void add_windows(const Number* columns, Number* large, const Geometry& g) {
  const int64_t run = g.kernel * g.channels;
  const int64_t columns_of_image = g.small_height * g.small_width * g.kernel * run;
  at::parallel_for(0, g.batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; ++image) {
      const Number* column = columns + image * columns_of_image;
      for (int64_t y = 0; y < g.small_height; ++y) {
        for (int64_t x = 0; x < g.small_width; ++x) {
          const int64_t left = x * g.stride - g.padding;
          const int64_t from = std::max<int64_t>(0, -left) * g.channels;
          const int64_t to = std::min(run, (g.width - left) * g.channels);
          for (int64_t ky = 0; ky < g.kernel; ++ky, column += run) {
            const int64_t row = y * g.stride - g.padding + ky;
            if (row < 0 || row >= g.height) continue;
            Number* target = large + ((image * g.height + row) * g.width + left) * g.channels;
            for (int64_t i = from; i < to; ++i) target[i] += column[i];
          }
        }
      }
    }
  });
}

}  // namespace

at::Tensor fold_transposed(const at::Tensor& small, const at::Tensor& weight, int64_t height,
                           int64_t width, int64_t stride, int64_t padding) {
  const Geometry geometry{small.size(0),  small.size(2),  small.size(3), height, width,
                          weight.size(1), weight.size(2), stride,        padding};
  const at::Tensor pixels = small.permute({0, 2, 3, 1}).contiguous().view({-1, small.size(1)});
  const at::Tensor columns = pixels.mm(weight.permute({0, 2, 3, 1}).reshape({weight.size(0), -1}));
  const at::Tensor large =
      torch::zeros({geometry.batch, height, width, geometry.channels}, small.options());
  AT_DISPATCH_FLOATING_TYPES(small.scalar_type(), "fold_transposed", [&] {
    add_windows(columns.data_ptr<scalar_t>(), large.data_ptr<scalar_t>(), geometry);
  });
  return large.permute({0, 3, 1, 2});
}

}  // namespace wgan
