// Descriptions of networks.
#include "wgan/net/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/net/slots.h"

namespace wgan {
namespace {

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
            [](const GroupedConv2d& l) {
              return fmt::format("{} -> {}, kernel {}, stride {}, {}", l.in, l.out, l.kernel,
                                 l.stride, counted(l.groups, "group"));
            },
            [](const Projection& l) {
              return fmt::format("{} -> {}", l.in, counted(l.classes, "class", "classes"));
            },
            [](const ReferenceBatch& l) { return counted(l.rows, "row"); },
            [](const MinibatchDiscrimination& l) {
              return counted(l.kernels, "kernel") + " of " + counted(l.dimensions, "dimension");
            },
            [](const GaussianNoise& l) { return fmt::format("deviation {}", l.deviation); },
            [](const LeakyRelu& l) {
              return l.slope == 0 ? std::string("(relu)") : fmt::format("slope {}", l.slope);
            },
            [](const auto&) { return std::string(); }},
      layer);
}

int64_t layer_flops(const Layer& layer, const Shape& input, const Shape& output) {
  return std::visit(
      Match{[](const Linear& l) { return 2 * l.in * l.out; },
            [&](const Conv2d& l) { return 2 * l.in * l.kernel * l.kernel * elements(output); },
            [&](const ConvTranspose2d& l) {
              return 2 * l.out * l.kernel * l.kernel * elements(input);
            },
            [&](const UpsampleConv2d& l) { return 2 * l.in * 4 * elements(output); },
            [&](const GroupedConv2d& l) {
              return 2 * (l.in / l.groups) * l.kernel * l.kernel * elements(output);
            },
            [&](const Basis&) { return elements(output); },
            [&](const BasisTranspose&) { return 2 * elements(input); },
            [](const Projection& l) { return 2 * l.in * l.classes; },
            // A pass along each axis, of four weights, and of two where every other pixel is zero.
            [&](const FilterDown2x&) { return (2 + 1) * 7 * elements(output); },
            [&](const FilterUp2x&) { return 3 * elements(output) * 3 / 2; },
            [&](const MinibatchDeviation&) { return 5 * elements(input); },
            [&](const MeanPool2x&) { return elements(input); },
            [&](const GlobalMean&) { return elements(input); },
            [&](const BatchNorm&) { return 2 * elements(output); },
            [&](const LayerNorm&) { return 6 * elements(output); },
            [&](const VirtualBatchNorm&) { return 10 * elements(output); },
            [](const ReferenceBatch&) { return int64_t{0}; },
            [](const MinibatchDiscrimination& l) {  // and 3 kernels dimensions for each neighbour
              return 2 * l.in * l.kernels * l.dimensions;
            },
            [&]<class Kind>(const Kind&) {
              static_assert(!Kind::kTraits.parameters);
              // Activations, sums and noise compute each element; moving elements costs nothing.
              return Kind::kTraits.kind == LayerKind::kArrangement ? 0 : elements(output);
            }},
      layer);
}

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
  std::string table = fmt::format("{} (input {}{}{})\n", title, shape_text(network.input),
                                  network.spectral_norm ? ", spectral normalisation" : "",
                                  network.weight_norm ? ", weight normalisation" : "");
  size_t widest = 44;
  for (const LayerDescription& row : rows) widest = std::max(widest, row.text.size());
  const auto add = [&](const std::string& text, const std::string& output, const auto& count,
                       const auto& operations) {
    table +=
        fmt::format("  {:<{}} {:>12} {:>12} {:>14}\n", text, widest, output, count, operations);
  };
  add("layer", "output", "parameters", "FLOPs");
  int64_t parameters = 0, flops = 0;
  for (const LayerDescription& row : rows) {
    add(row.text, shape_text(row.output), row.parameters, row.flops);
    parameters += row.parameters;
    flops += row.flops;
  }
  add("total", "", parameters, flops);
  return table;
}

}  // namespace wgan
