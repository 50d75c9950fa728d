// Descriptions of networks.
#include "wgan/nn/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/nn/parameters.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostLayers = 10'000;

std::string layer_text(const Layer& layer) {
  return std::visit(
      Match{[](const Linear& l) { return fmt::format("{} -> {}", l.in, l.out); },
            [](const Conv2d& l) {
              return fmt::format("{} -> {}, kernel {}, stride {}", l.in, l.out, l.kernel, l.stride);
            },
            [](const ConvTranspose2d& l) {
              return fmt::format("{} -> {}, kernel {}, stride {}", l.in, l.out, l.kernel, l.stride);
            },
            [](const UpsampleConv2d& l) { return fmt::format("{} -> {}", l.in, l.out); },
            [](const LeakyRelu& l) {
              return l.slope == 0 ? std::string("(relu)") : fmt::format("slope {}", l.slope);
            },
            [](const auto&) { return std::string(); }},
      layer);
}

const char* layer_name(const Layer& layer) {
  return std::visit([](const auto& l) { return std::decay_t<decltype(l)>::kName; }, layer);
}

int64_t layer_flops(const Layer& layer, const Shape& input, const Shape& output) {
  return std::visit(
      Match{[](const Linear& l) { return 2 * l.in * l.out; },
            [&](const Conv2d& l) { return 2 * l.in * l.kernel * l.kernel * elements(output); },
            [&](const ConvTranspose2d& l) {
              return 2 * l.out * l.kernel * l.kernel * elements(input);
            },
            [&](const UpsampleConv2d& l) { return 2 * l.in * 4 * elements(output); },
            [](const Reshape&) { return int64_t{0}; }, [](const Pad&) { return int64_t{0}; },
            [](const Crop&) { return int64_t{0}; }, [](const Upsample2x&) { return int64_t{0}; },
            [&](const MeanPool2x&) { return elements(input); },
            [&](const GlobalMean&) { return elements(input); },
            [&](const BatchNorm&) { return 2 * elements(output); },
            [&](const auto&) { return elements(output); }},
      layer);
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorKind::kIncompatible, "the network description is damaged: " + what);
}

// The library would turn true or 1.5 into an int64_t, and 1e300 into whatever it likes.
template <class Value>
bool is_exactly(const Json& json) {
  if constexpr (std::is_same_v<Value, int64_t>) {
    return json.is_number_integer() &&
           (!json.is_number_unsigned() || std::in_range<int64_t>(json.get<uint64_t>()));
  } else if constexpr (std::is_same_v<Value, double>) {
    return json.is_number();
  } else if constexpr (std::is_same_v<Value, Shape>) {
    return json.is_array() && std::ranges::all_of(json, is_exactly<int64_t>);
  } else {
    return true;  // the library is strict with the others
  }
}

template <class Value>
Value read(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) refuse(fmt::format("'{}' is missing", key));
  try {
    if (is_exactly<Value>(*found)) return found->get<Value>();
  } catch (const nlohmann::json::exception&) {
  }
  refuse(fmt::format("'{}' has the wrong type", key));
}

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
    const auto type = read<std::string>(json, "type");
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
        member = read<Member>(json, key);
      }
    });
    layer = std::move(one);
    return true;
  }

  static constexpr int kDeepest = 8;
  int depth_ = 0;
  size_t count_ = 0;
};

// One row a layer, in the order of their numbers.
void describe_layers(const Layers& layers, const Shape& input, const std::string& indent,
                     std::vector<LayerDescription>& rows) {
  Shape shape = input;
  for (const Layer& layer : layers) {
    const Shape next = output_shape(layer, shape);
    rows.push_back({fmt::format("{}{} {}", indent, layer_name(layer), layer_text(layer)), next, 0,
                    layer_flops(layer, shape, next)});
    if (const auto* residual = std::get_if<Residual>(&layer)) {
      describe_layers(residual->body, shape, indent + "  ", rows);
      describe_layers(residual->shortcut, shape, indent + "+ ", rows);
    }
    shape = next;
  }
}

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

std::vector<LayerDescription> describe(const Network& network) {
  output_shape(network);  // names the layer that does not fit
  std::vector<LayerDescription> rows;
  describe_layers(network.layers, network.input, "", rows);
  for (const Slot& slot : parameter_slots(network)) {
    rows[slot.layer].parameters += elements(slot.shape);
  }
  return rows;
}

std::string describe_table(const Network& network, const std::string& title) {
  const auto rows = describe(network);
  std::string table = fmt::format("{} (input {})\n", title, shape_text(network.input));
  table += fmt::format("  {:<44} {:>12} {:>12} {:>14}\n", "layer", "output", "parameters", "FLOPs");
  int64_t parameters = 0, flops = 0;
  for (const LayerDescription& row : rows) {
    table += fmt::format("  {:<44} {:>12} {:>12} {:>14}\n", row.text, shape_text(row.output),
                         row.parameters, row.flops);
    parameters += row.parameters;
    flops += row.flops;
  }
  return table + fmt::format("  {:<44} {:>12} {:>12} {:>14}\n", "total", "", parameters, flops);
}

Json network_to_json(const Network& network) {
  return {{"input", network.input}, {"layers", layers_to_json(network.layers)}};
}

Network network_from_json(const Json& json) {
  if (!json.is_object()) refuse("it is no JSON object");
  const Network network{read<Shape>(json, "input"), LayerReader().read_layers(json, "layers")};
  try {
    output_shape(network);
  } catch (const Error& error) {
    refuse(error.what());
  }
  return network;
}

}  // namespace wgan
