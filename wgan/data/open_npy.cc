// Turns NumPy arrays, and what lies beside them, into data sets.
#include "wgan/data/open_npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/data/array_kind.h"
#include "wgan/data/array_labels.h"
#include "wgan/data/columns.h"
#include "wgan/data/rows.h"

namespace wgan {
namespace {

Dataset picture_rows(const ArraySource& source, const ArrayReading& reading,
                     const DataOptions& options) {
  Dataset dataset;
  dataset.size = source.array.shape[0];
  dataset.shape = reading.shape;
  check_images(source.place, dataset.size, dataset.shape, options);
  dataset.read_row = [array = source.array, reading](int64_t row, std::span<std::byte> out) {
    read_picture(array, reading, row, out);
  };
  return dataset;
}

Dataset number_rows(const ArraySource& source, const ArrayReading& reading,
                    const DataOptions& options) {
  Dataset dataset;
  dataset.type = RowType::kFloat32;
  dataset.size = source.array.shape[0];
  dataset.shape = {row_length(source.array)};
  if (reading.shape.size() > 1) dataset.row_shape = reading.shape;
  dataset.scale = column_scale(source.array, options.holdout);
  dataset.read_row = [array = source.array, scale = dataset.scale](int64_t row,
                                                                   std::span<std::byte> out) {
    std::vector<float> values(scale.mean.size());
    read_standardised(array, scale, row, values);
    std::memcpy(out.data(), values.data(), out.size());
  };
  return dataset;
}

// Gives `dataset` the conditions, some numbers a row.
void attach_conditions(Dataset& dataset, const ArraySource& conditions, double holdout) {
  const NpyArray& array = conditions.array;
  const bool text = array.type == NpyType::kCharacter;
  if (text || array.shape.empty() || array.shape[0] != dataset.size) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: conditions of {} for {}; wanted are numbers [{}, C], one row a "
                            "row",
                            conditions.place.string(), array_text(array),
                            counted(dataset.size, "row"), dataset.size),
                text ? "texts are classes: name the array labels, or the file NAME-labels.npy"
                     : "give as many rows as the data have, or remove it to train without "
                       "conditions");
  }
  check_numbers(conditions);
  dataset.condition_scale = column_scale(array, holdout);
  dataset.condition = [array, scale = dataset.condition_scale](int64_t row, std::span<float> out) {
    read_standardised(array, scale, row, out);
  };
}

// The same bytes are other rows in another shape, or read in another way.
std::string reading_text(const ArraySource& rows, const ArrayReading& reading) {
  const NpyArray& array = rows.array;
  std::string text = fmt::format("{} {}", npy_descr(array.type), array.shape);
  const bool plain = reading.pictures ? array.type == NpyType::kUint8 && reading.white == 255
                                      : is_float(array.type) && array.shape.size() == 2;
  if (!plain) text += reading.pictures ? " pictures" : " rows";
  return text;
}

Dataset dataset_of(const ArraySources& sources, const std::string& name,
                   const DataOptions& options) {
  const auto& [rows, labels, conditions] = sources;
  const ArrayReading reading = read_as(rows, options.kind);
  Dataset dataset =
      reading.pictures ? picture_rows(rows, reading, options) : number_rows(rows, reading, options);
  dataset.name = name;
  if (!reading.note.empty()) dataset.notes.push_back(reading.note);
  if (dataset.scale.needs_float64()) {
    dataset.notes.push_back("float32 would lose digits of these numbers: samples are float64");
  }
  const std::string text = reading_text(rows, reading);
  std::vector<std::span<const std::byte>> contents = {std::as_bytes(std::span(text)),
                                                      rows.array.bytes};
  if (labels) {
    attach_array_labels(dataset, *labels);
    contents.push_back(labels->array.bytes);
  }
  if (conditions) {
    attach_conditions(dataset, *conditions, options.holdout);
    contents.push_back(conditions->array.bytes);
  }
  dataset.identity = content_identity(contents, options);
  return choose_split(std::move(dataset), options);
}

