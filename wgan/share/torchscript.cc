// The network as lines of TorchScript, compiled by LibTorch.
#include "wgan/share/torchscript.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/script.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "wgan/io/atomic_file.h"
#include "wgan/share/layer_tensors.h"

namespace wgan {
namespace {

using Floats = std::vector<float>;

class ScriptWriter {
 public:
  explicit ScriptWriter(infer::GeneratorFile file)
      : state_(std::move(file.state)),
        tensors_(state_.network, std::move(file.tensors)),
        module_("Generator") {
    shape_ = state_.network.input;
    through(state_.network.layers);
    define();
  }

  std::string bytes() const {
    std::ostringstream stream;
    module_.save(stream);
    return stream.str();
  }

 private:
  // --- What the layers are written with. ---

  template <class... Parts>
  void line(fmt::format_string<Parts...> text, Parts&&... parts) {
    lines_ += "    " + fmt::format(text, std::forward<Parts>(parts)...) + "\n";
  }

  // Numbers that the module keeps; returns how its methods call them.
  std::string constant(const Floats& numbers, const Shape& shape) {
    const std::string name = fmt::format("t{}", constants_++);
    module_.register_buffer(name, torch::tensor(numbers).view(shape).clone());
    return "self." + name;
  }
  std::string bias(bool present) {
    if (!present) return "None";
    const Floats numbers = tensors_.next();
    return constant(numbers, {static_cast<int64_t>(numbers.size())});
  }
  std::string beside(const Floats& numbers) {
    const auto count = static_cast<int64_t>(numbers.size());
    return constant(numbers, shape_.size() == 3 ? Shape{count, 1, 1} : Shape{count});
  }
  static std::string list(const Shape& numbers) {
    return fmt::format("[{}]", fmt::join(numbers, ", "));
  }

  // --- Layers. ---

  void through(const Layers& layers) {
    write_layers(layers, shape_, [this](const auto& layer) { write(layer); });
  }

  void write(const Linear& l) {
    const std::string weight = constant(tensors_.next(), l.weight_shape());
    line("x = torch.linear(x, {}, {})", weight, bias(l.bias));
  }
  void convolve(const Shape& weight_shape, bool has_bias, int64_t stride, int64_t padding,
                int64_t groups) {
    const std::string weight = constant(tensors_.next(), weight_shape);
    line("x = torch.conv2d(x, {}, {}, [{}, {}], [{}, {}], [1, 1], {})", weight, bias(has_bias),
         stride, stride, padding, padding, groups);
  }
  void write(const Conv2d& l) { convolve(l.weight_shape(), l.bias, l.stride, l.padding, 1); }
  void write(const GroupedConv2d& l) {
    convolve(l.weight_shape(), l.bias, l.stride, l.padding, l.groups);
  }
  void write(const ConvTranspose2d& l) {
    const std::string weight = constant(tensors_.next(), l.weight_shape());
    line("x = torch.conv_transpose2d(x, {}, {}, [{}, {}], [{}, {}], [{}, {}])", weight,
         bias(l.bias), l.stride, l.stride, l.padding, l.padding, l.output_padding,
         l.output_padding);
  }
  void write(const UpsampleConv2d& l) {
    write(Upsample2x{});
    write(l.conv());
  }
  void write(const Basis& l) {
    line("x = x.view([-1, {}, 1, 1]) * {}", l.channels,
         constant(tensors_.next(), l.weight_shape()));
  }
  void write(const BasisTranspose& l) {
    line("x = (x * {}).sum([2, 3])", constant(tensors_.next(), l.weight_shape()));
  }
  void write(const LeakyRelu& l) { line("x = torch.leaky_relu(x, {})", l.slope); }
  void write(const Tanh&) { line("x = torch.tanh(x)"); }
  void write(const Sigmoid&) { line("x = torch.sigmoid(x)"); }
  void write(const ScaledSoftplus&) { line("x = torch.softplus(2 * x + 2) / 2 - 1"); }
  void write(const BatchNorm& l) {
    const Shape shape{l.channels};
    const std::string weight = constant(tensors_.next(), shape),
                      shift = constant(tensors_.next(), shape);
    const std::string mean = constant(tensors_.next_memory(), shape),
                      variance = constant(tensors_.next_memory(), shape);
    line("x = torch.batch_norm(x, {}, {}, {}, {}, False, 0.0, {}, False)", weight, shift, mean,
         variance, l.epsilon);
  }
  void write(const LayerNorm& l) {
    const std::string weight = constant(tensors_.next(), {l.channels}),
                      shift = constant(tensors_.next(), {l.channels});
    line("x = torch.group_norm(x, 1, {}, {}, {})", weight, shift, l.epsilon);
  }
  void write(const ReferenceBatch&) { tensors_.next_memory(); }
  void write(const VirtualBatchNorm& l) {
    const VirtualNormNumbers norm = tensors_.next_virtual_norm();
    const char* const own = shape_.size() == 3 ? ".mean([2, 3], True)" : "";
    line("m = {} * {} + {} * x{}", 1 - norm.share, beside(norm.mean), norm.share, own);
    line("s = {} * {} + {} * (x * x){}", 1 - norm.share, beside(norm.square), norm.share, own);
    line("v = (s - m * m).clamp_min(0) + {}", l.epsilon);
    line("x = (x - m) * v.rsqrt() * {} + {}", beside(norm.scale), beside(norm.shift));
  }
  void write(const GaussianNoise&) { tensors_.next_memory(); }
  void write(const Reshape& l) { line("x = x.reshape([-1, {}])", fmt::join(l.shape, ", ")); }
  void write(const Pad& l) {
    line("x = torch.constant_pad_nd(x, {}, 0)", list({l.before, l.after, l.before, l.after}));
  }
  void write(const Crop& l) { line("x = x[:, :, :{}, :{}]", l.height, l.width); }
  void write(const MeanPool2x&) { line("x = torch.avg_pool2d(x, [2, 2])"); }
  void write(const Upsample2x&) { line("x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)"); }
  void filter(const char* function, double scale) {
    Floats kernel;
    for (int64_t c = 0; c < shape_[0]; ++c) {
      for (const double y : {1, 3, 3, 1}) {
        for (const double x : {1, 3, 3, 1}) kernel.push_back(static_cast<float>(scale * y * x));
      }
    }
    const bool up = std::string(function) == "conv_transpose2d";
    line("x = torch.{}(x, {}, None, [2, 2], [1, 1], {})", function,
         constant(kernel, {shape_[0], 1, 4, 4}),
         up ? fmt::format("[0, 0], {}", shape_[0]) : fmt::format("[1, 1], {}", shape_[0]));
  }
  void write(const FilterDown2x&) { filter("conv2d", 1.0 / 64); }
  void write(const FilterUp2x&) { filter("conv_transpose2d", 1.0 / 16); }
  void write(const GlobalMean&) { line("x = x.mean([2, 3])"); }
  void write(const Residual& l) {
    const int number = residuals_++;
    const Shape shape = shape_;
    line("before{} = x", number);
    through(l.body);
    line("body{} = x", number);
    line("x = before{}", number);
    shape_ = shape;
    through(l.shortcut);
    line("x = body{} + x", number);
  }
  template <class Kind>
  void write(const Kind&) {
    refuse_layer(Kind::kName, "TorchScript");
  }

