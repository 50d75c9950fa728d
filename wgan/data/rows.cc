// The steps between an array in memory and a checked, labelled, split data set.
#include "wgan/data/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>
#include <tuple>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/io/digest.h"

namespace wgan {
namespace {

constexpr int64_t kMostClasses = 65'536;
constexpr size_t kWholeBytes = size_t{64} << 20;
constexpr size_t kEndBytes = size_t{1} << 20;
constexpr size_t kReadBytes = size_t{64} << 10;
constexpr size_t kBlocks = 64;

int64_t held_out_rows(int64_t rows, double holdout) {
  return std::llround(holdout * static_cast<double>(rows));
}

void digest_content(std::span<const std::byte> content, Sha256& digest) {
  const std::string length = fmt::format("{};", content.size());
  digest.update(std::as_bytes(std::span(length)));
  if (content.size() <= kWholeBytes) {
    digest.update(content);
    return;
  }
  digest.update(content.first(kEndBytes));
  digest.update(content.last(kEndBytes));
  for (size_t block = 0; block < kBlocks; ++block) {
    const size_t start = (content.size() - kReadBytes) / (kBlocks - 1) * block;
    digest.update(content.subspan(start, kReadBytes));
  }
}

}  // namespace

std::string short_name(const std::filesystem::path& path) {
  std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  std::string name = whole.filename().string();
  const size_t dot = name.find('.', 1);
  if (dot != std::string::npos) name.resize(dot);
  for (char& character : name) {
    const auto byte = static_cast<unsigned char>(character);
    character = std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '-';
  }
  return name.empty() ? "data" : name.substr(0, 40);
}

void check_images(const std::filesystem::path& path, int64_t rows,
                  const std::vector<int64_t>& shape, const DataOptions& options) {
  const auto [height, width, channels] = std::tuple(shape.at(0), shape.at(1), shape.at(2));
  if (rows < 1) {
    throw Error(ErrorKind::kData, path.string() + ": holds no images", "give a set that has some");
  }
  if (std::min(height, width) < kSmallestSide || std::max(height, width) > kLargestSide) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: images of {} x {} pixels; sides of {} to {} are wanted",
                            path.string(), width, height, kSmallestSide, kLargestSide),
                std::min(height, width) < kSmallestSide
                    ? "enlarge them"
                    : "give them as a folder of PNG files with --size");
  }
  if (channels != 1 && channels != 3 && channels != 4) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: images of {}; 1 (grey), 3 (RGB) or 4 (RGBA) are wanted",
                            path.string(), counted(channels, "channel")),
                "arrays are [N, H, W] or [N, H, W, C], with the channels last");
  }
  const int64_t wanted = options.channels == Channels::kGrey   ? 1
                         : options.channels == Channels::kRgb  ? 3
                         : options.channels == Channels::kRgba ? 4
                                                               : channels;
  if ((options.size != PictureSize() && options.size != PictureSize(width, height)) ||
      wanted != channels) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: holds {} x {} images of {}, which --size and --channels "
                            "cannot change: only folders of pictures are converted",
                            path.string(), width, height, counted(channels, "channel")),
                "leave the two options out, or write the images as a folder of PNG files");
  }
}

void attach_labels(Dataset& dataset, std::vector<int64_t> labels, int64_t classes,
                   const std::filesystem::path& path) {
  if (static_cast<int64_t>(labels.size()) != dataset.size) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: holds {} for {}", path.string(), counted(labels.size(), "label"),
                            counted(dataset.size, "row")),
                "give one label a row, or remove the file to train without labels");
  }
  for (size_t row = 0; row < labels.size(); ++row) {
    if (labels[row] < 0 || labels[row] >= kMostClasses) {
      throw Error(ErrorKind::kData,
                  fmt::format("{}: label {} of row {}; classes are numbered from 0 to at most {}",
                              path.string(), labels[row], row, kMostClasses - 1),
                  "number the classes from 0: numpy.save(path, numpy.unique(y, "
                  "return_inverse=True)[1])");
    }
    classes = std::max(classes, labels[row] + 1);
  }
  dataset.class_names.clear();
  for (int64_t i = 0; i < classes; ++i) dataset.class_names.push_back(std::to_string(i));
  const auto shared = std::make_shared<const std::vector<int64_t>>(std::move(labels));
  dataset.label = [shared](int64_t row) {
    return static_cast<int32_t>((*shared)[static_cast<size_t>(row)]);
  };
}

bool held_out(int64_t row, int64_t rows, double holdout) {
  const int64_t count = held_out_rows(rows, holdout);
  if (count == 0) return false;
  return permuted_index(0, Stream::kSplit, 0, static_cast<uint64_t>(row),
                        static_cast<uint64_t>(rows)) < static_cast<uint64_t>(count);
}

Dataset choose_split(Dataset whole, const DataOptions& options) {
  const bool test = options.split == Split::kTest;
  if (test && options.holdout == 0) {
    throw Error(ErrorKind::kUsage, whole.name + ": has no test part of its own",
                "keep some rows out for it, as with --holdout 0.1");
  }
  if (options.split == Split::kAll || options.holdout == 0) return whole;
  const int64_t count = held_out_rows(whole.size, options.holdout);
  if (count == 0 || count == whole.size) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{}: holding {} of {} out leaves none in the {} split", whole.name,
                    options.holdout, counted(whole.size, "row"), count == 0 ? "test" : "train"),
        "choose another --holdout");
  }
  std::vector<int64_t> chosen;
  chosen.reserve(static_cast<size_t>(test ? count : whole.size - count));
  for (int64_t row = 0; row < whole.size; ++row) {
    if (held_out(row, whole.size, options.holdout) == test) chosen.push_back(row);
  }
  return subset(std::move(whole), std::move(chosen));
}

Dataset subset(Dataset whole, std::vector<int64_t> chosen) {
  const auto rows = std::make_shared<const std::vector<int64_t>>(std::move(chosen));
  whole.size = static_cast<int64_t>(rows->size());
  whole.endless = false;
  whole.read_row = [rows, read = std::move(whole.read_row)](int64_t row, std::span<std::byte> out) {
    read((*rows)[static_cast<size_t>(row)], out);
  };
  if (whole.labelled()) {
    whole.label = [rows, label = std::move(whole.label)](int64_t row) {
      return label((*rows)[static_cast<size_t>(row)]);
    };
  }
  if (whole.condition_size() > 0) {
    whole.condition = [rows, condition = std::move(whole.condition)](int64_t row,
                                                                     std::span<float> out) {
      condition((*rows)[static_cast<size_t>(row)], out);
    };
  }
  return whole;
}

Dataset joined(Dataset first, Dataset second) {
  const int64_t border = first.size;
  first.size += second.size;
  if (second.class_names.size() > first.class_names.size()) first.class_names = second.class_names;
  first.read_row = [border, a = std::move(first.read_row), b = std::move(second.read_row)](
                       int64_t row, std::span<std::byte> out) {
    row < border ? a(row, out) : b(row - border, out);
  };
  if (first.labelled()) {
    first.label = [border, a = std::move(first.label), b = std::move(second.label)](int64_t row) {
      return row < border ? a(row) : b(row - border);
    };
  }
  return first;
}

std::string content_identity(std::span<const std::span<const std::byte>> contents,
                             const DataOptions& options) {
  Sha256 digest;
  const std::string settings =
      fmt::format("rows 1;{};{};", enum_name(options.split), field_text(options.holdout));
  digest.update(std::as_bytes(std::span(settings)));
  for (const std::span<const std::byte> content : contents) digest_content(content, digest);
  return digest.hex();
}

}  // namespace wgan
