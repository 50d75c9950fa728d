// A network is data: a list of layers, each a small struct. Whatever is done with a network is one
// function over that list (forward, initialise, describe, ...), in a file of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wgan {

// The shape of one sample, without the batch: [D] or [C, H, W].
using Shape = std::vector<int64_t>;

// What a layer does to what passes it.
enum class LayerKind {
  kWeights,      // a matrix or kernel, and a bias: affine
  kArrangement,  // affine too, without parameters: moves, repeats or averages elements
  kActivation,   // one element at a time
  kNorm,         // scales and shifts a channel by statistics
  kResidual,     // holds layers
  kOther
};

// Which of the sweeps (nn/sweeps.h) know a layer.
enum class LayerSweeps {
  kNone,            // autograd alone
  kWithoutTangent,  // forward, adjoint and weights: what a penalty needs is not known
  kCurved,          // all, and its second derivative is not zero
  kAll              // all: affine or piecewise linear
};

// What those who walk over layers have to know of one. Every layer states all of it: a walk that
// asks for more adds a member here, and layers that do not answer do not compile.
struct LayerTraits {
  LayerKind kind;
  LayerSweeps sweeps;
  bool parameters;       // has a weight_shape() and a number of biases()
  bool couples_samples;  // a sample's output depends on the others of its batch, in training
  bool new_tensor;       // output and adjoint are never views of what came in
};

// What several layers are.
inline constexpr LayerTraits kAffine{.kind = LayerKind::kWeights,
                                     .sweeps = LayerSweeps::kAll,
                                     .parameters = true,
                                     .couples_samples = false,
                                     .new_tensor = true};
inline constexpr LayerTraits kRearranging{.kind = LayerKind::kArrangement,
                                          .sweeps = LayerSweeps::kAll,
                                          .parameters = false,
                                          .couples_samples = false,
                                          .new_tensor = false};
inline constexpr LayerTraits kResampling{.kind = LayerKind::kArrangement,
                                         .sweeps = LayerSweeps::kAll,
                                         .parameters = false,
                                         .couples_samples = false,
                                         .new_tensor = true};
inline constexpr LayerTraits kSmoothActivation{.kind = LayerKind::kActivation,
                                               .sweeps = LayerSweeps::kCurved,
                                               .parameters = false,
                                               .couples_samples = false,
                                               .new_tensor = false};

