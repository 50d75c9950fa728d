// Joins the sums of blocks, and carries them to NPZ files and back.
#include "wgan/metrics/moments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/npy.h"
#include "wgan/metrics/features.h"

namespace wgan {
namespace {

constexpr size_t kLargestFile = size_t{1} << 30;  // decompressed: more than 11,000 dimensions
constexpr double kMomentsAsymmetry = 1e-6;        // of the largest entry

[[noreturn]] void throw_data(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kData, path.string() + ": " + what,
              "wanted is an archive with mu [D] and sigma [D, D], as pytorch-fid --save-stats and "
              "`wgan` write it");
}

// On the CPU, contiguous; `bytes` of the result lie in the tensor.
NpyArray float64_array(const at::Tensor& values) {
  const auto kept = std::make_shared<const at::Tensor>(values.cpu().contiguous());
  return {.type = NpyType::kFloat64,
          .shape = kept->sizes().vec(),
          .bytes = {static_cast<const std::byte*>(kept->data_ptr()), kept->nbytes()},
          .owner = kept};
}

at::Tensor float64_tensor(const std::filesystem::path& path, const std::string& name,
                          const NpyArray& array) {
  if (array.type != NpyType::kFloat32 && array.type != NpyType::kFloat64) {
    throw_data(path, fmt::format("{} is of type '{}', wanted float32 or float64", name,
                                 npy_descr(array.type)));
  }
  at::Tensor values = torch::empty(
      array.shape, array.type == NpyType::kFloat32 ? torch::kFloat32 : torch::kFloat64);
  if (!array.bytes.empty()) std::memcpy(values.data_ptr(), array.bytes.data(), array.bytes.size());
  values = values.to(torch::kFloat64);
  if (!values.isfinite().all().item<bool>()) {
    throw_data(path, name + " holds NaN or an infinity");
  }
  return values;
}

std::vector<double> numbers(const std::filesystem::path& path, const std::string& name,
                            const NpyArray& array) {
  const at::Tensor values = float64_tensor(path, name, array).flatten();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

void check_file(const std::filesystem::path& path, const Moments& moments) {
  const at::Tensor& sigma = moments.covariance;
  if (moments.mean.dim() != 1 || moments.mean.size(0) < 1 || sigma.dim() != 2 ||
      sigma.size(0) != moments.mean.size(0) || sigma.size(1) != moments.mean.size(0)) {
    throw_data(path,
               fmt::format("mu has the shape [{}] and sigma [{}]",
                           fmt::join(moments.mean.sizes(), ", "), fmt::join(sigma.sizes(), ", ")));
  }
  const auto columns = static_cast<size_t>(moments.mean.size(0));
  const bool scaled = !moments.column_mean.empty() || !moments.column_deviation.empty();
  if (scaled &&
      (moments.column_mean.size() != columns || moments.column_deviation.size() != columns ||
       !std::ranges::all_of(moments.column_deviation, [](double x) { return x > 0; }))) {
    throw_data(path, "column_mean and column_deviation do not give every column a scale");
  }
  const double largest = sigma.abs().max().item<double>();
  if ((sigma - sigma.t()).abs().max().item<double>() > kMomentsAsymmetry * largest ||
      sigma.diagonal().min().item<double>() < 0) {
    throw_data(path, "sigma is no covariance: it is not symmetric, or negative on its diagonal");
  }
}

}  // namespace

void MomentsOf::add(const at::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const at::Tensor checked = checked_rows(rows, "features", 0);
  if (checked.size(0) == 0) return;
  if (count_ == 0) {
    const auto options = checked.options().dtype(torch::kFloat64);
    mean_ = torch::zeros({checked.size(1)}, options);
    scatter_ = torch::zeros({checked.size(1), checked.size(1)}, options);
  } else {
    check_comparable(checked, mean_.unsqueeze(0));
  }
  for (const at::Tensor& part : checked.split(kRowBlock)) {
    const at::Tensor block = part.to(torch::kFloat64);
    const at::Tensor block_mean = block.mean(0);
    const at::Tensor centred = block - block_mean;
    scatter_.addmm_(centred.t(), centred);
    const at::Tensor apart = block_mean - mean_;
    const auto before = static_cast<double>(count_);
    const auto added = static_cast<double>(block.size(0));
    scatter_.addr_(apart, apart, 1, before * added / (before + added));
    mean_.add_(apart, added / (before + added));
    count_ += block.size(0);
  }
}

Moments MomentsOf::moments() const {
  if (count_ < 2) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("features: a covariance of {}, wanted 2 or more", counted(count_, "row")),
        "measure more samples");
  }
  // Blocked products may differ in the last bit across the diagonal.
  const at::Tensor symmetric = (scatter_ + scatter_.t()) / (2 * static_cast<double>(count_ - 1));
  return {.mean = mean_.clone(), .covariance = symmetric, .count = count_};
}

