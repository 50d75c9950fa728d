// Sampling in fixed chunks, so that a sample does not depend on how many were asked for.
#include "wgan/train/sampler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "wgan/net/generator_inputs.h"
#include "wgan/nn/forward.h"
#include "wgan/train/pixels.h"
#include "wgan/train/trainer.h"

namespace wgan {
namespace {

constexpr int64_t kChunk = 64;

at::Tensor in_float64(const std::vector<double>& numbers) {
  return torch::tensor(numbers, torch::kFloat64);
}

// Network output [N, C, H, W] or [N, D] to what the data looks like.
at::Tensor to_rows(const Generator& generator, const at::Tensor& output) {
  const at::Tensor values = output.to(torch::kCPU);
  if (values.dim() == 4) return to_pictures(values, pixel_range(generator.model.network));
  return to_original_units(values, generator.data.scale).contiguous();
}

// Between two rows of z at t in [0, 1].
at::Tensor between(const at::Tensor& a, const at::Tensor& b, double t, LatentDist dist) {
  if (dist == LatentDist::kUniform) return torch::lerp(a, b, t);
  const double cosine = (a.dot(b) / (a.norm() * b.norm())).item<double>();
  const double angle = std::acos(std::clamp(cosine, -1.0, 1.0));
  if (std::sin(angle) < 1e-4) return torch::lerp(a, b, t);
  return a * (std::sin((1 - t) * angle) / std::sin(angle)) +
         b * (std::sin(t * angle) / std::sin(angle));
}

// [1, K] or [N, K] as numbers. Throws Error(kUsage) where the shape is another.
std::vector<double> wanted_conditions(const Generator& generator, int64_t samples,
                                      const at::Tensor& conditions) {
  if (!conditions.defined()) return {};
  const int64_t size = condition_count(generator);
  const bool fits = conditions.dim() == 2 && conditions.size(1) == size &&
                    (conditions.size(0) == 1 || conditions.size(0) == samples);
  if (size > 0 && !fits) {
    throw Error(ErrorKind::kUsage,
                fmt::format("conditions of shape {}, wanted [1, {}] or [{}, {}]",
                            shape_text(conditions.sizes().vec()), size, samples, size),
                fmt::format("the data's are {:.4g} on average",
                            fmt::join(generator.data.condition_scale.mean, ", ")));
  }
  const at::Tensor numbers = conditions.to(torch::kFloat64).contiguous();
  return {numbers.data_ptr<double>(), numbers.data_ptr<double>() + numbers.numel()};
}

}  // namespace

at::Tensor inputs_of_seeds(const Generator& generator, std::span<const uint64_t> seeds,
                           const Wanted& wanted) {
  const InputParts parts{generator.latent,
                         generator.latent_dist,
                         {class_count(generator), condition_count(generator)}};
  const auto count = static_cast<int64_t>(seeds.size());
  WantedInputs plain{.class_number = wanted.class_number,
                     .conditions = wanted_conditions(generator, count, wanted.conditions),
                     .truncation = wanted.truncation};
  if (wanted.classes.defined() && parts.known.classes > 0) {
    const at::Tensor classes = wanted.classes.contiguous();
    plain.classes.assign(classes.data_ptr<int64_t>(), classes.data_ptr<int64_t>() + count);
  }
  const std::vector<float> numbers = inputs_of_seeds(parts, generator.data, seeds, plain);
  at::Tensor rows = torch::empty({count, parts.size()}, torch::kFloat32);
  std::ranges::copy(numbers, rows.data_ptr<float>());
  return rows;
}

Generator averaged_generator(const Players& players, const Dataset& dataset,
                             const TrainOptions& options) {
  return {.model = players.average,
          .latent = options.players.latent,
          .latent_dist = options.players.latent_dist,
          .data = describe_data(dataset),
          .step = players.step,
          .checkpoint = {}};
}

at::Tensor to_original_units(const at::Tensor& standardised, const ColumnScale& scale) {
  if (scale.empty()) return standardised;
  const at::Tensor original =
      standardised.to(torch::kFloat64) * in_float64(scale.deviation) + in_float64(scale.mean);
  return scale.needs_float64() ? original : original.to(torch::kFloat32);
}

at::Tensor to_standard_units(const at::Tensor& original, const ColumnScale& scale) {
  if (scale.empty()) return original.to(torch::kFloat32);
  return ((original.to(torch::kFloat64) - in_float64(scale.mean)) / in_float64(scale.deviation))
      .to(torch::kFloat32);
}

at::Tensor in_row_shape(const at::Tensor& rows, const DataDescription& data) {
  if (data.row_shape.empty()) return rows;
  std::vector<int64_t> shape = data.row_shape;
  shape.insert(shape.begin(), rows.size(0));
  return rows.reshape(shape);
}

int64_t class_count(const Generator& generator) {
  return generator.model.network.input[0] - generator.latent - condition_count(generator);
}

int64_t condition_count(const Generator& generator) {
  const bool conditional = generator.model.network.input[0] > generator.latent;
  return conditional ? static_cast<int64_t>(generator.data.condition_scale.mean.size()) : 0;
}

std::vector<int64_t> shown_classes(const Generator& generator) {
  return class_count(generator) > 0 ? classes_with_rows(generator.data) : std::vector<int64_t>();
}

at::Tensor conditions_of_data(const Generator& generator) {
  if (condition_count(generator) == 0 || generator.data.conditions.empty()) return {};
  return torch::tensor(generator.data.conditions, torch::kFloat64)
      .view({-1, condition_count(generator)});
}

at::Tensor sample_latents(const Generator& generator, const at::Tensor& z) {
  const torch::NoGradGuard no_grad;
  const int64_t width = generator.model.network.input[0];
  if (z.dim() != 2 || z.size(1) != width) {
    throw Error(ErrorKind::kUsage, fmt::format("latent vectors of shape {}, wanted [N, {}]",
                                               shape_text(z.sizes().vec()), width));
  }
  std::vector<at::Tensor> rows;
  for (int64_t first = 0; first < z.size(0); first += kChunk) {
    const int64_t count = std::min(kChunk, z.size(0) - first);
    at::Tensor chunk = torch::zeros({kChunk, width}, torch::kFloat32);
    chunk.narrow(0, 0, count).copy_(z.narrow(0, first, count));
    const at::Tensor output =
        forward(generator.model, chunk.to(generator.model.parameters.device()), {});
    rows.push_back(to_rows(generator, output.narrow(0, 0, count)));
  }
  if (rows.empty()) throw Error(ErrorKind::kUsage, "no samples were asked for");
  return torch::cat(rows);
}

int64_t class_of_seed(const Generator& generator, uint64_t seed) {
  return class_of_seed(generator.data, seed);
}

namespace {

// The number of a class by its name, or by its number as text; -1: not known.
int64_t find_class(const std::vector<std::string>& names, const std::string& name) {
  const auto known = std::ranges::find(names, name);
  if (known != names.end()) return known - names.begin();
  int64_t number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  return whole && number >= 0 && number < static_cast<int64_t>(names.size()) ? number : -1;
}

}  // namespace

int64_t class_number(const Generator& generator, const std::string& name) {
  const int64_t classes = class_count(generator);
  if (classes == 0) {
    throw Error(ErrorKind::kUsage, "--class: this generator is not conditioned on classes",
                "train one with --conditional on labelled data");
  }
  const auto& names = generator.data.class_names;
  const int64_t number = find_class(names, name);
  if (number < 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--class: '{}' is not known, wanted 0 to {} or one of {}", name,
                            classes - 1, fmt::join(names, ", ")));
  }
  const std::vector<int64_t> learnt = classes_with_rows(generator.data);
  if (std::ranges::find(learnt, number) == learnt.end()) {
    std::vector<std::string> others;
    for (const int64_t other : learnt) others.push_back(names[static_cast<size_t>(other)]);
    throw Error(ErrorKind::kUsage,
                fmt::format("--class: '{}' had no rows in the data, so the generator never learnt "
                            "what it looks like",
                            name),
                fmt::format("those with rows are {}", fmt::join(others, ", ")));
  }
  return number;
}

