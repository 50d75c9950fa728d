// Making and filling a run folder.
#include "wgan/run/run_folder.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <utility>

#include "wgan/io/atomic_file.h"
#include "wgan/io/image.h"
#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/picture.h"
#include "wgan/run/rows_file.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLock = "lock";
constexpr const char* kMetrics = "metrics.jsonl";
constexpr const char* kManifest = "run.json";

// A path may hold bytes that are no UTF-8; they become U+FFFD.
std::string json_text(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// A TOML basic string.
std::string quoted(const std::string& text) {
  return json_text(text, -1);  // TOML's escapes are JSON's
}

std::string toml_value(const Field& field) {
  const std::string text = field.text();
  const bool bare = field.type == Field::Type::kFlag || field.type == Field::Type::kNumber ||
                    (field.type == Field::Type::kRamp && text.find(':') == std::string::npos);
  return bare ? text : quoted(text);
}

// The number of a run folder's name, or -1.
int64_t run_number(const std::string& name) {
  int64_t number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && *end == '-' ? number : -1;
}

// Without libvips a picture becomes its array.
fs::path write_picture(const fs::path& stem, const at::Tensor& rows, const Image* image) {
  if (image != nullptr) {
    const fs::path file = stem.string() + ".png";
    write_png(file, *image);
    return file;
  }
  const fs::path file = stem.string() + ".npy";
  write_rows(file, rows);
  return file;
}

// Removes what a killed process has left half-written: nobody else writes here.
void remove_leftovers(const fs::path& run) {
  std::error_code ignored;  // a leftover does no harm
  for (const fs::path& folder : {run, run / "samples", run / "checkpoints"}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      const bool file = name.ends_with(".tmp") && entry.is_regular_file();
      if (file || name.starts_with(kWritingPrefix)) remove_tree(entry.path());
    }
  }
}

}  // namespace

std::string options_to_toml(DataOptions data, SessionOptions options,
                            const OptionSources& sources) {
  std::string toml = "# Options of this run; train with them again: wgan train --config FILE\n";
  for (const Fields& fields : {data.fields(), options.fields()}) {
    for (const Field& field : fields) {
      const auto source = sources.find(field.name);
      toml += fmt::format("{} = {}  # {}\n", field.name, toml_value(field),
                          source == sources.end() ? "default" : source->second);
    }
  }
  return toml;
}

RunFolder::RunFolder(const fs::path& out, const std::string& name) {
  if (name.find('/') != std::string::npos) {
    throw Error(ErrorKind::kUsage, fmt::format("--name: '{}' has a slash, wanted a name", name),
                "choose another folder for runs with --out");
  }
  try {
    fs::create_directories(out);
    int64_t next = 0;
    for (const auto& entry : fs::directory_iterator(out)) {
      next = std::max(next, run_number(entry.path().filename().string()) + 1);
    }
    fs::path folder;
    do {  // another process may take the number at the same time
      folder = out / fmt::format("{:05}-{}", next++, name);
    } while (!fs::create_directory(folder));
    path_ = folder;
    fs::create_directory(path_ / "samples");
  } catch (const fs::filesystem_error& error) {
    discard();
    throw output_error("make a run folder in " + out.string(), error.code().value());
  }
  try {
    lock_ = lock_run(path_);
    metrics_ = std::make_unique<JsonLines>(path_ / kMetrics, /*append=*/false);
  } catch (const Error&) {
    discard();
    throw;
  }
}

std::shared_ptr<FileLock> lock_run(const fs::path& run) {
  return std::make_shared<FileLock>(run / kLock, run.string());
}

RunFolder::RunFolder(const fs::path& run, int64_t step, std::shared_ptr<FileLock> lock)
    : path_(run), lock_(std::move(lock)) {
  remove_leftovers(run);
  cut_json_lines(run / kMetrics, [step](const nlohmann::ordered_json& line) {
    const auto at = line.is_object() ? line.find("step") : line.end();
    return at != line.end() && at->is_number_integer() && at->get<int64_t>() <= step;
  });
  metrics_ = std::make_unique<JsonLines>(run / kMetrics, /*append=*/true);
}

void RunFolder::discard() {
  if (path_.empty()) return;
  remove_tree(path_);  // the error that led here is the one to tell
}

void RunFolder::write_config(const std::string& toml) {
  write_file_atomically(path_ / "config.toml", toml);
}

void RunFolder::write_manifest(const nlohmann::ordered_json& manifest) {
  write_file_atomically(path_ / kManifest, json_text(manifest, 2) + "\n");
}

nlohmann::ordered_json RunFolder::read_manifest() const {
  std::ifstream file(path_ / kManifest);
  // What lies deeper is dropped: copies go as deep as the file has brackets.
  const auto shallow = [](int depth, auto, const auto&) { return depth <= 16; };
  auto json = nlohmann::ordered_json::parse(file, shallow, /*allow_exceptions=*/false);
  return json.is_object() ? json : nlohmann::ordered_json::object();
}

void RunFolder::append_tick(const Tick& tick, const std::vector<std::string>& diagnoses) {
  nlohmann::ordered_json line = tick_to_json(tick);
  if (!diagnoses.empty()) line["diagnoses"] = diagnoses;
  metrics_->append(line);
}

std::vector<Tick> RunFolder::read_ticks() const {
  std::vector<Tick> ticks;
  for (const auto& line : read_json_lines(path_ / kMetrics)) ticks.push_back(tick_from_json(line));
  return ticks;
}

void RunFolder::append_log(const std::string& line) {
  std::ofstream log(path_ / "log.txt", std::ios::app);
  log << line << '\n';
  if (!log.flush()) throw output_error("write " + (path_ / "log.txt").string(), errno);
}

fs::path RunFolder::write_reals(const at::Tensor& rows, int64_t columns) {
  if (!images_supported()) return write_picture(path_ / "reals", rows, nullptr);
  const Image image =
      rows.dim() == 4 ? image_grid(rows, columns) : point_cloud(rows, rows.narrow(0, 0, 0));
  return write_picture(path_ / "reals", rows, &image);
}

fs::path RunFolder::write_samples(int64_t step, const at::Tensor& rows, const at::Tensor& real,
                                  int64_t columns) {
  const fs::path stem = path_ / "samples" / fmt::format("{:06}", step);
  if (!images_supported()) return write_picture(stem, rows, nullptr);
  const Image image = rows.dim() == 4 ? image_grid(rows, columns) : point_cloud(real, rows);
  return write_picture(stem, rows, &image);
}

}  // namespace wgan
