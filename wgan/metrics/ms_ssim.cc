// Gaussian windows over single channels, scale by scale, as products with band matrices: in float64
// several times as fast as convolutions up to some 500 pixels.
#include "wgan/metrics/ms_ssim.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/random.h"

namespace wgan {
namespace {

constexpr std::array<double, 5> kWeights = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
constexpr int64_t kWindow = 11;
constexpr double kWindowDeviation = 1.5;
constexpr double kRange = 255;
constexpr double kLuminance = (0.01 * kRange) * (0.01 * kRange);  // C1
constexpr double kContrast = (0.03 * kRange) * (0.03 * kRange);   // C2
constexpr int64_t kPixelsAtOnce = int64_t{1}
                                  << 19;  // of one side of the pairs: some 50 MiB at work

// [size - 10, size]: its product with a column gives the weighted means of all windows inside.
at::Tensor window_matrix(int64_t size, const at::Device& device) {
  const at::Tensor place = torch::arange(kWindow, torch::kFloat64) - (kWindow - 1) / 2;
  const at::Tensor window = (-place.square() / (2 * kWindowDeviation * kWindowDeviation)).exp();
  at::Tensor matrix = torch::zeros({size - kWindow + 1, size}, torch::kFloat64);
  for (int64_t i = 0; i < kWindow; ++i) {
    matrix.diagonal(i).fill_((window[i] / window.sum()).item<double>());
  }
  return matrix.to(device);
}

struct Windows {
  at::Tensor rows, columns;
};

// images: [n, h, w] to [n, h - 10, w - 10].
at::Tensor blur(const at::Tensor& images, const Windows& windows) {
  return windows.rows.matmul(images.matmul(windows.columns.t()));
}

struct Terms {
  at::Tensor similarity;  // [n] mean of luminance * contrast * structure
  at::Tensor contrast;    // [n] mean of contrast * structure
};

// a, b: [n, h, w] float64 (Wang et al. 2004, Eq. 13, with C3 = C2 / 2).
Terms terms_of(const at::Tensor& a, const at::Tensor& b, const Windows& windows) {
  const at::Tensor mean_a = blur(a, windows);
  const at::Tensor mean_b = blur(b, windows);
  const at::Tensor products = mean_a * mean_b;
  const at::Tensor squares = mean_a.square() + mean_b.square();
  const at::Tensor variances = blur(a.square() + b.square(), windows) - squares;
  const at::Tensor covariance = blur(a * b, windows) - products;
  const at::Tensor contrast = (2 * covariance + kContrast) / (variances + kContrast);
  const at::Tensor luminance = (2 * products + kLuminance) / (squares + kLuminance);
  return {(luminance * contrast).flatten(1).mean(1), contrast.flatten(1).mean(1)};
}

at::Tensor halved(const at::Tensor& images) {
  return torch::avg_pool2d(images, {2, 2}, {2, 2}, {0, 0}, /*ceil_mode=*/true,
                           /*count_include_pad=*/false);
}

// a, b: uint8 [n, H, W, C]. Returns [n].
at::Tensor similarities(const at::Tensor& a, const at::Tensor& b, int64_t scales) {
  const auto channels = [](const at::Tensor& images) {
    const at::Tensor planes = images.permute({0, 3, 1, 2}).to(torch::kFloat64);
    return planes.reshape({-1, planes.size(2), planes.size(3)});
  };
  at::Tensor first = channels(a);
  at::Tensor second = channels(b);
  double sum = 0;
  for (int64_t scale = 0; scale < scales; ++scale) sum += kWeights[static_cast<size_t>(scale)];
  at::Tensor value = torch::ones({first.size(0)}, first.options());
  for (int64_t scale = 0; scale < scales; ++scale) {
    const Windows windows{.rows = window_matrix(first.size(1), a.device()),
                          .columns = window_matrix(first.size(2), a.device())};
    const Terms terms = terms_of(first, second, windows);
    const at::Tensor& term = scale + 1 == scales ? terms.similarity : terms.contrast;
    value *= term.clamp_min(0).pow(kWeights[static_cast<size_t>(scale)] / sum);
    if (scale + 1 == scales) break;
    first = halved(first);
    second = halved(second);
  }
  return value.view({a.size(0), -1}).mean(1);
}

void check_images(const at::Tensor& images) {
  const bool fits = images.defined() && images.dim() == 4 && images.scalar_type() == torch::kUInt8;
  if (!fits || images.size(3) < 1) {
    throw Error(ErrorKind::kUsage, "MS-SSIM wants images as uint8 [N, H, W, C]");
  }
  if (ms_ssim_scales(images.size(1), images.size(2)) > 0) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("MS-SSIM of images of {}x{} pixels, wanted at least {} a side",
                          images.size(2), images.size(1), kWindow),
              "its window does not fit smaller ones");
}

}  // namespace