  // --- The methods. ---

  void define() {
    std::string parameters = "self, z: Tensor", names = "z", inputs;
    if (const int64_t classes = state_.known.classes; classes > 0) {
      parameters += ", label: Tensor", names += ", label";
      inputs += fmt::format("    x = torch.cat([x, torch.one_hot(label, {}).to(x)], 1)\n", classes);
    }
    if (state_.known.conditions > 0) {
      const ColumnScale& scale = state_.data.condition_scale;
      parameters += ", conditions: Tensor", names += ", conditions";
      inputs += fmt::format("    x = torch.cat([x, (conditions - {}) / {}], 1)\n",
                            columns(scale.mean), columns(scale.deviation));
    }
    const std::string text = fmt::format("def values({}) -> Tensor:\n    x = z\n{}{}    return x\n",
                                         parameters, inputs, lines_);
    lines_.clear();
    state_.data.shape.size() == 3 ? pictures() : rows();
    const std::string whole =
        fmt::format("{}\ndef forward({}) -> Tensor:\n    x = self.values({})\n{}", text, parameters,
                    names, lines_);
    module_.define(whole);
  }

  std::string columns(const std::vector<double>& numbers) {
    return constant(Floats(numbers.begin(), numbers.end()), {static_cast<int64_t>(numbers.size())});
  }

  void pictures() {
    line("{}",
         pixel_range(state_.network) == PixelRange::kUnit ? "x = x * 255" : "x = (x + 1) * 127.5");
    if (state_.data.shape[2] == 4) {  // colours are premultiplied by alpha
      line("a = x[:, 3:].round().clamp(0, 255)");
      line("x = torch.cat([x[:, :3] * 255 / a.clamp_min(1) * a.clamp_max(1), a], 1)");
    }
    // 0 is uint8: these lines are compiled without Python's names.
    line("return x.round().clamp(0, 255).to(0).permute([0, 2, 3, 1]).contiguous()");
  }

  void rows() {
    const ColumnScale& scale = state_.data.scale;
    if (!scale.empty()) line("x = x * {} + {}", columns(scale.deviation), columns(scale.mean));
    line("return x");
  }

  GeneratorState state_;
  LayerTensors tensors_;
  int constants_ = 0, residuals_ = 0;
  Shape shape_;
  std::string lines_;
  torch::jit::Module module_;
};

}  // namespace

void write_torchscript(const std::filesystem::path& path, infer::GeneratorFile generator) {
  write_file_atomically(path, ScriptWriter(std::move(generator)).bytes());
}

}  // namespace wgan