// What could be meant where no array has a name of rows: the only one of the first kind of which
// there is any.
std::optional<ArraySource> only_rows(const std::vector<ArraySource>& others) {
  const auto rank = [](const ArraySource& source) { return source.array.shape.size(); };
  const auto is_picture_or_vector = [&](const ArraySource& s) {
    const bool bytes = s.array.type == NpyType::kUint8;
    return (bytes && (rank(s) == 3 || rank(s) == 4)) || (is_float(s.array.type) && rank(s) >= 2);
  };
  const auto is_table = [&](const ArraySource& s) {
    return s.array.type != NpyType::kCharacter && rank(s) >= 2;
  };
  if (std::ranges::any_of(others, is_picture_or_vector)) {
    const bool one = std::ranges::count_if(others, is_picture_or_vector) == 1;
    return one ? std::optional(*std::ranges::find_if(others, is_picture_or_vector)) : std::nullopt;
  }
  if (std::ranges::count_if(others, is_table) != 1) return std::nullopt;
  return *std::ranges::find_if(others, is_table);
}

ArraySources sources_of_npy(const std::filesystem::path& path) {
  ArraySources sources{.rows = {map_npy(path), path}};
  const auto look_beside = [&](const char* ending, std::optional<ArraySource>& source) {
    const std::filesystem::path beside = path.parent_path() / (path.stem().string() + ending);
    if (!source && std::filesystem::exists(beside)) source = ArraySource{map_npy(beside), beside};
  };
  look_beside("-labels.npy", sources.labels);
  look_beside(".labels.npy", sources.labels);
  look_beside("-conditions.npy", sources.conditions);
  look_beside(".conditions.npy", sources.conditions);
  return sources;
}

ArraySources sources_of_npz(const std::filesystem::path& path) {
  std::optional<ArraySource> rows, labels, conditions;
  std::vector<std::string> names;
  std::vector<ArraySource> others;
  for (auto& [name, array] : read_npz(path, kLargestDecompressed)) {
    const auto is_one_of = [&name = name](std::initializer_list<std::string_view> known) {
      return std::find(known.begin(), known.end(), name) != known.end();
    };
    names.push_back(name);
    ArraySource source{std::move(array), path.string() + ":" + name};
    if (!rows && is_one_of({"images", "x", "data"})) {
      rows = source;
    } else if (!labels && is_one_of({"labels", "y"})) {
      labels = source;
    } else if (!conditions && is_one_of({"conditions", "c"})) {
      conditions = source;
    } else {
      others.push_back(source);
    }
  }
  if (!rows) rows = only_rows(others);
  if (!rows) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: none of its arrays ({}) is named images, x or data, and {} could "
                    "be meant",
                    path.string(), fmt::join(names, ", "), others.empty() ? "none" : "several"),
        "save the one that is meant, as in numpy.savez(path, images=x, labels=y)");
  }
  return {*rows, labels, conditions};
}

// The first bytes of a file; fewer where it is shorter, or cannot be read.
std::string first_bytes(const std::filesystem::path& path) {
  std::string bytes(6, '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(stream.gcount()));
  return bytes;
}

bool is_npy(const std::filesystem::path& path) {
  return path.extension() == ".npy" || first_bytes(path) == "\x93NUMPY";
}

}  // namespace

bool is_array_file(const std::filesystem::path& path) {
  return std::filesystem::is_regular_file(path) && (is_npy(path) || path.extension() == ".npz" ||
                                                    first_bytes(path).starts_with("PK\x03\x04"));
}

ArraySources array_sources(const std::filesystem::path& path) {
  return is_npy(path) ? sources_of_npy(path) : sources_of_npz(path);
}

Dataset open_array_file(const std::filesystem::path& path, const DataOptions& options,
                        const std::string& name) {
  return dataset_of(array_sources(path), name.empty() ? short_name(path) : name, options);
}

}  // namespace wgan
