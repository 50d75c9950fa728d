// Networks as JSON, and back with every number checked.
#include "wgan/net/network_json.h"

#include <fmt/format.h>

#include <utility>

#include "wgan/core/error.h"
#include "wgan/io/json_fields.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostLayers = 10'000;

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::kIncompatible, what); }

// Reads lists of layers, one within another where there are residual sums.
class LayerReader {
 public:
  Layers read_layers(const Json& json, const char* key) {
    const auto list = json.find(key);
    if (list == json.end()) refuse(fmt::format("'{}' is missing", key));
    if (!list->is_array()) refuse(fmt::format("'{}' has the wrong type", key));
    if (++depth_ > kDeepest) refuse("residual sums within one another");
    Layers layers;
    for (const Json& entry : *list) {
      if (!entry.is_object()) refuse("a layer is no JSON object");
      if (++count_ > kMostLayers) refuse(fmt::format("more than {} layers", kMostLayers));
      layers.push_back(read_layer(entry, Layer{}));
    }
    --depth_;
    return layers;
  }

 private:
  template <class... Kinds>
  Layer read_layer(const Json& json, std::variant<Kinds...>) {
    Layer layer;
    const auto type = json_field<std::string>(json, "type");
    if (!(read_layer_as<Kinds>(type, json, layer) || ...)) refuse("unknown layer '" + type + "'");
    return layer;
  }

  template <class One>
  bool read_layer_as(const std::string& type, const Json& json, Layer& layer) {
    if (type != One::kName) return false;
    One one;
    One::visit(one, [&](const char* key, auto& member) {
      using Member = std::decay_t<decltype(member)>;
      if constexpr (std::is_same_v<Member, Layers>) {
        member = read_layers(json, key);
      } else {
        member = json_field<Member>(json, key);
      }
    });
    layer = std::move(one);
    return true;
  }

  static constexpr int kDeepest = 8;
  int depth_ = 0;
  size_t count_ = 0;
};

Json layers_to_json(const Layers& layers) {
  Json list = Json::array();
  for (const Layer& layer : layers) {
    Json entry;
    entry["type"] = layer_name(layer);
    std::visit(
        [&](const auto& l) {
          std::decay_t<decltype(l)>::visit(l, [&](const char* key, const auto& member) {
            if constexpr (std::is_same_v<std::decay_t<decltype(member)>, Layers>) {
              entry[key] = layers_to_json(member);
            } else {
              entry[key] = member;
            }
          });
        },
        layer);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

Json network_to_json(const Network& network) {
  Json json = {{"input", network.input}, {"layers", layers_to_json(network.layers)}};
  if (network.spectral_norm) json["spectral_norm"] = true;
  if (network.weight_norm) json["weight_norm"] = true;
  return json;
}

Network network_from_json(const Json& json) {
  try {
    if (!json.is_object()) refuse("it is no JSON object");
    const auto flag = [&](const char* name) {
      return json.contains(name) && json_field<bool>(json, name);
    };
    const Network network{json_field<Shape>(json, "input"),
                          LayerReader().read_layers(json, "layers"), flag("spectral_norm"),
                          flag("weight_norm")};
    output_shape(network);
    return network;
  } catch (const Error& error) {
    refuse(std::string("the network description is damaged: ") + error.what());
  }
}

}  // namespace wgan
