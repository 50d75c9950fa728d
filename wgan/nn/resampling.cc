// On a CPU in float32 and float64 a kernel of its own, row by row of the result: the rows that a
// row comes from are summed in a buffer, and then its neighbours in that. LibTorch's operations
// elsewhere.
#include "wgan/nn/resampling.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

#include "wgan/nn/forward.h"

namespace wgan {
namespace {

// sums[i] = first + 3 second + 3 third + fourth, over `count` numbers of rows.
template <class Number>
void sum_four_rows(const Number* first, const Number* second, const Number* third,
                   const Number* fourth, int64_t count, Number* __restrict sums) {
  for (int64_t i = 0; i < count; ++i) {
    sums[i] = (first[i] + fourth[i]) + 3 * (second[i] + third[i]);
  }
}

template <class Number>
void sum_two_rows(const Number* near, const Number* far, int64_t count, Number* __restrict sums) {
  for (int64_t i = 0; i < count; ++i) sums[i] = 3 * near[i] + far[i];
}

// sums: pixels -1 .. 2 width of `channels` numbers, the first and the last of them 0.
template <class Number>
void halve_row(const Number* sums, int64_t width, int64_t channels, Number scale,
               Number* __restrict to) {
  for (int64_t x = 0; x < width; ++x, sums += 2 * channels, to += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const Number outer = sums[c] + sums[c + 3 * channels];
      const Number inner = sums[c + channels] + sums[c + 2 * channels];
      to[c] = scale * (outer + 3 * inner);
    }
  }
}

// sums: pixels -1 .. width.
template <class Number>
void double_row(const Number* sums, int64_t width, int64_t channels, Number scale,
                Number* __restrict to) {
  for (int64_t x = 0; x < width; ++x, sums += channels, to += 2 * channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const Number here = 3 * sums[c + channels];
      to[c] = scale * (here + sums[c]);
      to[c + channels] = scale * (here + sums[c + 2 * channels]);
    }
  }
}

// Images [batch, height, width, channels].
struct Extents {
  int64_t batch, height, width, channels;
  int64_t row() const { return width * channels; }
};

// Calls act(row(y), y, buffer, place of the row in `to`) for each row of images `to`, where row(y)
// is a row of the image in `from`, zeros outside of it, and the buffer has a row of `from` with a
// pixel of zeros before and after it.
template <class Number, class Act>
void for_each_row(const Number* from, const Extents& f, Number* to, const Extents& t,
                  const Act& act) {
  constexpr int64_t kNumbers = 1 << 14;  // less is not worth another thread
  const int64_t grain = std::max<int64_t>(1, kNumbers / std::max<int64_t>(1, t.row()));
  at::parallel_for(0, t.batch * t.height, grain, [&](int64_t begin, int64_t end) {
    const std::vector<Number> zeros(static_cast<size_t>(f.row()));
    std::vector<Number> buffer(static_cast<size_t>(f.row() + 2 * f.channels));
    for (int64_t i = begin; i < end; ++i) {
      const Number* image = from + i / t.height * f.height * f.row();
      const auto row = [&](int64_t y) {
        return y < 0 || y >= f.height ? zeros.data() : image + y * f.row();
      };
      act(row, i % t.height, buffer.data(), to + i * t.row());
    }
  });
}

Extents extents_of(const at::Tensor& x) { return {x.size(0), x.size(2), x.size(3), x.size(1)}; }

at::Tensor filtered_by_rows(const at::Tensor& input, bool up, double factor) {
  const at::Tensor x = input.contiguous(kChannelsLast);
  const Extents f = extents_of(x);
  const Extents t = up ? Extents{f.batch, 2 * f.height, 2 * f.width, f.channels}
                       : Extents{f.batch, f.height / 2, f.width / 2, f.channels};
  const at::Tensor y =
      at::empty({t.batch, t.channels, t.height, t.width}, x.options().memory_format(kChannelsLast));
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "filtered", [&] {
    const auto scale = static_cast<scalar_t>(factor / (up ? 16 : 64));
    const auto halve = [&](const auto& row, int64_t o, scalar_t* buffer, scalar_t* to) {
      sum_four_rows(row(2 * o - 1), row(2 * o), row(2 * o + 1), row(2 * o + 2), f.row(),
                    buffer + f.channels);
      halve_row(buffer, t.width, f.channels, scale, to);
    };
    const auto twice = [&](const auto& row, int64_t o, scalar_t* buffer, scalar_t* to) {
      const int64_t near = o / 2, far = o % 2 == 0 ? near - 1 : near + 1;
      sum_two_rows(row(near), row(far), f.row(), buffer + f.channels);
      double_row(buffer, f.width, f.channels, scale, to);
    };
    const scalar_t* from = x.data_ptr<scalar_t>();
    scalar_t* to = y.data_ptr<scalar_t>();
    if (up) {
      for_each_row(from, f, to, t, twice);
    } else {
      for_each_row(from, f, to, t, halve);
    }
  });
  return y;
}

// Along one axis, times 8.
at::Tensor halved_along(const at::Tensor& x, int64_t axis) {
  const at::Tensor padded = torch::constant_pad_nd(
      x, axis == 2 ? std::vector<int64_t>{0, 0, 1, 1} : std::vector<int64_t>{1, 1});
  const auto tap = [&](int64_t i) { return padded.slice(axis, i, i + x.size(axis) - 1, 2); };
  return (tap(0) + tap(3)) + 3 * (tap(1) + tap(2));
}

// Along one axis, times 4.
at::Tensor doubled_along(const at::Tensor& x, int64_t axis) {
  const int64_t n = x.size(axis);
  const at::Tensor padded = torch::constant_pad_nd(
      x, axis == 2 ? std::vector<int64_t>{0, 0, 1, 1} : std::vector<int64_t>{1, 1});
  const at::Tensor here = 3 * x;
  return torch::stack({here + padded.slice(axis, 0, n), here + padded.slice(axis, 2, n + 2)},
                      axis + 1)
      .flatten(axis, axis + 1);
}

at::Tensor filtered_by_operations(const at::Tensor& x, bool up, double factor) {
  const at::Tensor y =
      up ? doubled_along(doubled_along(x, 2), 3) : halved_along(halved_along(x, 2), 3);
  return (y * (factor / (up ? 16 : 64))).contiguous(kChannelsLast);
}

// Our kernel for autograd, whose derivative is the other one.
struct FilterFunction : torch::autograd::Function<FilterFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, bool up,
                            double factor) {
    context->saved_data["up"] = up;
    context->saved_data["factor"] = factor;
    return filtered_by_rows(x, up, factor);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& d) {
    const double factor = context->saved_data["factor"].toDouble();
    return {context->saved_data["up"].toBool() ? filtered_down(d[0], 4 * factor)
                                               : filtered_up(d[0], factor / 4),
            at::Tensor(), at::Tensor()};
  }
};

at::Tensor filtered(const at::Tensor& x, bool up, double factor) {
  const at::ScalarType type = x.scalar_type();
  if (!x.is_cpu() || (type != torch::kFloat32 && type != torch::kFloat64)) {
    return filtered_by_operations(x, up, factor);
  }
  if (torch::GradMode::is_enabled() && x.requires_grad())
    return FilterFunction::apply(x, up, factor);
  return filtered_by_rows(x, up, factor);
}

}  // namespace

at::Tensor filtered_down(const at::Tensor& x, double factor) { return filtered(x, false, factor); }

at::Tensor filtered_up(const at::Tensor& x, double factor) { return filtered(x, true, factor); }

}  // namespace wgan
