// A network as a table for people and as JSON for checkpoints.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wgan/nn/layer.h"

namespace wgan {

struct LayerDescription {
  std::string text;        // "conv2d 1 -> 64, kernel 5, stride 2"
  Shape output;            // of one sample
  int64_t parameters = 0;  // trained numbers
  int64_t flops = 0;       // forward, one sample; a multiply and an add are two; 0 for reshaping
};

// One entry a layer. Throws as output_shape does.
std::vector<LayerDescription> describe(const Network& network);

// The entries as an aligned table with a line of totals. title: printed first.
std::string describe_table(const Network& network, const std::string& title);

// {"input": [...], "layers": [{"type": "conv2d", "in": 1, ...}, ...]}
nlohmann::ordered_json network_to_json(const Network& network);

// The inverse. Throws Error(kIncompatible) where the JSON is no network whose layers fit together.
Network network_from_json(const nlohmann::ordered_json& json);

}  // namespace wgan
