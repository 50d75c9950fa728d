// What options of training choose among, and the names of the choices.
#pragma once

#include <utility>

#include "wgan/core/options.h"
#include "wgan/net/variants.h"

namespace wgan {

enum class Recipe { kFast, kPaper };
template <>
struct EnumNames<Recipe> {
  static constexpr std::pair<Recipe, const char*> kNames[] = {{Recipe::kFast, "fast"},
                                                              {Recipe::kPaper, "paper"}};
};

enum class Objective {
  kMinimax,
  kNonSaturating,
  kSemiSupervised,
  kWgan,
  kWganGp,
  kCTransform,
  kRelativistic
};
template <>
struct EnumNames<Objective> {
  static constexpr std::pair<Objective, const char*> kNames[] = {
      {Objective::kMinimax, "minimax"},
      {Objective::kNonSaturating, "non-saturating"},
      {Objective::kSemiSupervised, "semi-supervised"},
      {Objective::kWgan, "wgan"},
      {Objective::kWganGp, "wgan-gp"},
      {Objective::kCTransform, "c-transform"},
      {Objective::kRelativistic, "relativistic"}};
};

enum class Penalty { kTwoSided, kOneSided, kZeroCentred };
template <>
struct EnumNames<Penalty> {
  static constexpr std::pair<Penalty, const char*> kNames[] = {
      {Penalty::kTwoSided, "two-sided"},
      {Penalty::kOneSided, "one-sided"},
      {Penalty::kZeroCentred, "zero-centred"}};
};

enum class Route { kAuto, kSweeps, kAutograd };
template <>
struct EnumNames<Route> {
  static constexpr std::pair<Route, const char*> kNames[] = {
      {Route::kAuto, "auto"}, {Route::kSweeps, "sweeps"}, {Route::kAutograd, "autograd"}};
};

// Of the products: weights and gradients are float32 always.
enum class Precision { kFloat32, kTf32, kBf16 };
template <>
struct EnumNames<Precision> {
  static constexpr std::pair<Precision, const char*> kNames[] = {
      {Precision::kFloat32, "float32"}, {Precision::kTf32, "tf32"}, {Precision::kBf16, "bf16"}};
};

enum class PenaltyAt { kInterpolates, kReal, kFake, kBoth };
template <>
struct EnumNames<PenaltyAt> {
  static constexpr std::pair<PenaltyAt, const char*> kNames[] = {
      {PenaltyAt::kInterpolates, "interpolates"},
      {PenaltyAt::kReal, "real"},
      {PenaltyAt::kFake, "fake"},
      {PenaltyAt::kBoth, "both"}};
};

template <>
struct EnumNames<Norm> {
  static constexpr std::pair<Norm, const char*> kNames[] = {
      {Norm::kPreset, "preset"}, {Norm::kNone, "none"},       {Norm::kBatch, "batch"},
      {Norm::kLayer, "layer"},   {Norm::kVirtual, "virtual"}, {Norm::kWeight, "weight"}};
};

template <>
struct EnumNames<Activation> {
  static constexpr std::pair<Activation, const char*> kNames[] = {
      {Activation::kPreset, "preset"},
      {Activation::kRelu, "relu"},
      {Activation::kLeakyRelu, "leaky-relu"},
      {Activation::kSoftplus, "softplus"},
      {Activation::kTanh, "tanh"}};
};

enum class FeatureMatching { kNone, kMean, kMedian };
template <>
struct EnumNames<FeatureMatching> {
  static constexpr std::pair<FeatureMatching, const char*> kNames[] = {
      {FeatureMatching::kNone, "none"},
      {FeatureMatching::kMean, "mean"},
      {FeatureMatching::kMedian, "median"}};
};

enum class Net { kMlp, kDcgan, kResnet, kModern };
template <>
struct EnumNames<Net> {
  static constexpr std::pair<Net, const char*> kNames[] = {{Net::kMlp, "mlp"},
                                                           {Net::kDcgan, "dcgan"},
                                                           {Net::kResnet, "resnet"},
                                                           {Net::kModern, "modern"}};
};

enum class OptimizerKind { kAdam, kRmsprop };
template <>
struct EnumNames<OptimizerKind> {
  static constexpr std::pair<OptimizerKind, const char*> kNames[] = {
      {OptimizerKind::kAdam, "adam"}, {OptimizerKind::kRmsprop, "rmsprop"}};
};

}  // namespace wgan
