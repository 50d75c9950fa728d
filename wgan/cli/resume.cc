// Options of a resumed run: speed, length and what is shown may change, results may not.
#include "wgan/cli/resume.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wgan {
namespace {

// Whether the learning rates, or the instance noise, at a step depend on the option.
bool shapes_schedule(const std::string& name, const TrainOptions& o) {
  return (o.lr_decay || o.instance_noise > 0) &&
         (name == "steps" || (name == "time" && o.steps == 0));
}

// Why the option cannot change, or "".
std::string objection(const FieldInfo& info, const TrainOptions& run) {
  const std::string name = info.name;
  if (name == "data") return "";  // the same data may lie elsewhere; their identity is compared
  if (name == "out" || name == "name") return "the run has its folder";
  if (info.effect == Effect::kResult) return "it changes the results";
  if (shapes_schedule(name, run)) {
    return run.lr_decay ? "the decay of the learning rates depends on it"
                        : "the decay of the instance noise depends on it";
  }
  return "";
}

}  // namespace

std::vector<std::string> change_options(const Settings& settings, CheckpointState& state) {
  std::vector<std::string> changes, refusals;
  const TrainOptions run = state.options;
  const auto compare = [&](const FieldInfo& info, auto& value) {
    for (const Setting& setting : settings) {
      if (setting.name != info.name) continue;
      const std::string before = field_text(value);
      read_field("--" + setting.name, setting.text, value);
      const std::string after = field_text(value);
      if (after == before) continue;
      const std::string why = objection(info, run);
      if (why.empty()) {
        changes.push_back(fmt::format("{}: {} -> {}", info.name, before, after));
      } else {
        refusals.push_back(
            fmt::format("--{} is {} in the run and {} here ({})", info.name, before, after, why));
      }
    }
  };
  DataOptions::visit(state.data_options, compare);
  TrainOptions::visit(state.options, compare);
  if (!refusals.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("a resumed run keeps its options: {}", fmt::join(refusals, "; ")),
                "leave them out, or start a new run from its weights with --from");
  }
  if (state.options.steps > 0 && state.step >= state.options.steps) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("the run is done: {} of {} steps", state.step, state.options.steps),
        run.lr_decay ? "start a new run from its weights with --from" : "give more --steps");
  }
  return changes;
}

}  // namespace wgan