// The base of layers that no number describes.
struct WithoutNumbers {
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

// y = W x + b on [D].
struct Linear {
  int64_t in = 1;
  int64_t out = 1;
  bool bias = true;
  static constexpr const char* kName = "linear";
  static constexpr LayerTraits kTraits = kAffine;
  Shape weight_shape() const { return {out, in}; }
  int64_t biases() const { return bias ? out : 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("in", self.in), field("out", self.out), field("bias", self.bias);
  }
};

// Square kernel, symmetric zero padding, on [C, H, W].
struct Conv2d {
  int64_t in = 1;
  int64_t out = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  bool bias = true;
  static constexpr const char* kName = "conv2d";
  static constexpr LayerTraits kTraits = kAffine;
  Shape weight_shape() const { return {out, in, kernel, kernel}; }
  int64_t biases() const { return bias ? out : 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("in", self.in), field("out", self.out), field("kernel", self.kernel);
    field("stride", self.stride), field("padding", self.padding), field("bias", self.bias);
  }
};

// The transpose of Conv2d{out, in, kernel, stride, padding}, on [C, H, W].
struct ConvTranspose2d {
  int64_t in = 1;
  int64_t out = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t output_padding = 0;
  bool bias = true;
  static constexpr const char* kName = "conv_transpose2d";
  static constexpr LayerTraits kTraits = kAffine;
  Shape weight_shape() const { return {in, out, kernel, kernel}; }
  int64_t biases() const { return bias ? out : 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("in", self.in), field("out", self.out), field("kernel", self.kernel);
    field("stride", self.stride), field("padding", self.padding);
    field("output_padding", self.output_padding), field("bias", self.bias);
  }
};

// Upsample2x and Conv2d{in, out, 3, 1, 1, bias} in one, on [C, H, W].
struct UpsampleConv2d {
  int64_t in = 1;
  int64_t out = 1;
  bool bias = true;
  static constexpr const char* kName = "upsample_conv2d";
  static constexpr LayerTraits kTraits = kAffine;
  Shape weight_shape() const { return {out, in, 3, 3}; }
  int64_t biases() const { return bias ? out : 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("in", self.in), field("out", self.out), field("bias", self.bias);
  }
  Conv2d conv() const { return {in, out, 3, 1, 1, bias}; }
};

// A convolution of each of `groups` equal shares of the channels apart, on [C, H, W] (Krizhevsky et
// al. 2012; Xie et al. 2017). As many groups as channels: depthwise.
struct GroupedConv2d {
  int64_t in = 1;
  int64_t out = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t padding = 0;
  int64_t groups = 1;
  bool bias = true;
  static constexpr const char* kName = "grouped_conv2d";
  static constexpr LayerTraits kTraits = kAffine;
  Shape weight_shape() const { return {out, in / groups, kernel, kernel}; }
  int64_t biases() const { return bias ? out : 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("in", self.in), field("out", self.out), field("kernel", self.kernel);
    field("stride", self.stride), field("padding", self.padding);
    field("groups", self.groups), field("bias", self.bias);
  }
};

// The base of layers with a picture of each channel that is learnt.
struct WithBasis {
  int64_t channels = 1;
  int64_t height = 4;
  int64_t width = 4;
  static constexpr LayerTraits kTraits = kAffine;
  Shape weight_shape() const { return {channels, height, width}; }
  int64_t biases() const { return 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("channels", self.channels), field("height", self.height), field("width", self.width);
  }
};

// [C] to [C, height, width]: y_c = x_c basis_c (the beginning of R3GAN's generator; Huang et al.
// 2024).
struct Basis : WithBasis {
  static constexpr const char* kName = "basis";
};

// The transpose of Basis, [C, height, width] to [C]: y_c = <x_c, basis_c>, which is a depthwise
// convolution whose kernel is all of the picture (the end of R3GAN's critic).
struct BasisTranspose : WithBasis {
  static constexpr const char* kName = "basis_transpose";
};

// y_k = (w + e_k) . x + b for each class k, on [D]: what a critic scores of all samples, and of
// those of each class (Miyato and Koyama 2018, section 3). The weight has w as its first row, then
// e_k.
struct Projection {
  int64_t in = 1;
  int64_t classes = 1;
  bool bias = true;  // one number, b
  static constexpr const char* kName = "projection";
  static constexpr LayerTraits kTraits = kAffine;
  Shape weight_shape() const { return {1 + classes, in}; }
  int64_t biases() const { return bias ? 1 : 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("in", self.in), field("classes", self.classes), field("bias", self.bias);
  }
};

// max(x, slope x); slope 0 is ReLU.
struct LeakyRelu {
  double slope = 0.2;
  static constexpr const char* kName = "leaky_relu";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kActivation,
                                       .sweeps = LayerSweeps::kAll,
                                       .parameters = false,
                                       .couples_samples = false,
                                       .new_tensor = false};
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("slope", self.slope);
  }
};

// Ioffe and Szegedy 2015, per channel of [C, H, W] or per element of [D], with scale and shift.
// Batch statistics in training, running ones (momentum: weight of the newest batch) otherwise.
struct BatchNorm {
  int64_t channels = 1;
  double momentum = 0.1;
  double epsilon = 1e-5;
  static constexpr const char* kName = "batch_norm";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kNorm,
                                       .sweeps = LayerSweeps::kWithoutTangent,
                                       .parameters = true,
                                       .couples_samples = true,
                                       .new_tensor = true};
  Shape weight_shape() const { return {channels}; }
  int64_t biases() const { return channels; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("channels", self.channels), field("momentum", self.momentum);
    field("epsilon", self.epsilon);
  }
};

// Ba et al. 2016: each sample is normalised over all of [C, H, W] or [D], with a scale and a shift
// a channel, as in the critics of Gulrajani et al. 2017.
struct LayerNorm {
  int64_t channels = 1;
  double epsilon = 1e-5;
  static constexpr const char* kName = "layer_norm";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kNorm,
                                       .sweeps = LayerSweeps::kCurved,
                                       .parameters = true,
                                       .couples_samples = false,
                                       .new_tensor = true};
  Shape weight_shape() const { return {channels}; }
  int64_t biases() const { return channels; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("channels", self.channels), field("epsilon", self.epsilon);
  }
};

// Remembers `rows` inputs [rows, size], fixed before training, that pass the layers after it beside
// every batch: the reference batch of VirtualBatchNorm (Salimans et al. 2016, section 3.5). On [D].
struct ReferenceBatch {
  int64_t rows = 64;
  int64_t size = 1;
  static constexpr const char* kName = "reference_batch";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kOther,
                                       .sweeps = LayerSweeps::kNone,
                                       .parameters = false,
                                       .couples_samples = false,
                                       .new_tensor = true};
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("rows", self.rows), field("size", self.size);
  }
};

