// Parses NPY headers strictly and writes them; NPZ members go through the zip reader and writer.
#include "wgan/io/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/mapped_file.h"
#include "wgan/io/shape_bytes.h"
#include "wgan/io/zip.h"

namespace wgan {
namespace {

static_assert(std::endian::native == std::endian::little, "array files are used as they lie");

struct TypeInfo {
  NpyType type;
  const char* descr;
  int64_t bytes;
};
constexpr TypeInfo kTypes[] = {
    {NpyType::kBool, "|b1", 1},     {NpyType::kInt8, "|i1", 1},    {NpyType::kUint8, "|u1", 1},
    {NpyType::kInt16, "<i2", 2},    {NpyType::kUint16, "<u2", 2},  {NpyType::kInt32, "<i4", 4},
    {NpyType::kUint32, "<u4", 4},   {NpyType::kInt64, "<i8", 8},   {NpyType::kUint64, "<u8", 8},
    {NpyType::kFloat16, "<f2", 2},  {NpyType::kFloat32, "<f4", 4}, {NpyType::kFloat64, "<f8", 8},
    {NpyType::kCharacter, "<U1", 4}};
constexpr const char* kSupported =
    "supported are bool, whole numbers of 1 to 8 bytes, float16, float32, float64 and text";
constexpr int64_t kLongestText = 4096;                     // characters
constexpr uint64_t kLargestConverted = uint64_t{1} << 32;  // bytes
constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlignment = 64;
constexpr size_t kLargestRank = 32;                 // as NumPy
constexpr size_t kLargestHeader = size_t{1} << 16;  // NumPy's own are below 10,000 bytes

const TypeInfo& type_info(NpyType type) {
  return *std::find_if(std::begin(kTypes), std::end(kTypes),
                       [&](const TypeInfo& info) { return info.type == type; });
}

[[noreturn]] void throw_data(const std::string& name, const std::string& what,
                             const std::string& hint = "save it again with numpy.save") {
  throw Error(ErrorKind::kData, name + ": " + what, hint);
}

// What the dictionary of the header says.
struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// How the fields of a structured array become columns. list: its fields, such as
// ('a', '<f4'), ('b', '<U3', (2,)); a list in the list is cut off.
std::string structured_hint(std::string_view list) {
  std::vector<std::string> quoted;
  for (size_t open = list.find('\''); open != std::string_view::npos;) {
    const size_t close = list.find('\'', open + 1);
    if (close == std::string_view::npos) break;
    quoted.emplace_back(list.substr(open + 1, close - open - 1));
    open = list.find('\'', close + 1);
  }
  const bool plain = quoted.size() % 2 == 0 && list.find('[') == std::string_view::npos &&
                     list.find("((") == std::string_view::npos;
  std::vector<std::string> numbers;  // the names of fields of numbers, as Python writes them
  for (size_t i = 0; plain && i + 1 < quoted.size(); i += 2) {
    const std::string& type = quoted[i + 1];
    if (type.size() > 1 && std::string_view("biuf").find(type[1]) != std::string_view::npos) {
      numbers.push_back("'" + quoted[i] + "'");
    }
  }
  const std::string one = numbers.empty() ? "'field'" : numbers[0];
  const std::string fields = numbers.empty() || 2 * numbers.size() == quoted.size()
                                 ? "x"
                                 : fmt::format("x[[{}]]", fmt::join(numbers, ", "));
  return fmt::format(
      "make its fields of numbers columns: numpy.save(path, "
      "numpy.lib.recfunctions.structured_to_unstructured({})), after import "
      "numpy.lib.recfunctions; or save one field: numpy.save(path, x[{}])",
      fields, one);
}

// Reads the header, a Python literal such as
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  NpyHeader parse() {
    NpyHeader header;
    bool has_descr = false;
    bool has_order = false;
    bool has_shape = false;
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !std::exchange(has_descr, true)) {
        header.descr = descr();
      } else if (key == "fortran_order" && !std::exchange(has_order, true)) {
        header.fortran_order = boolean();
      } else if (key == "shape" && !std::exchange(has_shape, true)) {
        header.shape = shape();
      } else {
        fail(fmt::format("has the key '{}' twice or where it is unknown", key));
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!text_.empty()) fail("goes on after its end");
    if (!has_descr || !has_order || !has_shape) fail("lacks descr, fortran_order or shape");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw_data(name_, "the NPY header " + what);
  }