Moments moments_of(const at::Tensor& rows) {
  MomentsOf gathered;
  gathered.add(rows);
  return gathered.moments();
}

void write_moments(const std::filesystem::path& path, const Moments& moments) {
  const at::Tensor& mean = moments.mean;
  const at::Tensor& covariance = moments.covariance;
  if (!mean.defined() || !covariance.defined() || mean.dim() != 1 || covariance.dim() != 2 ||
      mean.size(0) != covariance.size(0) || mean.size(0) != covariance.size(1)) {
    throw Error(ErrorKind::kUsage,
                "moments to write want a mean of shape [D] and a covariance of shape [D, D]");
  }
  const at::Tensor mu = mean.to(torch::kFloat64);
  const at::Tensor sigma = covariance.to(torch::kFloat64);
  if (!mu.isfinite().all().item<bool>() || !sigma.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kData, "moments to write hold NaN or an infinity");
  }
  std::vector<std::pair<std::string, NpyArray>> arrays{{"mu", float64_array(mu)},
                                                       {"sigma", float64_array(sigma)}};
  arrays.emplace_back("count", NpyArray{.type = NpyType::kInt64,
                                        .shape = {},
                                        .bytes = std::as_bytes(std::span(&moments.count, 1)),
                                        .owner = nullptr});
  if (!moments.features.empty()) {
    const std::span<const char> text(moments.features);
    arrays.emplace_back("features", NpyArray{.type = NpyType::kUint8,
                                             .shape = {static_cast<int64_t>(text.size())},
                                             .bytes = std::as_bytes(text),
                                             .owner = nullptr});
  }
  const auto add_column = [&](const char* name, const std::vector<double>& values) {
    if (values.empty()) return;
    arrays.emplace_back(name, NpyArray{.type = NpyType::kFloat64,
                                       .shape = {static_cast<int64_t>(values.size())},
                                       .bytes = std::as_bytes(std::span(values)),
                                       .owner = nullptr});
  };
  add_column("column_mean", moments.column_mean);
  add_column("column_deviation", moments.column_deviation);
  write_npz(path, arrays);
}

Moments read_moments(const std::filesystem::path& path) {
  Moments moments;
  for (const auto& [name, array] : read_npz(path, kLargestFile)) {
    if (name == "mu") moments.mean = float64_tensor(path, name, array);
    if (name == "sigma") moments.covariance = float64_tensor(path, name, array);
    if (name == "count") {
      if (array.type != NpyType::kInt64 || !array.shape.empty()) {
        throw_data(path, "count is no single int64");
      }
      std::memcpy(&moments.count, array.bytes.data(), sizeof(moments.count));
      if (moments.count < 0) throw_data(path, fmt::format("has the count {}", moments.count));
    }
    if (name == "column_mean") moments.column_mean = numbers(path, name, array);
    if (name == "column_deviation") moments.column_deviation = numbers(path, name, array);
    if (name == "features") {
      if (array.type != NpyType::kUint8) throw_data(path, "features is no text");
      const auto* text = reinterpret_cast<const char*>(array.bytes.data());
      moments.features.assign(text, text + array.bytes.size());
    }
  }
  if (!moments.mean.defined() || !moments.covariance.defined()) {
    throw_data(path, "lacks mu or sigma");
  }
  check_file(path, moments);
  return moments;
}

}  // namespace wgan
