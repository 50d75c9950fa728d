// The estimate, and what the system has.
#include "wgan/run/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "wgan/core/amounts.h"
#include "wgan/net/describe.h"
#include "wgan/net/slots.h"
#include "wgan/run/device.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/critic_sweeps.h"
#include "wgan/train/trainer.h"

namespace wgan {
namespace {

// Elements of one sample in all tensors that layers with weights make; activations work in place.
double kept_elements(const Network& network) {
  int64_t sum = elements(network.input);
  for (const LayerDescription& layer : describe(network)) {
    if (layer.parameters > 0) sum += elements(layer.output);
  }
  return static_cast<double>(sum);
}

// Bytes that the system could still give this process; 0 where it does not say.
double free_bytes() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  double kilobytes = 0;
  while (meminfo >> key >> kilobytes) {
    if (key == "MemAvailable:") return 1024 * kilobytes;
    meminfo.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

// Rows like these of half the size, to measure the time that they take: what they show is no
// matter. None where half the size cannot be trained.
std::optional<Dataset> halved(const Dataset& dataset, const TrainOptions& options) {
  constexpr int64_t kLeast = 16;
  Dataset half = dataset;
  for (const size_t side : {0, 1}) {
    if (half.shape[side] % 2 != 0 || half.shape[side] < 2 * kLeast) return std::nullopt;
    half.shape[side] /= 2;
  }
  half.read_row = [](int64_t row, std::span<std::byte> out) {
    std::ranges::fill(out, static_cast<std::byte>(row & 0xff));
  };
  try {
    check_options(options, half);
  } catch (const Error&) {  // --net resnet wants 28 pixels
    return std::nullopt;
  }
  return half;
}

// "64x64" of --size 64; "96x64" stays.
std::string pixels_text(const std::string& size) {
  return size.find('x') == std::string::npos ? size + "x" + size : size;
}

// Seconds that the extensions take from here on.
double extension_seconds(const Length& length, const Taken& taken, double step_seconds) {
  double seconds = 0;
  for (const PartLength& part : parse_extensions(length.extend)) {
    seconds += part.time.seconds + static_cast<double>(part.steps) * step_seconds;
  }
  const auto steps = static_cast<double>(taken.steps - length.steps);
  const double beyond =
      length.steps > 0 ? steps * step_seconds : taken.seconds - length.time.seconds;
  return std::max(0.0, seconds - std::max(0.0, beyond));
}

}  // namespace

double memory_need(const Networks& networks, const TrainOptions& options) {
  const auto generator = static_cast<double>(parameter_count(networks.generator));
  const auto critic = static_cast<double>(parameter_count(networks.critic));
  // Weights, gradients and two moments each, the average, and what a checkpoint copies.
  const double weights = 6 * generator + 5 * critic;
  const auto batch = static_cast<double>(options.batches.size);
  const double in_critic = kept_elements(networks.critic);
  const double in_generator = kept_elements(networks.generator);
  // Sweeps keep a value and an adjoint of each element of the rows they take at a time; double
  // backward keeps about five tensors of all rows.
  double critic_step = 5 * 3 * batch * in_critic;
  const CriticObjective objective = critic_objective(options, /*conditions=*/0);
  if (takes_sweeps(networks.critic, objective)) {
    critic_step =
        2 * in_critic *
        static_cast<double>(rows_at_once(networks.critic, options.batches.size, objective));
  }
  const double generator_step = batch * (3 * in_generator + 2 * in_critic);
  const double samples = 6 * batch * static_cast<double>(elements(networks.critic.input));
  constexpr double kIdle = 1.3;  // measured: freed blocks that do not fit what is asked for next
  return 4 * kIdle * (weights + samples + std::max(critic_step, generator_step));
}

void check_memory(const Networks& networks, const TrainOptions& options) {
  const double have = free_bytes(), need = memory_need(networks, options);
  if (have <= 0 || need <= have) return;
  TrainOptions fitting = options;
  while (fitting.batches.size > 2 && memory_need(networks, fitting) > 0.8 * have)
    fitting.batches.size /= 2;
  const bool fits = memory_need(networks, fitting) <= have;
  throw Error(ErrorKind::kMemory,
              fmt::format("training needs about {:.1f} GB of memory, and {:.1f} GB are free",
                          need / 1e9, have / 1e9),
              fits ? fmt::format("use --batch {}, or a smaller --width", fitting.batches.size)
                   : "use a smaller --width or --size");
}

Estimate estimate(const Dataset& dataset, const SessionOptions& options) {
  constexpr int64_t kMeasuredSteps = 3, kQuickSteps = 20;
  constexpr double kQuick = 0.2;  // seconds; what takes less is measured again, over more steps
  const Networks networks = build_networks(options.train, dataset);
  Estimate result;
  const int64_t generator = parameter_count(networks.generator);
  const int64_t critic = parameter_count(networks.critic);
  result.parameters = generator + critic;
  result.memory_bytes = memory_need(networks, options.train);
  result.free_bytes = free_bytes();

  TrainOptions trial = options.train;
  trial.cadence.checkpoint_every.seconds = 0;
  trial.cadence.evaluate_every = 0;
  trial.length = {};
  trial.objective.critic_bursts = false;
  trial.augment.target = 0;  // held-out rows are not at hand, and one step in 16 costs little
  Players players =
      make_players(networks, trial, resolve_device(options.run.device, trial.compute.precision));
  const auto seconds_of = [&](int64_t steps) {
    trial.length.steps = players.step + steps;
    const auto start = std::chrono::steady_clock::now();
    train(players, dataset, trial, {});
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  seconds_of(1);  // the first step pays for set-up
  const double seconds = seconds_of(kMeasuredSteps);
  result.seconds_per_step = seconds > kQuick
                                ? seconds / static_cast<double>(kMeasuredSteps)
                                : seconds_of(kQuickSteps) / static_cast<double>(kQuickSteps);
  return result;
}

Outlook outlook(const Dataset& dataset, const SessionOptions& options, bool resizable,
                const Taken& taken) {
  const TrainOptions& o = options.train;
  Outlook result{.need = estimate(dataset, options)};
  const double step_seconds = result.need.seconds_per_step;
  const auto rows_per_step = static_cast<double>(o.batches.size * o.objective.n_critic);
  const double seconds_left = std::max(0.0, o.length.time.seconds - taken.seconds);
  const double in_time = seconds_left / step_seconds;
  const auto to_do = static_cast<double>(std::max<int64_t>(0, o.length.steps - taken.steps));
  result.timed = o.length.time.seconds > 0 && (o.length.steps == 0 || in_time < to_do);
  if (result.timed || o.length.steps > 0) {
    const double more = extension_seconds(o.length, taken, step_seconds);
    const double steps = (result.timed ? std::max(1.0, in_time) : to_do) + more / step_seconds;
    result.steps = static_cast<int64_t>(steps);
    result.seconds = more + (result.timed ? seconds_left : to_do * step_seconds);
    result.rows = (steps + static_cast<double>(taken.steps)) * rows_per_step;
    result.epochs = result.rows / static_cast<double>(dataset.size);
  }
  const TrainOptions fast = default_options(dataset);
  result.enough =
      static_cast<double>(fast.length.steps * fast.batches.size * fast.objective.n_critic);
  if (!dataset.is_image()) return result;
  result.size = field_text(PictureSize(dataset.shape[1], dataset.shape[0]));
  if (!resizable || !result.timed || result.rows >= result.enough) return result;
  if (const std::optional<Dataset> half = halved(dataset, o)) {
    const double half_seconds = estimate(*half, options).seconds_per_step;
    result.half_size = field_text(PictureSize(half->shape[1], half->shape[0]));
    result.half_rows = o.length.time.seconds / half_seconds * rows_per_step;
  }
  return result;
}

std::vector<std::string> advice(const Outlook& outlook, const SessionOptions& options) {
  if (outlook.seconds < 0 || outlook.rows >= outlook.enough || outlook.rows <= 0) return {};
  const TrainOptions& o = options.train;
  const std::string rows = outlook.size.empty() ? "rows" : "pictures";
  const std::string at = outlook.size.empty() ? "" : " of " + pixels_text(outlook.size);
  std::vector<std::string> sentences{fmt::format("{} {}{} are few: recipe fast takes {}",
                                                 rough_text(outlook.rows), rows, at,
                                                 count_text(outlook.enough))};
  if (!outlook.half_size.empty()) {
    sentences.push_back(fmt::format("in the same time {} pass at {} (measured): --size {}",
                                    rough_text(outlook.half_rows), pixels_text(outlook.half_size),
                                    outlook.half_size));
  }
  const double steps =
      std::ceil(outlook.enough / static_cast<double>(o.batches.size * o.objective.n_critic));
  const double minutes = std::ceil(steps * outlook.need.seconds_per_step / 60);
  sentences.push_back(
      outlook.timed ? fmt::format("for {} of them: --time {}", count_text(outlook.enough),
                                  format_duration({60 * minutes}))
                    : fmt::format("for {} of them: --steps {:.0f}, about {}",
                                  count_text(outlook.enough), steps, duration_text(60 * minutes)));
  return sentences;
}

}  // namespace wgan
