// state.json of a checkpoint: to JSON, and back with every part checked against the others.
#include <fmt/format.h>
#include <torch/version.h>

#include "wgan/nn/describe.h"
#include "wgan/train/checkpoint.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 2;
constexpr const char* kFormat = "wgan-checkpoint";

Json data_to_json(const DataDescription& data) {
  Json json;
  json["name"] = data.name;
  json["identity"] = data.identity;
  json["shape"] = data.shape;
  json["class_names"] = data.class_names;
  json["mean"] = data.scale.mean;
  json["deviation"] = data.scale.deviation;
  return json;
}

DataDescription data_from_json(const Json& json) {
  DataDescription data;
  json.at("name").get_to(data.name);
  json.at("identity").get_to(data.identity);
  json.at("shape").get_to(data.shape);
  json.at("class_names").get_to(data.class_names);
  json.at("mean").get_to(data.scale.mean);
  json.at("deviation").get_to(data.scale.deviation);
  return data;
}

// The parts of state.json must agree with each other: they come from a file.
void check_consistency(const CheckpointState& state) {
  const auto want = [](bool good, const char* what) {
    if (!good) throw Error(ErrorKind::kIncompatible, what);
  };
  const Shape& shape = state.data.shape;
  want(state.step >= 0 && state.critic_steps >= 0 && state.seconds >= 0 &&
           state.tick_critic_steps >= 0 && state.tick_generator_steps >= 0,
       "a counter is negative");
  want(shape.size() == 1 || shape.size() == 3, "the data's shape is neither [H, W, C] nor [D]");
  const Shape sample = shape.size() == 3 ? Shape{shape[2], shape[0], shape[1]} : shape;
  const Networks& networks = state.networks;
  const auto classes = static_cast<int64_t>(state.data.class_names.size());
  want(networks.generator.input ==
           Shape{state.options.latent + (state.options.conditional ? classes : 0)},
       "the generator does not take the latent vectors");
  want(output_shape(networks.generator) == sample, "the generator does not make the data's shape");
  want(networks.critic.input == sample, "the critic does not take the data's shape");
  const ColumnScale& scale = state.data.scale;
  want(scale.mean.size() == scale.deviation.size(), "mean and deviation differ in length");
  want(scale.empty() || Shape{static_cast<int64_t>(scale.mean.size())} == shape,
       "mean and deviation do not have the data's length");
}

}  // namespace

DataDescription describe_data(const Dataset& dataset) {
  return {dataset.name, dataset.identity, dataset.shape, dataset.class_names, dataset.scale};
}

Json state_to_json(const CheckpointState& state) {
  Json json;
  json["format"] = kFormat;
  json["version"] = kFormatVersion;
  json["libtorch"] = TORCH_VERSION;
  json["step"] = state.step;
  json["critic_steps"] = state.critic_steps;
  json["seconds"] = state.seconds;
  json["tick_critic_steps"] = state.tick_critic_steps;
  json["tick_generator_steps"] = state.tick_generator_steps;
  json["options"] = options_to_json(state.options);
  json["data_options"] = options_to_json(state.data_options);
  json["data"] = data_to_json(state.data);
  json["generator"] = network_to_json(state.networks.generator);
  json["critic"] = network_to_json(state.networks.critic);
  return json;
}

CheckpointState state_from_json(const Json& json, const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::kIncompatible, fmt::format("{}: {}", file.string(), what),
                "it was not written by this version of wgan, or is damaged");
  };
  try {
    if (json.at("format") != kFormat) refuse("this is no wgan checkpoint");
    if (json.at("version") != kFormatVersion) {
      refuse(fmt::format("checkpoint version {}, wanted {}", json.at("version").dump(),
                         kFormatVersion));
    }
    CheckpointState state;
    json.at("step").get_to(state.step);
    json.at("critic_steps").get_to(state.critic_steps);
    json.at("seconds").get_to(state.seconds);
    json.at("tick_critic_steps").get_to(state.tick_critic_steps);
    json.at("tick_generator_steps").get_to(state.tick_generator_steps);
    state.options = options_from_json<TrainOptions>(json.at("options"));
    state.data_options = options_from_json<DataOptions>(json.at("data_options"));
    state.data = data_from_json(json.at("data"));
    state.networks.generator = network_from_json(json.at("generator"));
    state.networks.critic = network_from_json(json.at("critic"));
    check_consistency(state);
    return state;
  } catch (const nlohmann::json::exception& error) {
    refuse(error.what());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kIncompatible && !error.hint().empty()) throw;
    refuse(error.what());
  }
  throw Error(ErrorKind::kInternal, "unreachable");
}

}  // namespace wgan
