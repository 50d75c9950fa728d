// The supervised part of the discriminator's loss, and what it learns by it.
#include "wgan/train/semi_supervised.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/random.h"
#include "wgan/data/loader.h"
#include "wgan/data/rows.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/sweeps.h"
#include "wgan/train/critic_step.h"

namespace wgan {

Dataset labelled_rows(const Dataset& dataset, int64_t per_class, uint64_t seed) {
  if (per_class == 0) return dataset;
  const std::vector<int64_t> sizes = dataset.class_sizes();
  const auto classes =
      static_cast<size_t>(std::ranges::count_if(sizes, [](int64_t rows) { return rows > 0; }));
  const auto size = static_cast<uint64_t>(dataset.size);
  std::vector<int64_t> chosen, found(sizes.size());
  for (uint64_t i = 0; i < size; ++i) {
    const auto row = static_cast<int64_t>(permuted_index(seed, Stream::kLabelled, 0, i, size));
    int64_t& count = found[static_cast<size_t>(dataset.label(row))];
    if (count == per_class) continue;
    ++count;
    chosen.push_back(row);
    if (chosen.size() == classes * static_cast<size_t>(per_class)) break;
  }
  // Classes without any row have none to learn from.
  for (size_t c = 0; c < sizes.size(); ++c) {
    if (sizes[c] == 0) found[c] = per_class;
  }
  const auto fewest = std::ranges::min_element(found);
  if (*fewest < per_class) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--labels-per-class is {}, and {} has {} of class {}", per_class,
                            dataset.name, counted(*fewest, "row"),
                            dataset.class_names[static_cast<size_t>(fewest - found.begin())]),
                fmt::format("ask for at most {}", *fewest));
  }
  return subset(dataset, std::move(chosen));
}

at::Tensor add_classification_gradients(Model& discriminator, const at::Tensor& rows,
                                        const at::Tensor& labels, Route route) {
  if (!takes_sweeps(discriminator.network,
                    {.objective = Objective::kSemiSupervised, .route = route})) {
    const at::Tensor loss = torch::cross_entropy_loss(
        forward(discriminator, rows, {.training = true, .gradients = true}), labels);
    loss.backward();
    return loss.detach();
  }
  const torch::NoGradGuard no_grad;
  const auto count = static_cast<double>(rows.size(0));
  Trace trace = forward_sweep(discriminator, rows);
  const at::Tensor chosen = torch::one_hot(labels, trace.output.size(1)).to(trace.output.options());
  const at::Tensor seed = (torch::softmax(trace.output, 1) - chosen) / count;
  backward_sweep(discriminator, trace, seed, rows.size(0));
  return torch::cross_entropy_loss(trace.output, labels);
}

TestErrors test_errors(const Model& discriminator, const Dataset& test, int64_t most) {
  constexpr int64_t kChunk = 256;
  const torch::NoGradGuard no_grad;
  TestErrors result{.errors = 0, .rows = std::min(most, test.size)};
  for (int64_t first = 0; first < result.rows; first += kChunk) {
    const Batch batch =
        take_rows(test, first, std::min(kChunk, result.rows - first), PixelRange::kSigned);
    const at::Tensor output =
        forward(discriminator, batch.rows.to(discriminator.parameters.device()), {});
    result.errors += (output.argmax(1).cpu() != batch.labels).sum().item<int64_t>();
  }
  return result;
}

}  // namespace wgan
