// wgan data: look at data before training on it, prepare it, and see to the cache.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>

#include "wgan/cli/column_table.h"
#include "wgan/cli/settings.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/data/cache.h"
#include "wgan/data/inspect.h"
#include "wgan/data/inspect_array.h"
#include "wgan/data/loader.h"
#include "wgan/data/open.h"
#include "wgan/data/open_npy.h"
#include "wgan/data/prepared_folder.h"
#include "wgan/io/image.h"
#include "wgan/judge/data_rows.h"
#include "wgan/run/picture.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct DataRequest {
  Settings settings;
  std::string source;
  std::string destination;
  std::string preview = "preview.png";
  bool clear = false;
  bool json = false;
};

auto progress_on(Terminal& terminal, const char* doing) {
  return [&terminal, doing](int64_t done, int64_t total) {
    terminal.flicker(fmt::format("{} {}/{}", doing, done, total));
  };
}

template <class Counts>
std::string counts_text(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
  }
  return text;
}

std::string sizes_text(const Inspection& found) {
  if (found.sizes.empty()) return "none";
  const auto commonest =
      std::ranges::max_element(found.sizes, {}, [](const auto& entry) { return entry.second; });
  int64_t least = commonest->first.first, most = least;
  for (const auto& [size, count] : found.sizes) {
    least = std::min({least, size.first, size.second});
    most = std::max({most, size.first, size.second});
  }
  return fmt::format("{} different, {} to {} pixels a side, most often {}x{} ({})",
                     found.sizes.size(), least, most, commonest->first.first,
                     commonest->first.second, counted(commonest->second, "image"));
}

// What the images whose transparency is spoken of are.
std::string transparency_text(const Inspection& found) {
  return counted(found.transparent,
                 "image has transparent pixels:", "images have transparent pixels:");
}

int inspect_folder(const DataRequest& request, const DataOptions& options, Terminal& terminal) {
  const Inspection found =
      inspect_image_folder(request.source, options, progress_on(terminal, "reading"));
  terminal.result(fmt::format("images     {} ({} usable), {}", found.count, found.usable,
                              counted(found.other_files + found.hidden_files, "other file")));
  terminal.result(fmt::format("sizes      {}", sizes_text(found)));
  terminal.result(fmt::format("modes      {}", counts_text(found.modes)));
  terminal.result(fmt::format("formats    {}", counts_text(found.formats)));
  if (found.transparent > 0) {
    terminal.result(fmt::format(
        "alpha      {} {}", transparency_text(found),
        found.channels == 4 ? "kept (RGBA); --channels 3 puts them on --background"
                            : fmt::format("put on {} (--background); --channels 4 keeps them",
                                          options.background)));
  }
  if (!found.classes.empty()) {
    terminal.result(fmt::format("classes    {}", counts_text(found.classes)));
  }
  for (const std::string& note : found.notes) terminal.result("note       " + note);
  warn_of_skipped(terminal, "image is too small", "images are too small", found.tiny);
  warn_of_skipped(terminal, "image is too large", "images are too large", found.huge);
  warn_of_skipped(terminal, "file cannot be read", "files cannot be read", found.unreadable);
  if (!found.duplicates.empty()) {
    terminal.warning(fmt::format(
        "{}, the first: {}",
        counted(found.duplicates.size(), "group of equal files", "groups of equal files"),
        fmt::join(found.duplicates[0], ", ")));
  }
  Json json = inspection_to_json(found);
  json["ok"] = true;
  if (!found.preview.pixels.empty()) {
    write_png(request.preview, found.preview);
    terminal.result(fmt::format("preview    {}", request.preview));
    json["preview"] = request.preview;
  }
  terminal.object(json);
  return 0;
}

