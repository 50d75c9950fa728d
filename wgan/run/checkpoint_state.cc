// state.json of a checkpoint: to JSON, and back with every part checked against the others.
#include "wgan/run/checkpoint_state.h"

#include "wgan/core/error.h"
#include "wgan/core/utf8.h"
#include "wgan/io/json_fields.h"
#include "wgan/net/network_json.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

// The parts of state.json must agree with each other: they come from a file.
void check_consistency(const CheckpointState& state, const Known& known) {
  const auto want = [](bool good, const char* what) {
    if (!good) throw Error(ErrorKind::kIncompatible, what);
  };
  for (const int64_t counter : {state.critic_steps, state.tick_critic_steps,
                                state.tick_penalty_steps, state.tick_generator_steps,
                                state.generator_optimizer_steps, state.critic_optimizer_steps}) {
    want(counter >= 0 && counter <= kMostSteps, "a counter is out of range");
  }
  want(state.seconds >= 0, "the time is negative");
  want(state.part.number >= 0 &&
           state.part.number < std::ssize(parts_of(state.options.train.length)),
       "the run has no such part");
  want(state.part.step >= 0 && state.part.step <= state.step && state.part.seconds >= 0 &&
           state.part.seconds <= state.seconds,
       "the part does not begin within the training");
  want(state.steering.strength >= 0 && state.steering.strength <= 1,
       "the strength of the augmentation is out of range");
  want(state.patience_from >= 0 && state.patience_from <= state.step,
       "patience does not begin within the training");
  want(state.networks.critic.input ==
           with_conditions(sample_shape(state.data.shape), known.conditions),
       "the critic does not take the data's shape");
}

// What is written where it is not as it usually is, and not there in older files.
void read_later_fields(const Json& json, CheckpointState& state) {
  state.generator_optimizer_steps = state.step;
  state.critic_optimizer_steps = state.critic_steps;
  state.tick_penalty_steps = state.tick_critic_steps;
  if (json.contains("tick_penalty_steps")) {
    state.tick_penalty_steps = json_field<int64_t>(json, "tick_penalty_steps");
  }
  if (json.contains("optimizer_steps")) {
    const auto steps = json_field<std::vector<int64_t>>(json, "optimizer_steps");
    if (steps.size() != 2) throw Error(ErrorKind::kIncompatible, "'optimizer_steps' are not two");
    state.generator_optimizer_steps = steps[0];
    state.critic_optimizer_steps = steps[1];
  }
  if (json.contains("part")) {
    const Json& part = json.at("part");
    state.part = {.number = json_field<int64_t>(part, "number"),
                  .step = json_field<int64_t>(part, "step"),
                  .seconds = json_field<double>(part, "seconds")};
  }
  if (json.contains("steering")) {
    const Json& steering = json.at("steering");
    state.steering = {.strength = json_field<double>(steering, "strength"),
                      .lead = json_field<double>(steering, "lead"),
                      .height = json_field<double>(steering, "height")};
  }
  if (json.contains("patience_from")) {
    state.patience_from = json_field<int64_t>(json, "patience_from");
  }
}

}  // namespace

Json state_to_json(const CheckpointState& state) {
  Json json = state_head();
  json["step"] = state.step;
  json["critic_steps"] = state.critic_steps;
  json["seconds"] = state.seconds;
  json["tick_critic_steps"] = state.tick_critic_steps;
  json["tick_generator_steps"] = state.tick_generator_steps;
  if (state.tick_penalty_steps != state.tick_critic_steps) {
    json["tick_penalty_steps"] = state.tick_penalty_steps;
  }
  if (state.generator_optimizer_steps != state.step ||
      state.critic_optimizer_steps != state.critic_steps) {
    json["optimizer_steps"] = {state.generator_optimizer_steps, state.critic_optimizer_steps};
  }
  if (state.part.number > 0) {
    json["part"] = {
        {"number", state.part.number}, {"step", state.part.step}, {"seconds", state.part.seconds}};
  }
  if (state.options.train.augment.target > 0) {
    json["steering"] = {{"strength", state.steering.strength},
                        {"lead", state.steering.lead},
                        {"height", state.steering.height}};
  }
  if (state.patience_from > 0) json["patience_from"] = state.patience_from;
  json["options"] = options_to_json(state.options);
  json["data_options"] = options_to_json(state.data_options);
  json["data_options"]["data"] = utf8_text(state.data_options.data);
  json["data"] = data_to_json(state.data);
  json["generator"] = network_to_json(state.networks.generator);
  json["critic"] = network_to_json(state.networks.critic);
  return json;
}

CheckpointState state_from_json(const Json& json, const std::filesystem::path& file) {
  CheckpointState state;
  read_state(json, file, [&](const Json& parts) {
    GeneratorState generator = generator_part(parts);
    state.step = generator.step;
    state.data = std::move(generator.data);
    state.networks.generator = std::move(generator.network);
    state.critic_steps = json_field<int64_t>(parts, "critic_steps");
    state.seconds = json_field<double>(parts, "seconds");
    state.tick_critic_steps = json_field<int64_t>(parts, "tick_critic_steps");
    state.tick_generator_steps = json_field<int64_t>(parts, "tick_generator_steps");
    read_later_fields(parts, state);
    state.options = options_from_json<SessionOptions>(parts.at("options"));
    state.data_options = options_from_json<DataOptions>(parts.at("data_options"));
    state.networks.critic = network_from_json(parts.at("critic"));
    check_consistency(state, generator.known);
  });
  return state;
}

CheckpointState read_checkpoint_state(const std::filesystem::path& checkpoint) {
  return state_from_json(read_state_json(checkpoint), checkpoint / kStateFile);
}

}  // namespace wgan
