// Options of a resumed run: speed, length and what is shown may change, results may not.
#include "wgan/cli/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wgan/core/counted.h"

namespace wgan {
namespace {

// Whether the learning rates, or the instance noise, at a step depend on the option.
bool shapes_schedule(const std::string& name, const TrainOptions& o) {
  return (o.optimizer.lr_decay || o.stabilisers.instance_noise > 0) &&
         (name == "steps" || (name == "time" && o.length.steps == 0));
}

// Why the option cannot change, or "".
std::string objection(const Field& field, const TrainOptions& run) {
  const std::string& name = field.name;
  if (name == "data") return "";  // the same data may lie elsewhere; their identity is compared
  if (name == "out" || name == "name") return "the run has its folder";
  if (field.effect == Effect::kResult) return "it changes the results";
  if (shapes_schedule(name, run)) {
    return run.optimizer.lr_decay ? "the decay of the learning rates depends on it"
                                  : "the decay of the instance noise depends on it";
  }
  return "";
}

}  // namespace

std::vector<std::string> change_options(const Settings& settings, CheckpointState& state) {
  std::vector<std::string> changes, refusals;
  const TrainOptions run = state.options.train;
  Fields fields = state.data_options.fields();
  for (Field& field : state.options.fields()) fields.push_back(std::move(field));
  for (const Field& field : fields) {
    const std::string before = field.text();
    apply_settings(settings, Fields{field});
    const std::string after = field.text();
    if (after == before) continue;
    const std::string why = objection(field, run);
    if (why.empty()) {
      changes.push_back(fmt::format("{}: {} -> {}", field.name, before, after));
    } else {
      refusals.push_back(
          fmt::format("--{} is {} in the run and {} here ({})", field.name, before, after, why));
    }
  }
  if (!refusals.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("a resumed run keeps its options: {}", fmt::join(refusals, "; ")),
                "leave them out, or start a new run from its weights with --from");
  }
  if (state.options.train.length.steps > 0 && state.step >= state.options.train.length.steps) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the run is done: {} of {}", state.step,
                            counted(state.options.train.length.steps, "step")),
                run.optimizer.lr_decay ? "start a new run from its weights with --from"
                                       : "give more --steps");
  }
  return changes;
}

}  // namespace wgan