  void skip_space() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }

  bool take(char wanted) {
    skip_space();
    if (text_.empty() || text_[0] != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) fail(fmt::format("is malformed: '{}' is missing", wanted));
  }

  std::string quoted() {
    const char quote = take('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const size_t end = text_.find(quote);
    if (end == std::string_view::npos) fail("has a text without an end");
    const std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    if (!std::all_of(value.begin(), value.end(),
                     [](unsigned char c) { return c >= 0x20 && c < 0x7f; })) {
      fail("has a text with unprintable characters");
    }
    return value;
  }

  std::string descr() {
    skip_space();
    if (!text_.empty() && text_[0] == '[') {
      throw_data(name_, fmt::format("is a structured array; {}", kSupported),
                 structured_hint(text_.substr(1, text_.find(']') - 1)));
    }
    return quoted();
  }

  bool boolean() {
    skip_space();
    for (const auto& [word, value] :
         {std::pair{std::string_view("True"), true}, {"False", false}}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    fail("has a fortran_order that is neither True nor False");
  }

  std::vector<int64_t> shape() {
    std::vector<int64_t> extents;
    expect('(');
    while (!take(')')) {
      skip_space();
      int64_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error != std::errc() || extent < 0) fail("has a shape that is no tuple of whole numbers");
      text_.remove_prefix(static_cast<size_t>(end - text_.data()));
      extents.push_back(extent);
      if (extents.size() > kLargestRank) fail("has a shape of more than 32 dimensions");
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }

  std::string_view text_;
  const std::string& name_;
};

// Where the header's text lies in the file; what follows is data. Checks magic, version, length.
std::string_view header_text(std::string_view file, const std::string& name) {
  if (!file.starts_with(kMagic)) {
    throw_data(name, "is no NPY file: it does not begin with \\x93NUMPY");
  }
  if (file.size() < 10) throw_data(name, "ends inside the NPY header");
  const int major = static_cast<unsigned char>(file[6]);
  const int minor = static_cast<unsigned char>(file[7]);
  if (major < 1 || major > 3 || minor != 0) {
    throw_data(name, fmt::format("has NPY format version {}.{}; 1.0, 2.0 and 3.0 are known", major,
                                 minor));
  }
  const size_t length_bytes = major == 1 ? 2 : 4;
  const size_t start = 8 + length_bytes;
  if (file.size() < start) throw_data(name, "ends inside the NPY header");
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) {
    length |= size_t{static_cast<unsigned char>(file[8 + i])} << (8 * i);
  }
  if (length > file.size() - start) {
    throw_data(name, fmt::format("promises an NPY header of {}, {}", counted(length, "byte"),
                                 counted(file.size() - start, "byte follows", "bytes follow")));
  }
  if (length > kLargestHeader) {
    throw_data(name, fmt::format("has an NPY header of {} bytes, at most {} are accepted", length,
                                 kLargestHeader));
  }
  return file.substr(start, length);
}

// How the elements of a file are stored.
struct Stored {
  NpyType type = NpyType::kUint8;
  bool big_endian = false;
  bool bytes_as_text = false;  // one byte a character
  int64_t characters = 0;      // of a text; 0: numbers
  int64_t item_bytes() const {
    if (characters == 0) return wgan::item_bytes(type);
    return characters * (bytes_as_text ? 1 : wgan::item_bytes(type));
  }
};

std::string hint_for(const std::string& descr, bool one) {
  switch (descr.size() > 1 ? descr[1] : '?') {
    case 'O':
      if (one) {
        return "it holds one Python object: of a dictionary of arrays, x = numpy.load(path, "
               "allow_pickle=True), then numpy.savez('x.npz', **x.item())";
      }
      return "it holds Python objects: x = numpy.load(path, allow_pickle=True), then "
             "numpy.save(path, numpy.array(x.tolist()))";
    case 'c':
      return "make the two parts of a complex number an axis: "
             "numpy.save(path, numpy.stack([x.real, x.imag], -1))";
    case 'M':
    case 'm':
      return "make times numbers: numpy.save(path, x.astype(numpy.int64))";
    default:
      return "convert it, as in numpy.save(path, x.astype(numpy.float64))";
  }
}

