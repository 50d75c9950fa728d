// Finding where a session starts, and putting its players there.
#include "wgan/run/start.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>

#include "wgan/net/network_json.h"
#include "wgan/nn/model_file.h"
#include "wgan/run/run_folder.h"

namespace wgan {
namespace {

// Of what the moments depend on.
void check_same_optimizers(TrainOptions run, TrainOptions here) {
  const Fields before = run.fields(), now = here.fields();
  for (const char* name : {"optimizer", "beta1", "beta2", "historical-averaging"}) {
    const std::string old = std::ranges::find(before, name, &Field::name)->text();
    const std::string text = std::ranges::find(now, name, &Field::name)->text();
    if (old == text) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("--keep-optimizer: --{} is {} in the run and {} here, and the moments "
                            "that it has would be wrong",
                            name, old, text),
                fmt::format("leave out --keep-optimizer or --{}", name));
  }
}

}  // namespace

Start resume_at(const std::string& run_or_checkpoint, const std::filesystem::path& runs,
                const OnDamaged& on_damaged) {
  Start start{.kind = Start::Kind::kResume};
  start.run = run_named(run_or_checkpoint, runs);
  start.lock = lock_run(start.run);
  // Where it is no path it is "latest", which may be another run by now.
  const bool path = std::filesystem::exists(run_or_checkpoint);
  start.checkpoint =
      find_checkpoint(path ? run_or_checkpoint : start.run.string(), runs, on_damaged);
  return start;
}

Players started_players(const Networks& networks, const Dataset& dataset,
                        const TrainOptions& options, const std::string& device,
                        const Start& start) {
  if (start.kind == Start::Kind::kNew) return make_players(networks, options, device);
  const CheckpointState state = read_checkpoint_state(start.checkpoint);
  const bool resumed = start.kind == Start::Kind::kResume;
  if (network_to_json(state.networks.generator) != network_to_json(networks.generator) ||
      network_to_json(state.networks.critic) != network_to_json(networks.critic)) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{} has other networks than these options and data make",
                            start.checkpoint.string()),
                "compare them: wgan describe CHECKPOINT, and wgan train --dry-run --verbose");
  }
  if (resumed && state.data.identity != dataset.identity) {
    throw Error(
        ErrorKind::kIncompatible,
        fmt::format("{} is not the data that {} was trained on", dataset.name, start.run.string()),
        "give the path of the same data, or start a new run with --from");
  }
  check_model_file(start.checkpoint / "generator.safetensors", networks.generator);
  check_model_file(start.checkpoint / "critic.safetensors", networks.critic);
  Players players = make_players(networks, options, device);
  if (resumed) {
    read_players(start.checkpoint, state, players);
  } else {
    read_models(start.checkpoint, players);
    if (start.keep_optimizer) {
      check_same_optimizers(state.options.train, options);
      read_optimizers(start.checkpoint, state, players);
    }
  }
  return players;
}

}  // namespace wgan
