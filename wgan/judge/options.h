// Which space samples and data are compared in, and how generators are judged while they train.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

  Fields fields() & {
    return {
        {{"features",
          "feature space in which samples and data are compared: pixels (the values themselves; of "
          "vectors the standardised columns), a file written by wgan features train, or a "
          "TorchScript file; the last is a program that gets executed, so use only files that you "
          "trust",
          Effect::kPlace},
         features},
        {{"feature-batch", "pictures per pass through a TorchScript network", Effect::kSpeed},
         feature_batch},
        {{"feature-resize",
          "pixels per side to which pictures are resized for a TorchScript network, bilinear with "
          "antialiasing; 0: not resized",
          Effect::kPlace},
         feature_resize},
        {{"feature-channels",
          "channels of the pictures given to a TorchScript network: 3 repeats grey, 0 leaves them "
          "as they are",
          Effect::kPlace},
         feature_channels},
        {{"feature-range",
          "range of the pixel values given to a TorchScript network: 0 to 255, [0, 1] or [-1, 1]",
          Effect::kPlace},
         feature_range},
        {{"feature-output",
          "which output of a TorchScript network holds the features: a number in a tuple, or a "
          "key",
          Effect::kPlace},
         feature_output},
        {{"probability-output",
          "which output holds the class probabilities or logits, for the Inception Score; empty: "
          "none",
          Effect::kPlace},
         probability_output}};
  }
};

// How generators are judged while they train.
struct JudgeOptions {
  int64_t evaluate_n = 1000;
  std::string best_by = "frechet";
  int64_t patience = 0;
  FeatureOptions space;

  std::vector<FieldGroup> groups() & {
    return {{"Evaluation",
             {{{"evaluate-n",
                "samples drawn for an evaluation, and as many real rows; fewer where the data has "
                "fewer",
                Effect::kPlace},
               evaluate_n},
              {{"best-by",
                "score by which checkpoints/best is chosen: frechet, kernel, precision, recall, "
                "coverage, w1, sliced, ... (see wgan evaluate)",
                Effect::kPlace},
               best_by},
              {{"patience", "stop after this many evaluations without improvement; 0: never",
                Effect::kLength},
               patience}}},
            {"Features", space.fields()}};
  }
  Fields fields() & { return fields_of(groups()); }
};

}  // namespace wgan