// What a type such as '<f4' stands for.
Stored stored_type(const NpyHeader& header, const std::string& name) {
  const std::string& descr = header.descr;
  Stored stored;
  if (descr.size() > 2 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos) {
    stored.big_endian = descr[0] == '>';
    for (const TypeInfo& info : kTypes) {
      stored.type = info.type;
      if (info.type != NpyType::kCharacter && descr.substr(1) == info.descr + 1) return stored;
    }
    stored.bytes_as_text = descr[1] == 'S';
    if (descr[1] == 'U' || descr[1] == 'S') {
      const char* const end = descr.data() + descr.size();
      const auto [rest, error] = std::from_chars(descr.data() + 2, end, stored.characters);
      if (error == std::errc() && rest == end && stored.characters >= 1 &&
          stored.characters <= kLongestText) {
        return stored;
      }
    }
  }
  throw_data(name, fmt::format("has elements of type '{}'; {}", descr, kSupported),
             hint_for(descr, header.shape.empty()));
}

// The elements in C order: `shape` is that of the file, whose first axis runs fastest.
std::vector<std::byte> in_c_order(std::span<const std::byte> bytes,
                                  const std::vector<int64_t>& shape, size_t item) {
  std::vector<std::byte> out(bytes.size());
  if (out.empty()) return out;
  std::vector<size_t> stride(shape.size(), item);  // in the file
  for (size_t axis = 1; axis < shape.size(); ++axis) {
    stride[axis] = stride[axis - 1] * static_cast<size_t>(shape[axis - 1]);
  }
  std::vector<int64_t> place(shape.size(), 0);
  size_t from = 0;
  for (size_t to = 0; to < out.size(); to += item) {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), item,
                out.begin() + static_cast<std::ptrdiff_t>(to));
    for (size_t axis = shape.size(); axis-- > 0;) {
      from += stride[axis];
      if (++place[axis] < shape[axis]) break;
      from -= stride[axis] * static_cast<size_t>(shape[axis]);
      place[axis] = 0;
    }
  }
  return out;
}

// Gives `array` the bytes as it keeps them.
void convert(NpyArray& array, const Stored& stored, bool fortran, const std::string& name) {
  const bool widened = stored.bytes_as_text;
  const auto unit = static_cast<size_t>(item_bytes(array.type));
  const bool swapped = stored.big_endian && unit > 1 && !widened;
  const size_t size = array.bytes.size() * (widened ? unit : 1);
  if ((!fortran && !swapped && !widened) || size == 0) return;
  if (size > kLargestConverted) {
    throw_data(name,
               fmt::format("takes {} bytes in Fortran order, big-endian or as bytes of text, which "
                           "is converted in memory up to 4 GiB",
                           size),
               "save it as it is read: numpy.save(path, "
               "numpy.ascontiguousarray(x.astype(x.dtype.newbyteorder('<'))))");
  }
  std::vector<std::byte> bytes(array.bytes.begin(), array.bytes.end());
  if (fortran) {
    bytes = in_c_order(array.bytes, array.shape, static_cast<size_t>(stored.item_bytes()));
  }
  for (size_t i = 0; swapped && i < bytes.size(); i += unit) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + unit));
  }
  if (widened) {
    std::vector<std::byte> wide(size);
    for (size_t i = 0; i < bytes.size(); ++i) wide[i * unit] = bytes[i];
    bytes = std::move(wide);
  }
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  array.bytes = *owner;
  array.owner = owner;
}

uint64_t checked_bytes(NpyType type, std::span<const int64_t> shape) {
  const auto bytes = shape_bytes(shape, item_bytes(type));
  if (!bytes) throw Error(ErrorKind::kInternal, "an NPY array of an impossible shape");
  return *bytes;
}

}  // namespace

int64_t item_bytes(NpyType type) { return type_info(type).bytes; }

const char* npy_descr(NpyType type) { return type_info(type).descr; }

bool is_float(NpyType type) {
  return type == NpyType::kFloat16 || type == NpyType::kFloat32 || type == NpyType::kFloat64;
}

NpyArray parse_npy(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                   const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const std::string_view header_part = header_text(text, name);
  const NpyHeader header = HeaderParser(header_part, name).parse();
  const Stored stored = stored_type(header, name);
  NpyArray array;
  array.type = stored.type;
  const auto start = static_cast<size_t>(header_part.data() + header_part.size() - text.data());
  const auto wanted = shape_bytes(header.shape, stored.item_bytes());
  if (!wanted || *wanted != file.size() - start) {
    throw_data(name,
               fmt::format("its shape ({}) and type '{}' promise {} of data, it holds {}",
                           fmt::join(header.shape, ", "), header.descr,
                           wanted ? counted(*wanted, "byte") : "more than 2^63 bytes",
                           file.size() - start),
               "the file is damaged or not one array: save it again with numpy.save");
  }
  array.shape = header.shape;
  array.bytes = file.subspan(start);
  array.owner = std::move(owner);
  convert(array, stored, header.fortran_order && header.shape.size() > 1, name);
  if (stored.characters > 0) array.shape.push_back(stored.characters);
  return array;
}

