// Layer by layer: the operators of ONNX that do what each layer does.
#include "wgan/share/onnx.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/share/layer_tensors.h"
#include "wgan/share/protobuf.h"

namespace wgan {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Names = std::vector<std::string>;

constexpr int64_t kIrVersion = 8, kOpset = 17;
enum ElementType : int64_t { kFloat = 1, kUint8 = 2, kInt64 = 7 };

template <class Number>
std::string_view raw(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

ProtobufMessage tensor(const std::string& name, ElementType type, const Ints& shape,
                       std::string_view bytes) {
  ProtobufMessage message;
  for (const int64_t extent : shape) message.number(1, extent);
  return message.number(2, type).text(8, name).text(9, bytes);
}

// An input or output; a first extent of -1 is the batch.
ProtobufMessage value_info(const std::string& name, ElementType type, const Ints& shape) {
  ProtobufMessage extents;
  for (const int64_t extent : shape) {
    extents.message(
        1, extent < 0 ? ProtobufMessage().text(2, "N") : ProtobufMessage().number(1, extent));
  }
  const ProtobufMessage of_tensor = ProtobufMessage().number(1, type).message(2, extents);
  return ProtobufMessage().text(1, name).message(2, ProtobufMessage().message(1, of_tensor));
}

ProtobufMessage attribute(const char* name, int64_t value) {
  return ProtobufMessage().text(1, name).number(3, value).number(20, 2);
}
ProtobufMessage attribute(const char* name, double value) {
  return ProtobufMessage().text(1, name).real(2, static_cast<float>(value)).number(20, 1);
}
ProtobufMessage attribute(const char* name, const char* value) {
  return ProtobufMessage().text(1, name).text(4, value).number(20, 3);
}
ProtobufMessage attribute(const char* name, const Ints& values) {
  ProtobufMessage message;
  message.text(1, name);
  for (const int64_t value : values) message.number(8, value);
  return message.number(20, 7);
}

class OnnxGraph {
 public:
  explicit OnnxGraph(infer::GeneratorFile file)
      : state_(std::move(file.state)), tensors_(state_.network, std::move(file.tensors)) {
    shape_ = state_.network.input;
    current_ = inputs();
    through(state_.network.layers);
    outputs();
  }

  std::string model() const {
    ProtobufMessage opset;
    opset.number(2, kOpset);
    ProtobufMessage model;
    model.number(1, kIrVersion)
        .text(2, "wgan")
        .text(3, WGAN_VERSION)
        .message(7, ProtobufMessage(graph_).text(2, state_.data.name))
        .message(8, opset);
    for (const auto& [key, value] : generator_metadata(state_)) {
      model.message(14, ProtobufMessage().text(1, key).text(2, value));
    }
    return model.bytes();
  }

 private:
  // --- What the layers are written with. ---

  std::string fresh() { return fmt::format("t{}", ++names_); }

  std::string constant(const Floats& numbers, const Ints& shape) {
    const std::string name = fresh();
    graph_.message(5, tensor(name, kFloat, shape, raw(numbers)));
    return name;
  }
  std::string constant(float number) { return constant(Floats{number}, {}); }
  std::string constant(const Ints& numbers) {
    const std::string name = fresh();
    graph_.message(5, tensor(name, kInt64, {static_cast<int64_t>(numbers.size())}, raw(numbers)));
    return name;
  }

  // Appends a node; returns the name of its output.
  std::string node(const char* type, const Names& inputs,
                   const std::vector<ProtobufMessage>& attributes = {}, std::string output = {}) {
    if (output.empty()) output = fresh();
    ProtobufMessage message;
    for (const std::string& input : inputs) message.text(1, input);
    message.text(2, output).text(3, fmt::format("{}_{}", type, ++nodes_)).text(4, type);
    for (const ProtobufMessage& a : attributes) message.message(5, a);
    graph_.message(1, message);
    return output;
  }

  // A layer's weight and, where it has one, its bias.
  Names weights(const Shape& shape, bool bias) {
    Names names{constant(tensors_.next(), shape)};
    if (bias) {
      const Floats numbers = tensors_.next();
      names.push_back(constant(numbers, {static_cast<int64_t>(numbers.size())}));
    }
    return names;
  }

  // Numbers of the channels, to stand beside [N, C, H, W] or [N, D].
  std::string beside(const Floats& numbers) {
    const auto count = static_cast<int64_t>(numbers.size());
    return constant(numbers, shape_.size() == 3 ? Ints{count, 1, 1} : Ints{count});
  }

  void apply(const char* type, const Names& others = {},
             const std::vector<ProtobufMessage>& attributes = {}) {
    Names inputs{current_};
    inputs.insert(inputs.end(), others.begin(), others.end());
    current_ = node(type, inputs, attributes);
  }

  void reshape(Ints shape) {
    shape.insert(shape.begin(), 0);  // as it was: the batch
    apply("Reshape", {constant(shape)});
  }

  // --- Layers. ---

  void through(const Layers& layers) {
    write_layers(layers, shape_, [this](const auto& layer) { write(layer); });
  }

  void write(const Linear& l) {
    apply("Gemm", weights(l.weight_shape(), l.bias), {attribute("transB", int64_t{1})});
  }
  static std::vector<ProtobufMessage> sliding(int64_t kernel, int64_t stride, int64_t padding) {
    return {attribute("kernel_shape", Ints{kernel, kernel}),
            attribute("strides", Ints{stride, stride}),
            attribute("pads", Ints{padding, padding, padding, padding})};
  }
  void write(const Conv2d& l) {
    apply("Conv", weights(l.weight_shape(), l.bias), sliding(l.kernel, l.stride, l.padding));
  }
  void write(const GroupedConv2d& l) {
    auto attributes = sliding(l.kernel, l.stride, l.padding);
    attributes.push_back(attribute("group", l.groups));
    apply("Conv", weights(l.weight_shape(), l.bias), attributes);
  }
  void write(const ConvTranspose2d& l) {
    auto attributes = sliding(l.kernel, l.stride, l.padding);
    attributes.push_back(attribute("output_padding", Ints{l.output_padding, l.output_padding}));
    apply("ConvTranspose", weights(l.weight_shape(), l.bias), attributes);
  }
  void write(const UpsampleConv2d& l) {
    write(Upsample2x{});
    write(l.conv());
  }
  void write(const Basis& l) {
    const std::string basis = constant(tensors_.next(), l.weight_shape());
    reshape({l.channels, 1, 1});
    apply("Mul", {basis});
  }
  void write(const BasisTranspose& l) {
    apply("Mul", {constant(tensors_.next(), l.weight_shape())});
    apply("ReduceSum", {constant(Ints{2, 3})}, {attribute("keepdims", int64_t{0})});
  }
  void write(const LeakyRelu& l) {
    if (l.slope == 0) return apply("Relu");
    apply("LeakyRelu", {}, {attribute("alpha", l.slope)});
  }
  void write(const Tanh&) { apply("Tanh"); }
  void write(const Sigmoid&) { apply("Sigmoid"); }
  void write(const ScaledSoftplus&) {
    apply("Mul", {constant(2)});
    apply("Add", {constant(2)});
    apply("Softplus");
    apply("Mul", {constant(0.5F)});
    apply("Sub", {constant(1)});
  }
  void write(const BatchNorm& l) {
    Names names;
    const Ints shape{l.channels};
    names.push_back(constant(tensors_.next(), shape));
    names.push_back(constant(tensors_.next(), shape));
    names.push_back(constant(tensors_.next_memory(), shape));
    names.push_back(constant(tensors_.next_memory(), shape));
    apply("BatchNormalization", names, {attribute("epsilon", l.epsilon)});
  }
  void write(const LayerNorm& l) {
    const Floats scale = tensors_.next(), shift = tensors_.next();
    reshape({1, -1});
    apply("InstanceNormalization", {constant(Floats{1}, {1}), constant(Floats{0}, {1})},
          {attribute("epsilon", l.epsilon)});
    reshape(shape_);
    apply("Mul", {beside(scale)});
    apply("Add", {beside(shift)});
  }
  void write(const ReferenceBatch&) { tensors_.next_memory(); }
  void write(const VirtualBatchNorm& l) {
    const VirtualNormNumbers norm = tensors_.next_virtual_norm();
    const auto share = static_cast<float>(norm.share);
    const auto mixed = [&](const std::string& own, Floats common) {
      for (float& number : common) number *= 1 - share;
      return node("Add", {node("Mul", {own, constant(share)}), beside(common)});
    };
    const std::string x = current_;
    const auto own = [&](const std::string& of) {
      return shape_.size() == 1 ? of : node("ReduceMean", {of}, {attribute("axes", Ints{2, 3})});
    };
    const std::string mean = mixed(own(x), norm.mean);
    const std::string square = mixed(own(node("Mul", {x, x})), norm.square);
    const std::string variance = node("Relu", {node("Sub", {square, node("Mul", {mean, mean})})});
    const std::string deviation =
        node("Sqrt", {node("Add", {variance, constant(static_cast<float>(l.epsilon))})});
    current_ = node("Div", {node("Sub", {x, mean}), deviation});
    apply("Mul", {beside(norm.scale)});
    apply("Add", {beside(norm.shift)});
  }
  void write(const GaussianNoise&) { tensors_.next_memory(); }
  void write(const Reshape& l) { reshape(l.shape); }
  void write(const Pad& l) {
    apply("Pad", {constant(Ints{0, 0, l.before, l.before, 0, 0, l.after, l.after})});
  }
  void write(const Crop& l) {
    apply("Slice", {constant(Ints{0, 0}), constant(Ints{l.height, l.width}), constant(Ints{2, 3})});
  }
  void write(const MeanPool2x&) {
    apply("AveragePool", {},
          {attribute("kernel_shape", Ints{2, 2}), attribute("strides", Ints{2, 2})});
  }
  void write(const Upsample2x&) {
    apply("Resize", {"", constant(Floats{1, 1, 2, 2}, {4})},
          {attribute("mode", "nearest"), attribute("coordinate_transformation_mode", "asymmetric"),
           attribute("nearest_mode", "floor")});
  }
  void filter(const char* type, float scale) {
    constexpr float kTaps[] = {1, 3, 3, 1};
    const int64_t channels = shape_[0];
    Floats kernel;
    for (int64_t c = 0; c < channels; ++c) {
      for (const float y : kTaps) {
        for (const float x : kTaps) kernel.push_back(scale * y * x);
      }
    }
    auto attributes = sliding(4, 2, 1);
    attributes.push_back(attribute("group", channels));
    apply(type, {constant(kernel, {channels, 1, 4, 4})}, attributes);
  }
  void write(const FilterDown2x&) { filter("Conv", 1.0F / 64); }
  void write(const FilterUp2x&) { filter("ConvTranspose", 1.0F / 16); }
  void write(const GlobalMean&) {
    apply("ReduceMean", {}, {attribute("axes", Ints{2, 3}), attribute("keepdims", int64_t{0})});
  }
  void write(const Residual& l) {
    const std::string before = current_;
    const Shape shape = shape_;
    through(l.body);
    const std::string body = current_;
    current_ = before, shape_ = shape;
    through(l.shortcut);
    apply("Add", {body});
    shape_ = shape;  // through() sets what comes after
  }
  template <class Kind>
  void write(const Kind&) {
    refuse_layer(Kind::kName, "ONNX");
  }

  // --- What is around the network. ---

  // z, then the class one-hot, then the conditions, standardised.
  std::string inputs() {
    Names parts{"z"};
    graph_.message(11, value_info("z", kFloat, {-1, state_.latent}));
    if (state_.known.classes > 0) {
      graph_.message(11, value_info("class", kInt64, {-1}));
      parts.push_back(node(
          "OneHot", {"class", constant(Ints{state_.known.classes}), constant(Floats{0, 1}, {2})}));
    }
    if (const int64_t count = state_.known.conditions; count > 0) {
      const ColumnScale& scale = state_.data.condition_scale;
      graph_.message(11, value_info("conditions", kFloat, {-1, count}));
      const std::string centred = node(
          "Sub", {"conditions", constant(Floats(scale.mean.begin(), scale.mean.end()), {count})});
      parts.push_back(node(
          "Div",
          {centred, constant(Floats(scale.deviation.begin(), scale.deviation.end()), {count})}));
    }
    return parts.size() == 1 ? parts[0] : node("Concat", parts, {attribute("axis", int64_t{1})});
  }

  void outputs() {
    Ints shape = state_.data.shape;
    shape.insert(shape.begin(), -1);
    Ints of_values = shape_;
    of_values.insert(of_values.begin(), -1);
    node("Identity", {current_}, {}, "values");
    if (shape.size() == 4) {
      pictures(shape[3]);
      graph_.message(12, value_info("pictures", kUint8, shape));
    } else {
      rows();
      graph_.message(12, value_info("rows", kFloat, shape));
    }
    graph_.message(12, value_info("values", kFloat, of_values));
  }

  std::string rounded(const std::string& x) {
    return node("Clip", {node("Round", {x}), constant(0), constant(255)});
  }

  void pictures(int64_t channels) {
    if (pixel_range(state_.network) == PixelRange::kUnit) {
      apply("Mul", {constant(255)});
    } else {
      apply("Add", {constant(1)});
      apply("Mul", {constant(127.5F)});
    }
    if (channels == 4) {  // colours are premultiplied by alpha
      const auto part = [&](int64_t begin, int64_t end) {
        return node("Slice",
                    {current_, constant(Ints{begin}), constant(Ints{end}), constant(Ints{1})});
      };
      const std::string alpha = rounded(part(3, 4));
      const std::string straight = node(
          "Div", {node("Mul", {part(0, 3), constant(255)}), node("Max", {alpha, constant(1)})});
      const std::string seen = node("Min", {alpha, constant(1)});  // 0 where alpha is
      current_ =
          node("Concat", {node("Mul", {straight, seen}), alpha}, {attribute("axis", int64_t{1})});
    }
    current_ = node("Cast", {rounded(current_)}, {attribute("to", int64_t{kUint8})});
    node("Transpose", {current_}, {attribute("perm", Ints{0, 2, 3, 1})}, "pictures");
  }

  void rows() {
    const ColumnScale& scale = state_.data.scale;
    if (!scale.empty()) {
      const auto count = static_cast<int64_t>(scale.mean.size());
      apply("Mul", {constant(Floats(scale.deviation.begin(), scale.deviation.end()), {count})});
      apply("Add", {constant(Floats(scale.mean.begin(), scale.mean.end()), {count})});
    }
    node("Identity", {current_}, {}, "rows");
  }

  GeneratorState state_;
  LayerTensors tensors_;
  int names_ = 0, nodes_ = 0;
  std::string current_;
  Shape shape_;  // of one sample, before the layer that is written
  ProtobufMessage graph_;
};

}  // namespace

std::string onnx_model(infer::GeneratorFile file) {
  const std::string model = OnnxGraph(std::move(file)).model();
  if (model.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    throw Error(ErrorKind::kIncompatible, "the model is larger than the 2 GB that ONNX files hold");
  }
  return model;
}

}  // namespace wgan