int64_t ms_ssim_scales(int64_t height, int64_t width) {
  int64_t scales = 0;
  int64_t side = std::min(height, width);
  while (side >= kWindow && scales < static_cast<int64_t>(kWeights.size())) {
    ++scales;
    side = (side + 1) / 2;
  }
  return scales;
}

Similarities ms_ssim(const at::Tensor& a, const at::Tensor& b) {
  const torch::NoGradGuard no_grad;
  check_images(a);
  check_images(b);
  if (a.sizes() != b.sizes() || a.device() != b.device()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("MS-SSIM between images of shapes [{}] and [{}], wanted one shape and "
                            "one device",
                            fmt::join(a.sizes(), ", "), fmt::join(b.sizes(), ", ")));
  }
  const int64_t scales = ms_ssim_scales(a.size(1), a.size(2));
  const int64_t pixels = a.size(1) * a.size(2) * a.size(3);
  const int64_t block = std::max<int64_t>(kPixelsAtOnce / pixels, 1);
  std::vector<at::Tensor> values{torch::empty({0}, torch::kFloat64)};
  for (int64_t first = 0; first < a.size(0); first += block) {
    const int64_t size = std::min(block, a.size(0) - first);
    values.push_back(
        similarities(a.narrow(0, first, size), b.narrow(0, first, size), scales).cpu());
  }
  return {.values = torch::cat(values), .scales = scales};
}

MsSsimDiversity ms_ssim_diversity(const at::Tensor& images, const MsSsimOptions& options) {
  check_images(images);
  if (images.size(0) < 2 || images.size(0) > std::numeric_limits<uint32_t>::max() ||
      options.pairs < 2) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} of {}, wanted at least 2 pairs of 2 images",
                            counted(options.pairs, "pair"), counted(images.size(0), "image")));
  }
  const auto count = static_cast<uint32_t>(images.size(0));
  std::vector<int64_t> first;
  std::vector<int64_t> second;
  for (int64_t pair = 0; pair < options.pairs; ++pair) {
    Draws draws({.seed = options.seed,
                 .stream = Stream::kImagePairs,
                 .step = 0,
                 .index = static_cast<uint64_t>(pair)});
    first.push_back(draws.below(count));
    const int64_t other = draws.below(count - 1);
    second.push_back(other + (other >= first.back() ? 1 : 0));
  }
  const at::Tensor a = torch::tensor(first).to(images.device());
  const at::Tensor b = torch::tensor(second).to(images.device());
  const Similarities found = ms_ssim(images.index_select(0, a), images.index_select(0, b));
  return {.mean = found.values.mean().item<double>(),
          .deviation = found.values.std(/*unbiased=*/false).item<double>(),
          .standard_error = found.values.std(/*unbiased=*/true).item<double>() /
                            std::sqrt(static_cast<double>(options.pairs)),
          .scales = found.scales,
          .values = found.values};
}

}  // namespace wgan
