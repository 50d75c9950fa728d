// A network as JSON, for checkpoints. Knows no LibTorch.
#pragma once

#include <nlohmann/json.hpp>

#include "wgan/net/layer.h"

namespace wgan {

// {"input": [...], "layers": [{"type": "conv2d", "in": 1, ...}, ...]}
nlohmann::ordered_json network_to_json(const Network& network);

// The inverse. Throws Error(kIncompatible) where the JSON is no network whose layers fit together.
Network network_from_json(const nlohmann::ordered_json& json);

}  // namespace wgan
