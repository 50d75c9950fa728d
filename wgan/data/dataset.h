// A data set: rows of one shape that can be read by number from any thread, with optional labels.
//
// Rows are mapped from a file or computed; a data set larger than memory is therefore no trouble.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/net/generator_state.h"

namespace wgan {

enum class RowType { kUint8, kFloat32 };

// An image that was left out, and why.
struct SkippedImage {
  std::string file;  // relative to the source
  std::string reason;
};

struct Dataset {
  std::string name;                      // short, fit for a folder name: "mnist", "strokes"
  RowType type = RowType::kUint8;        // images are uint8, vectors float32
  std::vector<int64_t> shape;            // [H, W, C] for images (RGBA with straight alpha), [D]
  std::vector<int64_t> row_shape;        // of [D] in its file, such as [24, 3]; empty: [D]
  int64_t size = 0;                      // rows; of an endless set: rows that count as one epoch
  bool endless = false;                  // every row number up to 2^44 gives a fresh row
  std::vector<std::string> class_names;  // empty: unlabelled
  std::string identity;                  // hex digest of what the rows are; equal = same data
  ColumnScale scale;                     // vectors from files; empty: rows are used as they are
  ColumnScale condition_scale;           // of what is known of each row; empty: nothing is
  std::vector<SkippedImage> skipped;     // of an image folder
  int64_t enlarged = 0;                  // rows of images smaller than the asked size
  double cut = 0;                  // share of an image's pixels that Fit::kCrop cuts, on average
  double aspect = 1;               // width over height of the images, on average
  std::vector<std::string> notes;  // how it was read, where that was a choice; a line each

  // Writes row `row` (0 <= row < size, or any row of an endless set) to `out` of row_bytes() bytes.
  // Safe to call from several threads. Throws Error(kData) where the source has gone bad.
  std::function<void(int64_t row, std::span<std::byte> out)> read_row;
  // The class of a row, 0 <= label < class_names.size(). Empty function: unlabelled.
  std::function<int32_t(int64_t row)> label;
  // What is known of a row, such as a particle's energy: writes condition_size() numbers,
  // standardised by condition_scale. Empty function: there are no such numbers.
  std::function<void(int64_t row, std::span<float> out)> condition;

  bool is_image() const { return shape.size() == 3; }
  bool labelled() const { return static_cast<bool>(label); }
  int64_t condition_size() const { return static_cast<int64_t>(condition_scale.mean.size()); }
  // Rows of each class; of an endless set those of one epoch, in equal shares. Empty: unlabelled.
  std::vector<int64_t> class_sizes() const {
    if (!labelled()) return {};
    const auto classes = static_cast<int64_t>(class_names.size());
    std::vector<int64_t> sizes(class_names.size(), endless ? size / classes : 0);
    for (int64_t row = 0; !endless && row < size; ++row) ++sizes[static_cast<size_t>(label(row))];
    return sizes;
  }
  int64_t row_elements() const {
    int64_t product = 1;
    for (const int64_t extent : shape) product *= extent;
    return product;
  }
  int64_t row_bytes() const { return row_elements() * (type == RowType::kUint8 ? 1 : 4); }
};

// The row at a place of a shuffled order, the same always; 0 <= place < size, or any place of an
// endless set.
int64_t shuffled_row(const Dataset& dataset, int64_t place);

// What a checkpoint says of it. Reads the first rows' conditions.
DataDescription describe_data(const Dataset& dataset);

enum class Split { kTrain, kTest, kAll };
template <>
struct EnumNames<Split> {
  static constexpr std::pair<Split, const char*> kNames[] = {
      {Split::kTrain, "train"}, {Split::kTest, "test"}, {Split::kAll, "all"}};
};

// How a picture of another shape becomes H x W.
enum class Fit { kCrop, kPad, kStretch };
template <>
struct EnumNames<Fit> {
  static constexpr std::pair<Fit, const char*> kNames[] = {
      {Fit::kCrop, "crop"}, {Fit::kPad, "pad"}, {Fit::kStretch, "stretch"}};
};

enum class Channels { kAuto, kGrey, kRgb, kRgba };
template <>
struct EnumNames<Channels> {
  static constexpr std::pair<Channels, const char*> kNames[] = {{Channels::kAuto, "auto"},
                                                                {Channels::kGrey, "1"},
                                                                {Channels::kRgb, "3"},
                                                                {Channels::kRgba, "4"}};
};

enum class OnError { kSkip, kFail };
template <>
struct EnumNames<OnError> {
  static constexpr std::pair<OnError, const char*> kNames[] = {{OnError::kSkip, "skip"},
                                                               {OnError::kFail, "fail"}};
};

// What the numbers of an array file are.
enum class ArrayKind { kAuto, kPictures, kRows };
template <>
struct EnumNames<ArrayKind> {
  static constexpr std::pair<ArrayKind, const char*> kNames[] = {
      {ArrayKind::kAuto, "auto"}, {ArrayKind::kPictures, "pictures"}, {ArrayKind::kRows, "rows"}};
};

struct DataOptions {
  std::string data = "strokes";
  Split split = Split::kTrain;
  double holdout = 0;
  PictureSize size = 0;
  Fit fit = Fit::kCrop;
  Channels channels = Channels::kAuto;
  std::string background = "white";
  int64_t max_pixels = 100'000'000;
  OnError on_error = OnError::kSkip;
  ArrayKind kind = ArrayKind::kAuto;

  Fields fields() & {
    return {
        {{"data",
          "a path (image folder or zip, IDX, CIFAR, NPY, NPZ) or strokes, gaussians8, "
          "gaussians25, swissroll"},
         data},
        {{"split", "which part to use of a data set that has a train and a test part"}, split},
        {{"holdout",
          "fraction of the rows kept out of the train split as the test split, where "
          "the set has no test part of its own"},
         holdout},
        {{"size",
          "pixels to which images are resized: 64 is a square, 96x64 is width x height; 0: their "
          "own size, or 64 for a folder"},
         size},
        {{"fit",
          "how images of another shape get the asked one; crop: cut; pad: add background; "
          "stretch: distort"},
         fit},
        {{"channels",
          "1: grey, 3: RGB, 4: RGBA, whose samples are transparent too, auto: what most of the "
          "images have"},
         channels},
        {{"background",
          "colour of transparent pixels and of padding: white, black, or rrggbb; with RGBA both "
          "stay transparent"},
         background},
        {{"max-pixels", "images with more pixels than this are skipped"}, max_pixels},
        {{"on-error", "what happens at an unreadable image: skip it and list it, or fail"},
         on_error},
        {{"kind",
          "what an NPY or NPZ file holds: pictures, or rows of numbers that come back in their "
          "shape; auto: by type, shape and values, and says which"},
         kind}};
  }
};

}  // namespace wgan
