// Sampling in fixed chunks, so that a sample does not depend on how many were asked for.
#include "wgan/train/sampler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "wgan/nn/forward.h"
#include "wgan/train/latent.h"
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

// One-hot classes [N, K] of the seeds; [N, 0] where the generator knows none.
at::Tensor classes_of_seeds(const Generator& generator, std::span<const uint64_t> seeds,
                            const Wanted& wanted) {
  const int64_t classes = class_count(generator);
  if (classes > 0 && wanted.classes.defined())
    return torch::one_hot(wanted.classes, classes).to(torch::kFloat32);
  at::Tensor one_hot = torch::zeros({static_cast<int64_t>(seeds.size()), classes});
  const std::vector<int64_t> learnt = classes_with_rows(generator.data);
  for (size_t i = 0; classes > 0 && i < seeds.size(); ++i) {
    const int64_t turn = learnt[seeds[i] % learnt.size()];
    one_hot[static_cast<int64_t>(i)][wanted.class_number.value_or(turn)] = 1;
  }
  return one_hot;
}

// Conditions of rows of the data, [N, K]: a seed's are the same, whatever its neighbours.
at::Tensor conditions_of_seeds(const Generator& generator, std::span<const uint64_t> seeds) {
  const at::Tensor rows = conditions_of_data(generator);
  if (!rows.defined()) return {};
  std::vector<int64_t> places;
  for (const uint64_t seed : seeds) {
    places.push_back(static_cast<int64_t>(seed % static_cast<uint64_t>(rows.size(0))));
  }
  return rows.index_select(0, torch::tensor(places, torch::kInt64));
}

// Standardised conditions [N, K]; [N, 0] where the generator wants none.
at::Tensor standardised_conditions(const Generator& generator, std::span<const uint64_t> seeds,
                                   at::Tensor wanted) {
  const int64_t size = condition_count(generator);
  const auto count = static_cast<int64_t>(seeds.size());
  if (size == 0) {
    if (!wanted.defined()) return torch::zeros({count, 0});
    throw Error(ErrorKind::kUsage,
                "conditions are given, but this generator is not conditioned on any",
                "leave them out, or train one with --conditional on data that has conditions");
  }
  if (!wanted.defined()) wanted = conditions_of_seeds(generator, seeds);
  const ColumnScale& scale = generator.data.condition_scale;
  if (!wanted.defined() || wanted.dim() != 2 || wanted.size(1) != size ||
      (wanted.size(0) != 1 && wanted.size(0) != count)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("conditions of shape {}, wanted [1, {}] or [{}, {}]",
                            wanted.defined() ? shape_text(wanted.sizes().vec()) : "(none given)",
                            size, count, size),
                fmt::format("the data's are {:.4g} on average", fmt::join(scale.mean, ", ")));
  }
  if (!wanted.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kUsage, "a condition is not finite", "give numbers");
  }
  return to_standard_units(wanted, scale).expand({count, size});
}

// z of the seeds, as near to its mean as is wanted.
at::Tensor truncated_latents(const Generator& generator, std::span<const uint64_t> seeds,
                             double psi) {
  if (!(psi > 0 && psi <= 1)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--truncation is {}, wanted above 0 and at most 1", psi),
                "1 changes nothing; smaller values give less variety, for example 0.7");
  }
  return latents_of_seeds(seeds, generator.latent, generator.latent_dist) * psi;
}

// What stands behind z: [N, class_count + condition_count].
at::Tensor known_of_seeds(const Generator& generator, std::span<const uint64_t> seeds,
                          const Wanted& wanted) {
  return torch::cat({classes_of_seeds(generator, seeds, wanted),
                     standardised_conditions(generator, seeds, wanted.conditions)},
                    1);
}

}  // namespace

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
  const std::vector<int64_t> learnt = classes_with_rows(generator.data);
  return learnt[seed % learnt.size()];
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
  return sample_latents(generator,
                        torch::cat({truncated_latents(generator, seeds, wanted.truncation),
                                    known_of_seeds(generator, seeds, wanted)},
                                   1));
}

at::Tensor interpolate_latents(const Generator& generator, std::span<const uint64_t> seeds,
                               int64_t frames, const Wanted& wanted) {
  if (seeds.size() < 2) {
    throw Error(ErrorKind::kUsage, "one seed cannot be interpolated", "give two seeds or more");
  }
  if (frames < 1)
    throw Error(ErrorKind::kUsage, fmt::format("{} frames, wanted 1 or more", frames));
  const at::Tensor z = truncated_latents(generator, seeds, wanted.truncation);
  const at::Tensor known = known_of_seeds(generator, seeds, wanted);
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
