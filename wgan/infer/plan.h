// A generator as its kernels run it: operations on numbers in one workspace, and their weights. No
// library is needed for this, not even C++'s own, so that the kernels become WebAssembly as well.
//
// All pictures are [height, width, channels] of float32; a vector is one pixel. The workspace of S
// samples is S times as long as that of one: the pictures that an operation reads or writes lie
// one behind the other from S times its place on.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace wgan::infer {

struct Extent {
  int32_t height, width, channels;
};

enum class Curve : int32_t { kNone, kLeaky, kTanh, kSigmoid, kScaledSoftplus };

enum class Kind : int32_t {
  kProduct,      // convolutions of any kind, and matrices: the sum of `second`, where there is one
  kScale,        // y_c = weight_c x_c + bias_c
  kBasis,        // y_hwc = weight_hwc x_c, of one pixel
  kAdd,          // x + second
  kCurve,        // the operation's curve alone
  kReorder,      // [channels, height, width], as one pixel has it, to [height, width, channels]
  kFlatten,      // the other way
  kCrop,         // the top left of a picture
  kPad,          // zeros around it: `amount` at the top and on the left, and the rest of the extent
  kUpsample,     // each pixel four times
  kMeanPool,     // of 2x2 pixels
  kFilterUp,     // linear interpolation, zeros outside
  kFilterDown,   // its transpose, a quarter
  kGlobalMean,   // to one pixel
  kLayerNorm,    // over all numbers of a sample, then as kScale
  kVirtualNorm,  // of each channel, by its own moments and those of a reference batch, then kScale
};

// Numbers are divided into blocks of so many columns, the last filled up with zeros.
constexpr int32_t kBlock = 16;

// A plain convolution that makes some of a product's pixels:
//   y[out_y + i out_step][out_x + j out_step] = bias + sum over taps t of
//       W_t x[i in_step + dy_t][j in_step + dx_t],   i < height, j < width, zeros outside of x.
// Taps beside one another are a run. The numbers under all taps, channels of a group x taps, are
// the depth of the product. With kFew columns or fewer weights lie a column after the other.
struct Part {
  int32_t height, width, out_y, out_x, out_step, in_step;
  int32_t first_run, runs, depth;
  int32_t weights;  // [groups][blocks of a group][depth][kBlock], or [groups][kFew][padded depth]
};
struct Run {
  int32_t dy, dx, taps;
};
constexpr int32_t kFew = 4;
constexpr int32_t padded(int32_t depth) { return (depth + kBlock - 1) / kBlock * kBlock; }

struct Operation {
  Kind kind;
  int32_t from, second, to;  // places; second < 0: none
  Extent in, out;
  Curve curve;  // of the result, in place; of kProduct at most kLeaky
  float slope;
  int32_t groups, first_part, parts;  // kProduct
  int32_t weights,
      bias;        // kProduct: a bias of each output channel, each group's filled up to blocks
  int32_t amount;  // kPad: pixels at the top and on the left
  float epsilon, share;  // norms; share: weight of a sample's own moments
};

struct Plan {
  const Operation* operations;
  const Part* parts;
  const Run* runs;
  const float* weights;
  int32_t operation_count;
  int32_t workspace;  // numbers of a sample
  int32_t input, output;
  int32_t inputs, outputs;  // numbers of a sample, at those places
};

}  // namespace wgan::infer