// Normalises each sample by the moments of the reference batch and, weighing one part in rows + 1,
// of the sample itself; the reference batch by its own. Per channel, with scale and shift.
struct VirtualBatchNorm {
  int64_t channels = 1;
  double epsilon = 1e-5;
  static constexpr const char* kName = "virtual_batch_norm";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kNorm,
                                       .sweeps = LayerSweeps::kNone,
                                       .parameters = true,
                                       .couples_samples = false,
                                       .new_tensor = true};
  Shape weight_shape() const { return {channels}; }
  int64_t biases() const { return channels; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("channels", self.channels), field("epsilon", self.epsilon);
  }
};

// Appends to the features x_i [in] of each sample how near the others of its batch are (Salimans et
// al. 2016, section 3.2): with M_i = x_i T, T [in, kernels, dimensions],
// o_b = sum over j of exp(-|M_i,b - M_j,b|_1), j = i included. [in] to [in + kernels].
struct MinibatchDiscrimination {
  int64_t in = 1;
  int64_t kernels = 100;
  int64_t dimensions = 5;
  static constexpr const char* kName = "minibatch_discrimination";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kOther,
                                       .sweeps = LayerSweeps::kNone,
                                       .parameters = true,
                                       .couples_samples = true,
                                       .new_tensor = true};
  Shape weight_shape() const { return {in, kernels * dimensions}; }
  int64_t biases() const { return 0; }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("in", self.in), field("kernels", self.kernels), field("dimensions", self.dimensions);
  }
};

// Appends one more channel, or number, that is the same everywhere and for each sample of the
// batch: the mean over all elements of their standard deviations over the batch (Karras et al.
// 2018, section 3). [C, H, W] to [C + 1, H, W], [D] to [D + 1].
struct MinibatchDeviation : WithoutNumbers {
  static constexpr const char* kName = "minibatch_deviation";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kOther,
                                       .sweeps = LayerSweeps::kNone,
                                       .parameters = false,
                                       .couples_samples = true,
                                       .new_tensor = true};
};

// x + deviation N(0, 1) in training, x otherwise: the discriminators of Salimans et al. 2016,
// section
// 5. The noise is a function of a key, drawn with the initial weights, and of how often the layer
// made some before; both are in its memory.
struct GaussianNoise {
  double deviation = 0.5;
  static constexpr const char* kName = "gaussian_noise";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kOther,
                                       .sweeps = LayerSweeps::kAll,
                                       .parameters = false,
                                       .couples_samples = false,
                                       .new_tensor = false};
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("deviation", self.deviation);
  }
};

struct Tanh : WithoutNumbers {
  static constexpr const char* kName = "tanh";
  static constexpr LayerTraits kTraits = kSmoothActivation;
};

// softplus(2x + 2) / 2 - 1, a smooth ReLU (Gulrajani et al. 2017, Table 1).
struct ScaledSoftplus : WithoutNumbers {
  static constexpr const char* kName = "scaled_softplus";
  static constexpr LayerTraits kTraits = kSmoothActivation;
};

struct Sigmoid : WithoutNumbers {
  static constexpr const char* kName = "sigmoid";
  static constexpr LayerTraits kTraits = kSmoothActivation;
};

// Another shape of the same number of elements; the order is that of [C, H, W].
struct Reshape {
  Shape shape;
  static constexpr const char* kName = "reshape";
  static constexpr LayerTraits kTraits = kRearranging;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("shape", self.shape);
  }
};

// Zeros around [C, H, W]; `before` is top and left, `after` bottom and right.
struct Pad {
  int64_t before = 0;
  int64_t after = 0;
  static constexpr const char* kName = "pad";
  static constexpr LayerTraits kTraits = kRearranging;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("before", self.before), field("after", self.after);
  }
};

// The top left height x width of [C, H, W].
struct Crop {
  int64_t height = 1;
  int64_t width = 1;
  static constexpr const char* kName = "crop";
  static constexpr LayerTraits kTraits = kRearranging;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("height", self.height), field("width", self.width);
  }
};

// Means of 2x2 pixels of [C, H, W]; H and W even.
struct MeanPool2x : WithoutNumbers {
  static constexpr const char* kName = "mean_pool2x";
  static constexpr LayerTraits kTraits = kResampling;
};

// Every pixel of [C, H, W] four times (nearest neighbour).
struct Upsample2x : WithoutNumbers {
  static constexpr const char* kName = "upsample2x";
  static constexpr LayerTraits kTraits = kResampling;
};

