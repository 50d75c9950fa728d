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
#include "wgan/io/digest.h"

namespace wgan {
namespace {

constexpr const char* kTrainPart = "train";
constexpr const char* kTestPart = "test";

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

// scaled_by: the rows whose mean and deviation standardise these.
Dataset number_rows(const ArraySource& source, const ArrayReading& reading,
                    const DataOptions& options, const ArraySource& scaled_by) {
  Dataset dataset;
  dataset.type = RowType::kFloat32;
  dataset.size = source.array.shape[0];
  dataset.shape = {row_length(source.array)};
  if (reading.shape.size() > 1) dataset.row_shape = reading.shape;
  dataset.scale = column_scale(scaled_by.array, options.holdout);
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

// All rows of the arrays.
Dataset all_rows(const ArraySources& sources, const std::string& name, const DataOptions& options,
                 const ArraySource& scaled_by) {
  const auto& [rows, labels, conditions] = sources;
  const ArrayReading reading = read_as(rows, options.kind);
  Dataset dataset = reading.pictures ? picture_rows(rows, reading, options)
                                     : number_rows(rows, reading, options, scaled_by);
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
  return dataset;
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

// What the rows and labels of a part are called: by Keras x_train and y_train, by MedMNIST
// train_images and train_labels. Without a part: the names of a whole set.
struct RowNames {
  std::vector<std::string> rows = {"images", "x", "data"};
  std::vector<std::string> labels = {"labels", "y"};
};

RowNames names_of(const std::string& part) {
  if (part.empty()) return {};
  return {{"x_" + part, "X_" + part, part + "_images", part + "_x", part + "_data"},
          {"y_" + part, "Y_" + part, part + "_labels", part + "_y"}};
}

using NamedArrays = std::vector<std::pair<std::string, NpyArray>>;

// Whether the arrays of an archive hold the rows of a part named so.
bool has_part(const NamedArrays& arrays, const std::string& part) {
  const std::vector<std::string> rows = names_of(part).rows;
  return std::ranges::any_of(arrays, [&](const auto& named) {
    return std::ranges::find(rows, named.first) != rows.end();
  });
}

// path: the archive, for messages.
ArraySources sources_of_npz(const std::filesystem::path& path, const NamedArrays& arrays,
                            const std::string& part) {
  const RowNames known = names_of(part);
  std::optional<ArraySource> rows, labels, conditions;
  std::vector<std::string> names;
  std::vector<ArraySource> others;
  for (const auto& [name, array] : arrays) {
    const auto is_one_of = [&name = name](const std::vector<std::string>& wanted) {
      return std::ranges::find(wanted, name) != wanted.end();
    };
    names.push_back(name);
    ArraySource source{array, path.string() + ":" + name};
    if (!rows && is_one_of(known.rows)) {
      rows = source;
    } else if (!labels && is_one_of(known.labels)) {
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

// What a file holds: all rows, or those to train on and those to test with.
struct ArrayParts {
  ArraySources train;
  std::optional<ArraySources> test = {};
};

ArrayParts array_parts(const std::filesystem::path& path) {
  if (is_npy(path)) return {sources_of_npy(path)};
  const NamedArrays arrays = read_npz(path, kLargestDecompressed);
  if (!has_part(arrays, kTrainPart)) return {sources_of_npz(path, arrays, "")};
  ArrayParts parts{sources_of_npz(path, arrays, kTrainPart)};
  if (has_part(arrays, kTestPart)) parts.test = sources_of_npz(path, arrays, kTestPart);
  return parts;
}

// The test part, or the train part and behind it the test part, as options.split says.
Dataset with_test_part(Dataset train, const ArraySources& sources, const DataOptions& options,
                       const ArraySource& scaled_by) {
  Dataset test = all_rows(sources, train.name, options, scaled_by);
  const auto& [longer, shorter] =
      std::minmax(train.class_names, test.class_names,
                  [](const auto& a, const auto& b) { return a.size() > b.size(); });
  if (train.shape != test.shape || train.labelled() != test.labelled() ||
      train.condition_size() + test.condition_size() > 0 ||
      !std::equal(shorter.begin(), shorter.end(), longer.begin())) {
    throw Error(ErrorKind::kData,
                sources.rows.place.string() +
                    ": differs from the train part in shape or classes, or there are conditions",
                "save the train part alone, as in numpy.savez(path, images=x, labels=y)");
  }
  if (options.split == Split::kAll) {
    const std::string both = train.identity + test.identity;
    Dataset all = joined(std::move(train), std::move(test));
    all.identity = sha256_hex(std::as_bytes(std::span(both)));
    return all;
  }
  test.class_names = longer;
  return test;
}

}  // namespace

bool is_array_file(const std::filesystem::path& path) {
  return std::filesystem::is_regular_file(path) && (is_npy(path) || path.extension() == ".npz" ||
                                                    first_bytes(path).starts_with("PK\x03\x04"));
}

ArraySources array_sources(const std::filesystem::path& path) { return array_parts(path).train; }

Dataset open_array_file(const std::filesystem::path& path, const DataOptions& options,
                        const std::string& name) {
  const std::string called = name.empty() ? short_name(path) : name;
  const auto& [train, test] = array_parts(path);
  if (!test) return choose_split(all_rows(train, called, options, train.rows), options);
  DataOptions whole = options;
  whole.holdout = 0;  // the test part is what is held out
  Dataset dataset = all_rows(train, called, whole, train.rows);
  if (options.split == Split::kTrain) return dataset;
  return with_test_part(std::move(dataset), *test, whole, train.rows);
}

}  // namespace wgan
