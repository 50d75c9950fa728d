// Validates safetensors headers before any byte of data is handed out, and writes such files.
#include "wgan/io/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/shape_bytes.h"

namespace wgan {
namespace {

using SortedJson = nlohmann::json;  // no header makes look-ups slow
using OrderedJson = nlohmann::ordered_json;

constexpr const char* kMetadata = "__metadata__";
constexpr size_t kLengthBytes = 8;
constexpr size_t kMostHeaderBytes = 100'000'000;  // as the reference implementation
constexpr int kDeepest = 3;                       // {name: {"shape": [...]}}
constexpr size_t kSafetensorsAlignment = 8;

struct DtypeInfo {
  const char* name;
  int64_t bytes;
};
constexpr DtypeInfo kDtypes[] = {{"F64", 8}, {"I64", 8}, {"F32", 4}, {"F16", 2}, {"U8", 1}};

std::optional<int64_t> dtype_bytes(std::string_view dtype) {
  for (const DtypeInfo& info : kDtypes) {
    if (dtype == info.name) return info.bytes;
  }
  return std::nullopt;
}

// Reads one file's header.
class HeaderReader {
 public:
  HeaderReader(std::span<const std::byte> file, std::string path)
      : file_(file), path_(std::move(path)) {}

  void read(std::vector<TensorView>& tensors, std::map<std::string, std::string>& metadata) const {
    const std::string_view header = header_text();
    const SortedJson json = parse(header);
    const std::span<const std::byte> data = file_.subspan(kLengthBytes + header.size());
    std::vector<std::pair<uint64_t, uint64_t>> places;  // [begin, end) of each tensor
    for (const auto& [name, entry] : json.items()) {
      if (name == kMetadata) {
        read_metadata(entry, metadata);
      } else {
        tensors.push_back(read_entry(name, entry, data));
      }
    }
    // An empty array may share its begin with the next one: it comes first.
    std::sort(tensors.begin(), tensors.end(), [](const TensorView& a, const TensorView& b) {
      return std::pair(a.bytes.data(), a.bytes.size()) < std::pair(b.bytes.data(), b.bytes.size());
    });
    const std::byte* covered = data.data();
    for (const TensorView& tensor : tensors) {
      if (tensor.bytes.data() != covered) {
        fail(fmt::format("'{}' begins at byte {} of the data, the one before it ends at {}",
                         tensor.name, tensor.bytes.data() - data.data(), covered - data.data()));
      }
      covered += tensor.bytes.size();
    }
    if (covered != data.data() + data.size()) {
      fail(fmt::format("its tensors take {}, the file holds {}",
                       counted(covered - data.data(), "byte"), data.size()));
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kIncompatible, path_ + ": " + what,
                "the file is damaged or of another kind: use another checkpoint");
  }

  std::string_view header_text() const {
    if (file_.size() < kLengthBytes) {
      fail(fmt::format("is no safetensors file: it has only {}", counted(file_.size(), "byte")));
    }
    uint64_t length = 0;
    for (size_t i = kLengthBytes; i-- > 0;) {
      length = length << 8 | std::to_integer<uint64_t>(file_[i]);
    }
    if (length > kMostHeaderBytes || length > file_.size() - kLengthBytes) {
      fail(fmt::format(
          "promises a header of {}, {} and at most {} are accepted", counted(length, "byte"),
          counted(file_.size() - kLengthBytes, "byte follows", "bytes follow"), kMostHeaderBytes));
    }
    return {reinterpret_cast<const char*>(file_.data()) + kLengthBytes,
            static_cast<size_t>(length)};
  }

  // Parses with a limit on depth and without duplicate keys.
  SortedJson parse(std::string_view header) const {
    std::vector<std::set<std::string>> keys(kDeepest + 1);
    const auto check = [&](int depth, SortedJson::parse_event_t event, SortedJson& parsed) {
      using Event = SortedJson::parse_event_t;
      if (event == Event::object_start || event == Event::array_start) {
        if (depth >= kDeepest) fail("its header is nested too deeply");
        keys[static_cast<size_t>(depth) + 1].clear();
      } else if (event == Event::key &&
                 !keys[static_cast<size_t>(depth)].insert(parsed.get<std::string>()).second) {
        fail(fmt::format("its header has '{}' twice", parsed.get<std::string>()));
      }
      return true;
    };
    if (header.empty() || header[0] != '{') fail("its header does not begin with '{'");
    SortedJson json;
    try {
      json = SortedJson::parse(header, check);
    } catch (const SortedJson::exception& error) {
      fail(fmt::format("its header is no JSON ({})", error.what()));
    }
    if (!json.is_object()) fail("its header is no JSON object");
    return json;
  }

