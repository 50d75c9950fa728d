// Feature spaces: from rows to features.
#include "wgan/judge/features.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <memory>
#include <span>

#include "wgan/core/error.h"
#include "wgan/data/image_folder.h"
#include "wgan/data/open.h"
#include "wgan/io/digest.h"
#include "wgan/io/mapped_file.h"
#include "wgan/judge/classifier.h"
#include "wgan/judge/scripted_network.h"
#include "wgan/net/layer.h"
#include "wgan/train/pixels.h"
#include "wgan/train/sampler.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

std::string hash_of(const std::string& text) { return sha256_hex(std::as_bytes(std::span(text))); }

void check_rows(const at::Tensor& rows, const std::vector<int64_t>& shape) {
  const bool fits = rows.dim() == static_cast<int64_t>(shape.size()) + 1 &&
                    rows.sizes().slice(1) == at::IntArrayRef(shape);
  if (!fits || rows.size(0) == 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("rows of shape {} to compare with rows of shape {}",
                            shape_text(rows.sizes().vec()), shape_text(shape)),
                "samples and data must have one shape: give both the same --size and --channels");
  }
  if (rows.is_floating_point() && !rows.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kData, "the samples hold numbers that are not finite",
                "remove rows with NaN or infinity");
  }
}

// Vectors as training sees them: a column of incomes does not drown one of rates.
FeatureSpace column_space(const std::vector<int64_t>& shape, const ColumnScale& scale) {
  std::string text = "standardised columns";
  for (const auto mean : scale.mean) text += fmt::format(" {}", mean);
  for (const auto deviation : scale.deviation) text += fmt::format(" {}", deviation);
  return {.name = "standardised columns",
          .hash = hash_of(text),
          .observe = [shape, scale](const at::Tensor& rows) -> Observed {
            check_rows(rows, shape);
            return {rows, to_standard_units(rows, scale), {}};
          }};
}

FeatureSpace pixel_space(const std::vector<int64_t>& shape) {
  return {.name = shape.size() == 3 ? "pixels" : "columns",
          .hash = hash_of("pixels " + shape_text(shape)),
          .observe = [shape](const at::Tensor& rows) -> Observed {
            check_rows(rows, shape);
            if (rows.scalar_type() == torch::kUInt8) {
              return {rows, (premultiplied(rows).flatten(1) / 255).contiguous(), {}};
            }
            return {rows, rows.flatten(1).to(torch::kFloat32).contiguous(), {}};
          }};
}

FeatureSpace classifier_space(const fs::path& file, const std::vector<int64_t>& shape,
                              const std::string& hash) {
  const auto classifier = std::make_shared<const Classifier>(read_classifier(file));
  const Shape& wanted = classifier->model.network.input;
  if (shape.size() != 3 || Shape{shape[2], shape[0], shape[1]} != wanted) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} sees images of shape {}x{}x{}, not rows of shape {}", file.string(),
                            wanted[1], wanted[2], wanted[0], shape_text(shape)),
                fmt::format("give --size {}x{} where the images can be resized, or fit one to this "
                            "data: wgan features train DATA",
                            wanted[2], wanted[1]));
  }
  return {.name = file.filename().string(),
          .hash = hash,
          .observe = [classifier, shape](const at::Tensor& rows) -> Observed {
            check_rows(rows, shape);
            Seen seen = look_at(*classifier, rows);
            return {rows, seen.features, seen.probabilities};
          }};
}