NpyArray map_npy(const std::filesystem::path& path) {
  const auto file = std::make_shared<const MappedFile>(path);
  return parse_npy(file->bytes(), file, path.string());
}

std::vector<std::pair<std::string, NpyArray>> read_npz(const std::filesystem::path& path,
                                                       size_t limit) {
  const std::vector<std::string> names = zip_names(path);
  if (!names.empty() && std::ranges::none_of(names, [](const std::string& member) {
        return member.ends_with(".npy");
      })) {
    throw_data(path.string(),
               fmt::format("is a zip archive of {}, '{}' and so on, and no arrays",
                           counted(names.size(), "file"), names[0]),
               fmt::format("unpack it and give the folder: unzip '{}' -d '{}'", path.string(),
                           path.stem().string()));
  }
  std::vector<std::pair<std::string, NpyArray>> arrays;
  for (ZipMember& member : read_zip(path, limit)) {
    const std::string name = path.string() + ":" + member.name;
    if (!member.name.ends_with(".npy")) {
      throw_data(name, "is no array: every member of an NPZ file is named *.npy",
                 "save it again with numpy.savez");
    }
    member.name.resize(member.name.size() - std::string_view(".npy").size());
    arrays.emplace_back(member.name, parse_npy(member.bytes, member.owner, name));
  }
  return arrays;
}

void write_npz(const std::filesystem::path& path,
               std::span<const std::pair<std::string, NpyArray>> arrays) {
  std::vector<std::vector<std::byte>> files(arrays.size());
  std::vector<ZipMember> members;
  std::set<std::string> names;
  for (size_t i = 0; i < arrays.size(); ++i) {
    const auto& [name, array] = arrays[i];
    if (checked_bytes(array.type, array.shape) != array.bytes.size() ||
        !names.insert(name).second) {
      throw Error(
          ErrorKind::kInternal,
          fmt::format("{}: the array '{}' comes twice, or its {} bytes do not fit its shape",
                      path.string(), name, array.bytes.size()));
    }
    const std::string header = npy_header(array.type, array.shape);
    const auto* const start = reinterpret_cast<const std::byte*>(header.data());
    files[i].reserve(header.size() + array.bytes.size());
    files[i].assign(start, start + header.size());
    files[i].insert(files[i].end(), array.bytes.begin(), array.bytes.end());
    members.push_back({.name = name + ".npy", .bytes = files[i], .owner = nullptr});
  }
  write_zip(path, members);
}

std::string npy_header(NpyType type, std::span<const int64_t> shape) {
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': (", npy_descr(type));
  for (size_t i = 0; i < shape.size(); ++i) {
    dictionary += fmt::format("{}{}", i == 0 ? "" : " ", shape[i]);
    if (i + 1 < shape.size() || i == 0) dictionary += ",";
  }
  dictionary += "), }";
  const size_t unpadded = kMagic.size() + 4 + dictionary.size() + 1;
  dictionary.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  dictionary += '\n';
  std::string header(kMagic);
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

NpyWriter::NpyWriter(const std::filesystem::path& path, NpyType type,
                     std::span<const int64_t> shape)
    : file_(path), bytes_left_(checked_bytes(type, shape)) {
  file_.write(npy_header(type, shape));
}

void NpyWriter::append(std::span<const std::byte> bytes) {
  if (bytes.size() > bytes_left_) {
    throw Error(ErrorKind::kInternal, file_.path().string() + ": more data than its shape holds");
  }
  bytes_left_ -= bytes.size();
  file_.write(bytes);
}

void NpyWriter::commit() {
  if (bytes_left_ != 0) {
    throw Error(ErrorKind::kInternal, fmt::format("{}: {} bytes of its shape were never written",
                                                  file_.path().string(), bytes_left_));
  }
  file_.commit();
}

void write_npy(const std::filesystem::path& path, NpyType type, std::span<const int64_t> shape,
               std::span<const std::byte> bytes) {
  NpyWriter writer(path, type, shape);
  writer.append(bytes);
  writer.commit();
}

}  // namespace wgan
