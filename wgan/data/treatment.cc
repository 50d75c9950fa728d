// Two passes over a folder: the first finds the levels, the second, which decodes, what to tell.
#include "wgan/data/treatment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/parallel.h"
#include "wgan/core/shell_word.h"

namespace wgan {
namespace {

constexpr double kHalfOfSixteenBits = 32768;

struct FileLevels {
  Samples samples = Samples::kKnown;
  Levels levels;
};

FileLevels levels_of(const std::filesystem::path& path, int64_t max_pixels) {
  FileLevels result;
  try {
    result.samples = read_image_info(path).samples;
    if (result.samples != Samples::kKnown) result.levels = read_levels(path, max_pixels);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    result.samples = Samples::kKnown;  // it will be skipped with the reason
  }
  return result;
}

// The levels of all pictures with such samples; low > high where there are none.
Levels together(const std::vector<FileLevels>& files, Samples samples) {
  Levels all{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const FileLevels& file : files) {
    if (file.samples != samples) continue;
    all.low = std::min(all.low, file.levels.low);
    all.high = std::max(all.high, file.levels.high);
  }
  return all;
}

}  // namespace

void find_levels(const ImageFolder& folder, ImageRequest& request, int threads) {
  std::vector<FileLevels> files(folder.files.size());
  for_each_index(static_cast<int64_t>(files.size()), threads, [&](int64_t i) {
    files[i] = levels_of(folder.root / folder.files[i], request.max_pixels);
  });
  const Levels sixteen = together(files, Samples::kSixteen);
  if (sixteen.high - sixteen.low < kHalfOfSixteenBits) request.sixteen = sixteen;
  request.open = together(files, Samples::kOpen);
}

void Treatment::add_used(const ImageInfo& info) {
  sixteen_ += info.samples == Samples::kSixteen && request_.sixteen.given();
  open_ += info.samples == Samples::kOpen && request_.open.given();
  animated_ += info.frames > 1;
}

void Treatment::add_unused(const std::filesystem::path& file) {
  const std::string format = unread_format(file);
  if (format.empty()) return;
  ++unread_[format];
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (!ending.empty()) unread_endings_.insert(ending);
}

std::string Treatment::conversion(const std::filesystem::path& root) const {
  if (unread_.empty()) return "";
  std::vector<std::string> formats, patterns;
  for (const auto& [format, count] : unread_) formats.push_back(format);
  for (const std::string& ending : unread_endings_) {
    patterns.push_back("-iname " + shell_word("*" + ending));
  }
  if (patterns.empty() || !std::filesystem::is_directory(root)) {  // in an archive
    return fmt::format("convert the {} images to PNG", fmt::join(formats, ", "));
  }
  const std::string names =
      patterns.size() == 1 ? patterns[0] : fmt::format("'(' {} ')'", fmt::join(patterns, " -o "));
  return fmt::format(
      "ImageMagick makes PNG copies of {} images beside them: find {} {} -exec convert '{{}}[0]' "
      "'{{}}.png' ';'",
      fmt::join(formats, ", "), shell_path(root), names);
}

std::vector<std::string> Treatment::notes(const ImageFolder& folder) const {
  std::vector<std::string> notes = folder.notes;
  if (sixteen_ > 0) {
    notes.push_back(fmt::format(
        "{} of 16 bits {} the levels {:g} to {:g} only, which are spread from black to white",
        counted(sixteen_, "image"), sixteen_ == 1 ? "uses" : "use", request_.sixteen.low,
        request_.sixteen.high));
  }
  if (open_ > 0) {
    notes.push_back(
        fmt::format("{} of open-ended numbers {} {:.6g} to {:.6g}, which are spread from "
                    "black to white",
                    counted(open_, "image"), open_ == 1 ? "holds" : "hold", request_.open.low,
                    request_.open.high));
  }
  if (animated_ > 0) {
    notes.push_back(fmt::format("{} more than one frame or page, of which the first is used",
                                counted(animated_, "image has", "images have")));
  }
  if (const std::string how = conversion(folder.source); !how.empty()) notes.push_back(how);
  return notes;
}

}  // namespace wgan
