// The three parts of an input.
#include "wgan/net/generator_inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {
namespace {

void check_truncation(double truncation) {
  if (truncation > 0 && truncation <= 1) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("--truncation is {}, wanted above 0 and at most 1", truncation),
              "1 changes nothing; smaller values give less variety, for example 0.7");
}

// Conditions of the N samples, in original units: [N, K], or [K] of all.
std::span<const double> conditions_for(const InputParts& parts, const DataDescription& data,
                                       size_t samples, const WantedInputs& wanted) {
  const auto size = static_cast<size_t>(parts.known.conditions);
  if (size == 0 && !wanted.conditions.empty()) {
    throw Error(ErrorKind::kUsage,
                "conditions are given, but this generator is not conditioned on any",
                "leave them out, or train one with --conditional on data that has conditions");
  }
  if (wanted.conditions.empty()) return data.conditions;
  const size_t count = wanted.conditions.size();
  if (count != size && count != size * samples) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} for {}, wanted {}", counted(count, "condition"),
                            counted(samples, "sample"), size),
                fmt::format("the data's are {:.4g} on average",
                            fmt::join(data.condition_scale.mean, ", ")));
  }
  if (!std::ranges::all_of(wanted.conditions, [](double c) { return std::isfinite(c); })) {
    throw Error(ErrorKind::kUsage, "a condition is not finite", "give numbers");
  }
  return wanted.conditions;
}

}  // namespace

void fill_latent(const RandomAddress& address, LatentDist dist, std::span<float> z) {
  if (dist == LatentDist::kNormal) return fill_normal(address, z);
  fill_uniform(address, z);
  for (float& value : z) value = 2 * value - 1;
}

void fill_latent_of_seed(uint64_t seed, LatentDist dist, std::span<float> z) {
  fill_latent({seed, Stream::kSampleLatent, 0, 0}, dist, z);
}

int64_t class_of_seed(const DataDescription& data, uint64_t seed) {
  const std::vector<int64_t> learnt = classes_with_rows(data);
  return learnt[seed % learnt.size()];
}

std::vector<float> inputs_of_seeds(const InputParts& parts, const DataDescription& data,
                                   std::span<const uint64_t> seeds, const WantedInputs& wanted) {
  check_truncation(wanted.truncation);
  const auto latent = static_cast<size_t>(parts.latent);
  const auto classes = static_cast<size_t>(parts.known.classes);
  const auto size = static_cast<size_t>(parts.known.conditions);
  const std::span conditions = conditions_for(parts, data, seeds.size(), wanted);
  if (size > 0 && conditions.empty()) {
    throw Error(ErrorKind::kUsage, "conditions are wanted: none given, and none kept with the data",
                fmt::format("give some, such as {:.4g}, which are the data's on average",
                            fmt::join(data.condition_scale.mean, ",")));
  }
  const size_t rows = size == 0 ? 1 : conditions.size() / size;
  const std::vector<int64_t> learnt = classes_with_rows(data);
  std::vector<float> inputs(seeds.size() * static_cast<size_t>(parts.size()));
  for (size_t i = 0; i < seeds.size(); ++i) {
    float* const input = inputs.data() + i * static_cast<size_t>(parts.size());
    fill_latent_of_seed(seeds[i], parts.latent_dist, {input, latent});
    for (size_t j = 0; j < latent; ++j) input[j] *= static_cast<float>(wanted.truncation);
    if (classes > 0) {
      const int64_t number = !wanted.classes.empty()
                                 ? wanted.classes[i]
                                 : wanted.class_number.value_or(learnt[seeds[i] % learnt.size()]);
      if (number < 0 || number >= parts.known.classes) {
        throw Error(ErrorKind::kUsage,
                    fmt::format("class {}, wanted 0 to {}", number, parts.known.classes - 1));
      }
      input[latent + static_cast<size_t>(number)] = 1;
    }
    const size_t row = wanted.conditions.empty() ? seeds[i] % rows : rows == 1 ? 0 : i;
    for (size_t j = 0; j < size; ++j) {
      const double standard = (conditions[row * size + j] - data.condition_scale.mean[j]) /
                              data.condition_scale.deviation[j];
      input[latent + classes + j] = static_cast<float>(standard);
    }
  }
  return inputs;
}

}  // namespace wgan