// [B, H, W, C] uint8 as the network is to get them: RGBA on white.
at::Tensor network_input(const at::Tensor& rows, const FeatureOptions& o) {
  const at::Tensor opaque = rows.size(3) == 4 ? on_white(rows) : rows;
  at::Tensor x = opaque.permute({0, 3, 1, 2}).to(torch::kFloat32).contiguous();
  if (o.feature_channels == 3 && x.size(1) == 1) x = x.expand({-1, 3, -1, -1}).contiguous();
  if (o.feature_channels == 1 && x.size(1) == 3) x = x.mean(1, /*keepdim=*/true);
  if (o.feature_resize > 0) {
    x = at::_upsample_bilinear2d_aa(x, {o.feature_resize, o.feature_resize},
                                    /*align_corners=*/false);
  }
  switch (o.feature_range) {
    case FeatureRange::kBytes:
      return x.round_().clamp_(0, 255);
    case FeatureRange::kUnit:
      return x.div_(255);
    case FeatureRange::kSigned:
      return x.div_(127.5).sub_(1);
  }
  throw Error(ErrorKind::kInternal, "unknown range");
}

// Probabilities from probabilities or logits [B, K].
at::Tensor as_probabilities(const at::Tensor& x) {
  const bool already =
      x.ge(0).all().item<bool>() && (x.sum(1) - 1).abs().lt(1e-3).all().item<bool>();
  return already ? x : torch::softmax(x, 1);
}

FeatureSpace scripted_space(const fs::path& file, const std::vector<int64_t>& shape,
                            const FeatureOptions& options, const std::string& hash,
                            const std::string& device) {
  if (shape.size() != 3) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} sees images, not vectors of {}", file.string(), shape[0]),
                "use --features pixels");
  }
  const auto network = std::make_shared<const ScriptedNetwork>(file, device);
  return {.name = file.filename().string(),
          .hash = hash_of(fmt::format("{} {} {} {} {} {}", hash, options.feature_resize,
                                      options.feature_channels, enum_name(options.feature_range),
                                      options.feature_output, options.probability_output)),
          .observe = [network, shape, options](const at::Tensor& rows) -> Observed {
            check_rows(rows, shape);
            std::vector<at::Tensor> features, probabilities;
            for (const at::Tensor& chunk : rows.split(options.feature_batch)) {
              const at::Tensor input = network_input(chunk, options);
              features.push_back(network->run(input, options.feature_output, true));
              if (options.probability_output.empty()) continue;
              probabilities.push_back(
                  as_probabilities(network->run(input, options.probability_output, false)));
            }
            return {rows, torch::cat(features),
                    probabilities.empty() ? at::Tensor() : torch::cat(probabilities)};
          }};
}

}  // namespace

Observed rows_between(const Observed& all, int64_t first, int64_t end) {
  const auto part = [&](const at::Tensor& x) { return x.defined() ? x.slice(0, first, end) : x; };
  return {part(all.rows), part(all.features), part(all.probabilities)};
}

FeatureSpace open_features(const FeatureOptions& options, const std::vector<int64_t>& shape,
                           const std::string& device, const ColumnScale& scale) {
  if (options.features == "pixels") {
    return scale.empty() ? pixel_space(shape) : column_space(shape, scale);
  }
  if (options.feature_batch < 1 || options.feature_resize < 0 ||
      (options.feature_channels != 0 && options.feature_channels != 1 &&
       options.feature_channels != 3)) {
    throw Error(ErrorKind::kUsage,
                "--feature-batch must be 1 or more, --feature-resize 0 or more, and "
                "--feature-channels 0, 1 or 3");
  }
  const fs::path file = options.features;
  if (fs::is_directory(file)) {
    throw Error(ErrorKind::kUsage, fmt::format("--features: {} is a folder", file.string()),
                "give pixels, a file of wgan features train, or a TorchScript file");
  }
  const std::string hash = sha256_hex(MappedFile(file).bytes());
  if (file.extension() == ".safetensors") return classifier_space(file, shape, hash);
  return scripted_space(file, shape, options, hash, device);
}

void check_features(const FeatureOptions& options, const DataOptions& data) {
  if (options.features == "pixels" || is_embedded(data.data)) return;
  if (!fs::is_directory(data.data)) return;  // an archive's pictures are known when it is read
  if (!is_picture_source(data.data)) return;
  const ImageRequest request = image_request(scan_image_folder(data.data), data);
  open_features(options, {request.size.height, request.size.width, request.channels}, "cpu");
}

}  // namespace wgan