  void read_metadata(const SortedJson& entry, std::map<std::string, std::string>& metadata) const {
    if (!entry.is_object()) fail("its __metadata__ is no JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) fail(fmt::format("its __metadata__ '{}' is no text", key));
      metadata[key] = value.get<std::string>();
    }
  }

  TensorView read_entry(const std::string& name, const SortedJson& entry,
                        std::span<const std::byte> data) const {
    if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
        !entry["dtype"].is_string() || !entry.contains("shape") ||
        !entry.contains("data_offsets")) {
      fail(fmt::format("'{}' is not described by dtype, shape and data_offsets alone", name));
    }
    TensorView tensor{name, entry["dtype"].get<std::string>(), {}, {}};
    const auto item = dtype_bytes(tensor.dtype);
    if (!item) {
      fail(fmt::format("'{}' has dtype '{}'; supported are F32, F64, I64 and U8", name,
                       tensor.dtype));
    }
    tensor.shape = whole_numbers(name, entry["shape"]);
    const std::vector<int64_t> offsets = whole_numbers(name, entry["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1] ||
        static_cast<uint64_t>(offsets[1]) > data.size()) {
      fail(fmt::format("'{}' has data_offsets [{}], the data has {}", name,
                       fmt::join(offsets, ", "), counted(data.size(), "byte")));
    }
    const auto length = static_cast<uint64_t>(offsets[1] - offsets[0]);
    const auto wanted = shape_bytes(tensor.shape, *item);
    if (!wanted || *wanted != length) {
      fail(fmt::format("'{}' of shape [{}] and dtype {} takes {}, its data_offsets give {}", name,
                       fmt::join(tensor.shape, ", "), tensor.dtype,
                       wanted ? counted(*wanted, "byte") : "more than 2^63 bytes", length));
    }
    tensor.bytes = data.subspan(static_cast<size_t>(offsets[0]), length);
    return tensor;
  }

  std::vector<int64_t> whole_numbers(const std::string& name, const SortedJson& list) const {
    if (!list.is_array())
      fail(fmt::format("'{}' has a shape or data_offsets that is no list", name));
    std::vector<int64_t> numbers;
    for (const SortedJson& number : list) {
      if (!number.is_number_unsigned() || number.get<uint64_t>() > INT64_MAX) {
        fail(fmt::format("'{}' has {} where a whole number is wanted", name, number.dump()));
      }
      numbers.push_back(number.get<int64_t>());
    }
    return numbers;
  }

  std::span<const std::byte> file_;
  std::string path_;
};

// The tensors in the order in which their data is written. Throws Error(kInternal) on nonsense.
std::vector<const TensorView*> in_file_order(std::span<const TensorView> tensors) {
  std::vector<const TensorView*> ordered;
  std::set<std::string_view> names{kMetadata};
  for (const TensorView& tensor : tensors) {
    const auto item = dtype_bytes(tensor.dtype);
    const auto wanted = item ? shape_bytes(tensor.shape, *item) : std::nullopt;
    if (!wanted || *wanted != tensor.bytes.size() || !names.insert(tensor.name).second) {
      throw Error(ErrorKind::kInternal,
                  fmt::format("'{}' ({} [{}], {} bytes) cannot be saved", tensor.name, tensor.dtype,
                              fmt::join(tensor.shape, ", "), tensor.bytes.size()));
    }
    ordered.push_back(&tensor);
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const TensorView* a, const TensorView* b) {
    return *dtype_bytes(a->dtype) > *dtype_bytes(b->dtype);
  });
  return ordered;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::vector<const TensorView*> ordered = in_file_order(tensors);
  OrderedJson header = OrderedJson::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  uint64_t offset = 0;
  for (const TensorView* tensor : ordered) {
    header[tensor->name] = {{"dtype", tensor->dtype},
                            {"shape", tensor->shape},
                            {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text = header.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  text.append((kSafetensorsAlignment - text.size() % kSafetensorsAlignment) % kSafetensorsAlignment,
              ' ');
  std::string length;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length += static_cast<char>(text.size() >> (8 * i) & 0xff);
  }
  AtomicFile file(path);
  file.write(length);
  file.write(text);
  for (const TensorView* tensor : ordered) file.write(tensor->bytes);
  file.commit();
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : path_(path), file_(path) {
  HeaderReader(file_.bytes(), path.string()).read(tensors_, metadata_);
}

const TensorView& SafetensorsFile::find(std::string_view name) const {
  std::string names;
  for (const TensorView& tensor : tensors_) {
    if (tensor.name == name) return tensor;
    names += (names.empty() ? "" : ", ") + tensor.name;
  }
  throw Error(ErrorKind::kIncompatible,
              fmt::format("{}: has no tensor '{}'; it has: {}", path_.string(), name,
                          names.empty() ? "none" : names),
              "use a checkpoint of the same network");
}

}  // namespace wgan