// An array that training refuses: what it holds, and what to do.
int inspect_bad_rows(const DataRequest& request, const ArrayInspection& found, Terminal& terminal) {
  terminal.result(fmt::format("data       {}, {} of {}", request.source, counted(found.rows, "row"),
                              fmt::join(found.row_shape, "x")));
  terminal.result(array_inspection_text(found));
  terminal.warning(fmt::format(
      "{} with numbers that are not finite, the first: row {}; training refuses them: keep the "
      "others with numpy.save(path, x[numpy.isfinite(x.reshape(len(x), -1)).all(1)]), and the same "
      "of labels and conditions",
      counted(found.bad_rows, "row"), found.first_bad_row));
  terminal.object({{"ok", true}, {"kind", "vectors"}, {"array", array_inspection_to_json(found)}});
  return 0;
}

// Arrays and embedded sets: what the opened data set says.
int inspect_dataset(const DataRequest& request, const DataOptions& options, Terminal& terminal) {
  std::optional<ArrayInspection> found;
  if (is_array_file(request.source)) found = inspect_array(request.source, options.kind);
  if (found && found->bad_rows > 0) return inspect_bad_rows(request, *found, terminal);
  const Dataset dataset = open_dataset(options, 0);
  const bool shaped = !dataset.row_shape.empty();
  const std::string one = dataset.is_image() ? "image" : shaped ? "row" : "vector";
  Json json{{"ok", true},
            {"name", dataset.name},
            {"kind", one + "s"},
            {"rows", dataset.size},
            {"endless", dataset.endless},
            {"shape", dataset.shape},
            {"identity", dataset.identity}};
  terminal.result(fmt::format("data       {}, {} of {}", dataset.name,
                              dataset.endless ? "endless " + one + "s" : counted(dataset.size, one),
                              dataset.is_image()
                                  ? picture_text(dataset.shape)
                                  : shape_text(shaped ? dataset.row_shape : dataset.shape)));
  for (const std::string& note : dataset.notes) terminal.result("           " + note);
  if (found) {
    terminal.result(array_inspection_text(*found));
    json["array"] = array_inspection_to_json(*found);
  }
  if (dataset.labelled()) {
    const std::vector<int64_t> sizes = dataset.class_sizes();
    std::vector<std::pair<std::string, int64_t>> classes;
    for (size_t i = 0; i < sizes.size(); ++i)
      classes.emplace_back(dataset.class_names[i], sizes[i]);
    terminal.result(fmt::format("classes    {}", counts_text(classes)));
    warn_of_empty_classes(terminal, dataset.class_names, sizes);
    json["classes"] = Json::object();
    for (const auto& [name, count] : classes) json["classes"][name] = count;
  }
  const int64_t shown = std::min<int64_t>(dataset.is_image() ? 64 : 2000, dataset.size);
  const at::Tensor rows = data_rows(dataset, shown);
  write_png(request.preview, dataset.is_image() ? image_grid(rows, 8) : point_cloud(rows, rows));
  terminal.result(fmt::format("preview    {}", request.preview));
  json["preview"] = request.preview;
  terminal.object(json);
  return 0;
}

PreparedFolder prepare_at(const DataRequest& request, const DataOptions& options,
                          Terminal& terminal) {
  try {
    return prepare_image_folder(request.source, options, request.destination,
                                progress_on(terminal, "preparing"));
  } catch (const Error& error) {  // of what cannot be written; --out is not a flag here
    if (error.hint().find("--out") == std::string::npos) throw;
    throw Error(error.kind(), error.what(), "give another destination, with room and writable");
  }
}

