// Makes paths absolute, and looks up those that are not.
#include "wgan/run/run_paths.h"

#include <fmt/format.h>

#include <optional>

#include "wgan/core/error.h"
#include "wgan/core/utf8.h"
#include "wgan/data/open.h"
#include "wgan/run/checkpoint.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNoFile = "pixels";  // the feature space that lies in no file

// A checkpoint's run, RUN/checkpoints/step-..., or the folder of a checkpoint without one.
fs::path run_or_checkpoint(const fs::path& checkpoint) {
  const fs::path run = run_of_checkpoint(checkpoint);
  return run.empty() ? fs::absolute(checkpoint).lexically_normal() : run;
}

// kept: as it stands in state.json, where a name that is not UTF-8 is a text.
std::optional<fs::path> found(const std::string& kept, const fs::path& checkpoint) {
  std::error_code ignored;
  const fs::path path(bytes_of_utf8_text(kept));
  if (fs::exists(kept, ignored)) return fs::absolute(kept).lexically_normal();
  if (fs::exists(path, ignored)) return fs::absolute(path).lexically_normal();
  if (path.is_absolute()) return std::nullopt;
  for (fs::path folder = run_or_checkpoint(checkpoint).parent_path();
       folder != folder.parent_path(); folder = folder.parent_path()) {
    if (fs::exists(folder / path, ignored)) return (folder / path).lexically_normal();
  }
  return std::nullopt;
}

}  // namespace

DataOptions with_absolute_paths(DataOptions options) {
  options.data = absolute_data(options.data);
  return options;
}

FeatureOptions with_absolute_paths(FeatureOptions options) {
  if (options.features != kNoFile) {
    options.features = fs::absolute(options.features).lexically_normal().string();
  }
  return options;
}

DataOptions data_of_run(DataOptions options, const fs::path& checkpoint, const std::string& hint) {
  if (is_embedded(options.data)) return options;
  const std::optional<fs::path> path = found(options.data, checkpoint);
  if (!path) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: there is no such file or folder; {} was trained on it",
                            options.data, run_or_checkpoint(checkpoint).string()),
                hint);
  }
  options.data = path->string();
  return options;
}

FeatureOptions features_of_run(FeatureOptions options, const fs::path& checkpoint) {
  if (options.features == kNoFile) return options;
  if (const auto path = found(options.features, checkpoint)) options.features = path->string();
  return options;
}

}  // namespace wgan