at::Tensor sample(const Generator& generator, std::span<const uint64_t> seeds,
                  const Wanted& wanted) {
  return sample_latents(generator, inputs_of_seeds(generator, seeds, wanted));
}

at::Tensor interpolate_latents(const Generator& generator, std::span<const uint64_t> seeds,
                               int64_t frames, const Wanted& wanted) {
  if (seeds.size() < 2) {
    throw Error(ErrorKind::kUsage, "one seed cannot be interpolated", "give two seeds or more");
  }
  if (frames < 1)
    throw Error(ErrorKind::kUsage, fmt::format("{} frames, wanted 1 or more", frames));
  const at::Tensor whole = inputs_of_seeds(generator, seeds, wanted);
  const at::Tensor z = whole.narrow(1, 0, generator.latent);
  const at::Tensor known = whole.slice(1, generator.latent);
  std::vector<at::Tensor> path;
  for (int64_t frame = 0; frame < frames; ++frame) {
    const double place = static_cast<double>(frame) * static_cast<double>(seeds.size()) /
                         static_cast<double>(frames);
    const auto from = static_cast<int64_t>(place);
    const int64_t to = (from + 1) % z.size(0);
    const double part = place - static_cast<double>(from);
    path.push_back(torch::cat({between(z[from], z[to], part, generator.latent_dist),
                               torch::lerp(known[from], known[to], part)}));
  }
  return torch::stack(path);
}

}  // namespace wgan