int prepare(const DataRequest& request, const DataOptions& options, Terminal& terminal) {
  if (!is_picture_source(request.source)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: no folder and no zip archive of pictures", request.source),
                "only pictures need preparing: give anything else to wgan train as it is");
  }
  const auto start = std::chrono::steady_clock::now();
  const PreparedFolder made = prepare_at(request, options, terminal);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const PreparedManifest& manifest = made.manifest;
  warn_of_skipped(terminal, "image was skipped", "images were skipped", manifest.skipped);
  warn_of_enlarged(terminal, manifest.enlarged);
  for (const std::string& note : manifest.notes) terminal.line("  " + note);
  warn_of_cut(terminal, manifest.cut, manifest.aspect, {manifest.shape[2], manifest.shape[1]});
  tell_transparency(terminal, options, manifest.shape[3]);
  terminal.result(fmt::format("prepared   {} of {} in {}", counted(manifest.shape[0], "image"),
                              picture_text({manifest.shape.begin() + 1, manifest.shape.end()}),
                              duration_text(seconds)));
  terminal.result(fmt::format("array      {}", made.images.string()));
  if (!made.labels.empty()) {
    terminal.result(fmt::format("labels     {} ({})", made.labels.string(),
                                counted(manifest.class_names.size(), "class", "classes")));
  }
  terminal.object({{"ok", true},
                   {"images", made.images.string()},
                   {"labels", made.labels.string()},
                   {"shape", manifest.shape},
                   {"skipped", manifest.skipped.size()},
                   {"enlarged", manifest.enlarged},
                   {"duplicates", manifest.duplicates},
                   {"notes", manifest.notes},
                   {"seconds", seconds}});
  return 0;
}

int show_cache(const DataRequest& request, Terminal& terminal) {
  Json json{{"ok", true}, {"folder", cache_folder().string()}, {"limit", cache_limit()}};
  if (request.clear) {
    const int64_t freed = clear_cache();
    terminal.result(fmt::format("freed {}", bytes_text(static_cast<double>(freed))));
    json["freed"] = freed;
    terminal.object(json);
    return 0;
  }
  json["entries"] = Json::array();
  int64_t sum = 0;
  for (const CacheEntry& entry : list_cache()) {
    sum += entry.bytes;
    terminal.result(fmt::format("{:>10}  {:>16}  {}", bytes_text(static_cast<double>(entry.bytes)),
                                fmt::format("{}", fmt::join(entry.shape, "x")), entry.source));
    json["entries"].push_back({{"folder", entry.folder.string()},
                               {"source", entry.source},
                               {"shape", entry.shape},
                               {"bytes", entry.bytes}});
  }
  terminal.result(fmt::format("{} of {} in {}", bytes_text(static_cast<double>(sum)),
                              bytes_text(static_cast<double>(cache_limit())),
                              cache_folder().string()));
  terminal.object(json);
  return 0;
}

}  // namespace

int data_verb(const Arguments& arguments) {
  CLI::App command("Looks at data, prepares image folders, and shows the cache.", "wgan data");
  DataRequest request;
  CLI::App* inspect =
      command.add_subcommand("inspect", "report sizes, classes, bad files; draw a preview");
  CLI::App* prepare_command =
      command.add_subcommand("prepare", "decode a folder of images into one array");
  CLI::App* cache = command.add_subcommand("cache", "list or clear the cache of prepared folders");
  command.require_subcommand(1);
  inspect->add_option("source", request.source, "folder, file or embedded set")->required();
  inspect->add_option("--preview", request.preview, "PNG to write")->capture_default_str();
  prepare_command->add_option("source", request.source, "folder or zip archive of images")
      ->required();
  prepare_command->add_option("destination", request.destination, "new folder")->required();
  cache->add_flag("--clear", request.clear, "remove everything in it");
  for (CLI::App* sub : {inspect, prepare_command, cache}) {
    sub->add_flag("--json", request.json, "the result as a JSON object on stdout");
  }
  for (CLI::App* sub : {inspect, prepare_command}) {
    add_option_flags<DataOptions>(*sub, "Data", request.settings);
    sub->remove_option(sub->get_option("--data"));  // it is the argument
  }
  if (!parse_arguments(command, arguments)) return 0;

  Terminal terminal(request.json);
  if (cache->parsed()) return show_cache(request, terminal);
  DataOptions options;
  apply_settings(request.settings, options);
  options.data = request.source;
  if (prepare_command->parsed()) return prepare(request, options, terminal);
  return is_picture_source(request.source) ? inspect_folder(request, options, terminal)
                                           : inspect_dataset(request, options, terminal);
}

}  // namespace wgan
