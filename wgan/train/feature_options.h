// Which space samples and data are compared in, and how a TorchScript network is given its
// pictures.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "wgan/core/options.h"

namespace wgan {

// What the bytes 0 to 255 of a picture become for a TorchScript network.
enum class FeatureRange { kBytes, kUnit, kSigned };
template <>
struct EnumNames<FeatureRange> {
  static constexpr std::pair<FeatureRange, const char*> kNames[] = {
      {FeatureRange::kBytes, "bytes"},
      {FeatureRange::kUnit, "unit"},
      {FeatureRange::kSigned, "signed"}};
};

struct FeatureOptions {
  std::string features = "pixels";
  int64_t feature_batch = 64;
  int64_t feature_resize = 0;
  int64_t feature_channels = 0;
  FeatureRange feature_range = FeatureRange::kBytes;
  std::string feature_output = "";
  std::string probability_output = "";

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field({"features",
           "space to compare in: pixels (the values themselves), a file that wgan features train "
           "wrote, or a TorchScript file, which is a program and is run: trust where it comes from",
           Effect::kPlace},
          self.features);
    field({"feature-batch", "pictures a pass of a TorchScript network", Effect::kSpeed},
          self.feature_batch);
    field({"feature-resize",
           "pixels a side for a TorchScript network, bilinear with antialiasing; 0: as they are",
           Effect::kPlace},
          self.feature_resize);
    field({"feature-channels",
           "channels for a TorchScript network: 3 repeats grey, 0 leaves them as they are",
           Effect::kPlace},
          self.feature_channels);
    field({"feature-range",
           "what bytes become for a TorchScript network: 0 to 255, [0, 1] or [-1, 1]",
           Effect::kPlace},
          self.feature_range);
    field({"feature-output",
           "which output of a TorchScript network holds the features: a number in a tuple, or a "
           "key",
           Effect::kPlace},
          self.feature_output);
    field({"probability-output",
           "which output holds class probabilities or logits, for the Inception Score; empty: none",
           Effect::kPlace},
          self.probability_output);
  }
};

}  // namespace wgan
