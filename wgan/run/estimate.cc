// The estimate, and what the system has.
#include "wgan/run/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>
#include <string>

#include "wgan/net/describe.h"
#include "wgan/net/slots.h"
#include "wgan/run/device.h"
#include "wgan/train/critic_step.h"
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
  if (takes_sweeps(networks.critic, options.objective.kind, options.compute.critic_step)) {
    const auto widest =
        static_cast<double>(largest_output(networks.critic.layers, networks.critic.input));
    const auto most = static_cast<double>(CriticObjective().numbers_at_once);
    critic_step = 2 * in_critic * std::min(3 * batch, std::max(3.0, most / widest));
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
  constexpr int64_t kMeasuredSteps = 3;
  const Networks networks = build_networks(options.train, dataset);
  Estimate result;
  const int64_t generator = parameter_count(networks.generator);
  const int64_t critic = parameter_count(networks.critic);
  result.parameters = generator + critic;
  result.memory_bytes = memory_need(networks, options.train);

  TrainOptions trial = options.train;
  trial.cadence.checkpoint_every.seconds = 0;
  trial.length.time.seconds = 0;
  trial.objective.critic_bursts = false;
  Players players =
      make_players(networks, trial, resolve_device(options.run.device, trial.compute.precision));
  const TrainHooks silent{[](const Tick&) {}, [](const Players&) {}, [](const Players&) {},
                          [] { return false; }};
  trial.length.steps = 1;
  train(players, dataset, trial, silent);  // the first step pays for set-up
  trial.length.steps += kMeasuredSteps;
  const auto start = std::chrono::steady_clock::now();
  train(players, dataset, trial, silent);
  result.seconds_per_step =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
      kMeasuredSteps;
  return result;
}

}  // namespace wgan
