// state.json of a checkpoint: to JSON, and back with every part checked against the others.
#include "wgan/train/checkpoint_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "wgan/io/json_fields.h"
#include "wgan/io/mapped_file.h"
#include "wgan/nn/network_json.h"
#include "wgan/train/known.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 3;
constexpr const char* kFormat = "wgan-checkpoint";
constexpr int64_t kMostSteps = int64_t{1} << 40;  // keeps numbers of images within int64
constexpr int64_t kLargestLatent = int64_t{1} << 20;

Json data_to_json(const DataDescription& data) {
  Json json;
  json["name"] = data.name;
  json["identity"] = data.identity;
  json["shape"] = data.shape;
  json["class_names"] = data.class_names;
  json["mean"] = data.scale.mean;
  json["deviation"] = data.scale.deviation;
  json["condition_mean"] = data.condition_scale.mean;
  json["condition_deviation"] = data.condition_scale.deviation;
  return json;
}

DataDescription data_from_json(const Json& json) {
  DataDescription data;
  data.name = json_field<std::string>(json, "name");
  data.identity = json_field<std::string>(json, "identity");
  data.shape = json_field<std::vector<int64_t>>(json, "shape");
  data.class_names = json_field<std::vector<std::string>>(json, "class_names");
  data.scale.mean = json_field<std::vector<float>>(json, "mean");
  data.scale.deviation = json_field<std::vector<float>>(json, "deviation");
  data.condition_scale.mean = json_field<std::vector<float>>(json, "condition_mean");
  data.condition_scale.deviation = json_field<std::vector<float>>(json, "condition_deviation");
  return data;
}

// The parts of state.json must agree with each other: they come from a file.
void check_consistency(const CheckpointState& state) {
  const auto want = [](bool good, const char* what) {
    if (!good) throw Error(ErrorKind::kIncompatible, what);
  };
  const Shape& shape = state.data.shape;
  for (const int64_t counter :
       {state.step, state.critic_steps, state.tick_critic_steps, state.tick_generator_steps}) {
    want(counter >= 0 && counter <= kMostSteps, "a counter is out of range");
  }
  want(state.seconds >= 0, "the time is negative");
  want(shape.size() == 1 || shape.size() == 3, "the data's shape is neither [H, W, C] nor [D]");
  const Shape sample = shape.size() == 3 ? Shape{shape[2], shape[0], shape[1]} : shape;
  const Networks& networks = state.networks;
  const Known known = known_of(state.options, state.data.class_names, state.data.condition_scale);
  want(state.options.latent >= 1 && state.options.latent <= kLargestLatent,
       "the latent vectors' length is out of range");
  want(networks.generator.input == Shape{state.options.latent + known.classes + known.conditions},
       "the generator does not take the latent vectors");
  want(output_shape(networks.generator) == sample, "the generator does not make the data's shape");
  want(networks.critic.input == with_conditions(sample, known.conditions),
       "the critic does not take the data's shape");
  const ColumnScale& scale = state.data.scale;
  for (const ColumnScale* columns : {&scale, &state.data.condition_scale}) {
    want(columns->mean.size() == columns->deviation.size(), "mean and deviation differ in length");
    want(std::ranges::all_of(columns->deviation, [](float d) { return d > 0; }),
         "a deviation is not above zero");
  }
  want(scale.empty() || Shape{static_cast<int64_t>(scale.mean.size())} == shape,
       "mean and deviation do not have the data's length");
}

Json read_json(const std::filesystem::path& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  const char* text = reinterpret_cast<const char*>(bytes.data());
  try {
    return Json::parse(text, text + bytes.size());
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{} is damaged: {}", path.string(), error.what()),
                "use another checkpoint of the run");
  }
}

}  // namespace

DataDescription describe_data(const Dataset& dataset) {
  return {dataset.name,        dataset.identity, dataset.shape,
          dataset.class_names, dataset.scale,    dataset.condition_scale};
}

Json state_to_json(const CheckpointState& state) {
  Json json;
  json["format"] = kFormat;
  json["version"] = kFormatVersion;
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
    const Json& version = json.at("version");
    if (version != kFormatVersion) {
      // Only a number is told: printing a value goes as deep as the file has brackets.
      refuse(fmt::format("its version {}, wanted {}",
                         version.is_number_integer() ? "is " + version.dump() : "is no number",
                         kFormatVersion));
    }
    CheckpointState state;
    state.step = json_field<int64_t>(json, "step");
    state.critic_steps = json_field<int64_t>(json, "critic_steps");
    state.seconds = json_field<double>(json, "seconds");
    state.tick_critic_steps = json_field<int64_t>(json, "tick_critic_steps");
    state.tick_generator_steps = json_field<int64_t>(json, "tick_generator_steps");
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

CheckpointState read_checkpoint_state(const std::filesystem::path& checkpoint) {
  const std::filesystem::path file = checkpoint / kStateFile;
  return state_from_json(read_json(file), file);
}

}  // namespace wgan