// [C, H, W] at half the resolution: filtered by [1, 3, 3, 1] / 8 along both axes, with zeros
// outside, and every second pixel of that (Zhang 2019; Karras et al. 2019). H and W even.
struct FilterDown2x : WithoutNumbers {
  static constexpr const char* kName = "filter_down2x";
  static constexpr LayerTraits kTraits = kResampling;
};

// Four times the transpose of FilterDown2x, [C, H, W] to [C, 2H, 2W]: linear interpolation.
struct FilterUp2x : WithoutNumbers {
  static constexpr const char* kName = "filter_up2x";
  static constexpr LayerTraits kTraits = kResampling;
};

// [C, H, W] to [C]: the mean of each channel.
struct GlobalMean : WithoutNumbers {
  static constexpr const char* kName = "global_mean";
  static constexpr LayerTraits kTraits = kResampling;
};

struct Residual;

// kName is the layer's name in checkpoints; visit(self, field) calls field(key, member) for each
// number (or list of layers) that makes the layer what it is.
using Layer =
    std::variant<Linear, Conv2d, ConvTranspose2d, UpsampleConv2d, GroupedConv2d, Basis,
                 BasisTranspose, Projection, LeakyRelu, BatchNorm, LayerNorm, ReferenceBatch,
                 VirtualBatchNorm, MinibatchDiscrimination, MinibatchDeviation, GaussianNoise, Tanh,
                 ScaledSoftplus, Sigmoid, Reshape, Pad, Crop, MeanPool2x, Upsample2x, FilterDown2x,
                 FilterUp2x, GlobalMean, Residual>;
using Layers = std::vector<Layer>;

// body(x) + shortcut(x); an empty shortcut is x itself (He et al. 2016).
struct Residual {
  Layers body;
  Layers shortcut;
  static constexpr const char* kName = "residual";
  static constexpr LayerTraits kTraits{.kind = LayerKind::kResidual,
                                       .sweeps = LayerSweeps::kAll,
                                       .parameters = false,
                                       .couples_samples = false,
                                       .new_tensor = true};
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("body", self.body), field("shortcut", self.shortcut);
  }
};

struct Network {
  Shape input;  // of one sample
  Layers layers;
  bool spectral_norm = false;  // every weight matrix divided by its largest singular value
                               // (Miyato et al. 2018)
  bool weight_norm = false;    // every row of the weights but the last layer's has a length of its
                               // own (Salimans and Kingma 2016)
};

const char* layer_name(const Layer& layer);     // its kName
const LayerTraits& traits(const Layer& layer);  // its kTraits

// Layers are numbered in the order of this list: a residual sum, then its body, then its shortcut.
// The pointers live as long as `layers` does, unchanged.
std::vector<const Layer*> numbered(const Layers& layers);

// The first numbers of a residual sum's body and shortcut, where its own is `number`.
struct Branches {
  size_t body;
  size_t shortcut;
};
Branches branches(const Residual& residual, size_t number);

// The number after those of `layer`, which has `number`, and of the layers within it.
size_t number_after(const Layer& layer, size_t number);

// For std::visit over a Layer with one lambda a case.
template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

int64_t elements(const Shape& shape);
std::string shape_text(const Shape& shape);  // "64x14x14"

// The shape after the layer. Throws Error(kUsage) where the layer does not take `input`.
Shape output_shape(const Layer& layer, const Shape& input);

// The shape after all of them; throws the same, naming the layer.
Shape output_shape(const Layers& layers, const Shape& input);

Shape output_shape(const Network& network);

// Elements of the largest output of any of the layers, those within residual sums included.
int64_t largest_output(const Layers& layers, const Shape& input);

// Rows of the weight of a layer of kind kWeights as a matrix: one for each channel or unit that it
// gives (Projection has one more). 0 for other layers.
int64_t weight_rows(const Layer& layer);

// Whether what a sample gives in training depends on the others of its batch.
bool couples_samples(const Network& network);

// Whether the forward, adjoint and weight sweeps (nn/sweeps.h) know the network: all its layers,
// and no normalisation of weights.
bool has_sweeps(const Network& network);

// Whether gradient penalties go through sweeps too: not with BatchNorm, where samples meet.
bool has_tangent_sweep(const Network& network);

// Whether its output has a second derivative: not if all layers are affine or piecewise linear.
bool is_curved(const Network& network);

// Whether any of its layers, those within residual sums included, is a Kind.
template <class Kind>
bool has_layer(const Network& network) {
  for (const Layer* layer : numbered(network.layers)) {
    if (std::holds_alternative<Kind>(*layer)) return true;
  }
  return false;
}

}  // namespace wgan
