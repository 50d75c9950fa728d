// Readers with small limits, so that a fuzzer is fast, and small valid files.
#include "fuzz/readers.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>

#include "wgan/core/error.h"
#include "wgan/data/prepared_folder.h"
#include "wgan/infer/generator.h"
#include "wgan/io/checksums.h"
#include "wgan/io/cifar.h"
#include "wgan/io/config_file.h"
#include "wgan/io/gzip.h"
#include "wgan/io/idx.h"
#include "wgan/io/image.h"
#include "wgan/io/json_lines.h"
#include "wgan/io/npy.h"
#include "wgan/io/safetensors.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/net/slots.h"
#include "wgan/run/checkpoint_state.h"

namespace wgan::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLimit = 1 << 20;

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// The low bytes of a number, little-endian.
std::string number(uint64_t value, int width) {
  std::string text;
  for (int i = 0; i < width; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string big_endian(uint64_t value) {
  const std::string little = number(value, 4);
  return {little.rbegin(), little.rend()};
}

// A gzip member that holds the text as it is (RFC 1951, 3.2.4).
std::string stored_gzip(const std::string& text) {
  return std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + '\1' + number(text.size(), 2) +
         number(~text.size(), 2) + text + number(crc32(bytes_of(text)), 4) + number(text.size(), 4);
}

std::vector<std::string> gzip_seeds() {
  const std::string deflated("\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\0", 10);
  return {stored_gzip("text"), stored_gzip(std::string(300, 'a')),
          stored_gzip("one") + stored_gzip("two"),
          std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + deflated};
}

std::vector<std::string> idx_seeds() {
  const std::string labels = big_endian(0x801) + big_endian(3) + "\1\2\3";
  const std::string images =
      big_endian(0x803) + big_endian(2) + big_endian(2) + big_endian(2) + "abcdefgh";
  return {labels, images, stored_gzip(images)};
}

std::string npy(NpyType type, const std::vector<int64_t>& shape) {
  int64_t bytes = item_bytes(type);
  for (const int64_t n : shape) bytes *= n;
  return npy_header(type, shape) + std::string(static_cast<size_t>(bytes), '\1');
}

// The same with another text in its header, as long as the old one.
std::string with(std::string file, const std::string& old, const std::string& text) {
  return file.replace(file.find(old), old.size(), text);
}

std::vector<std::string> npy_seeds() {
  const std::string turned = with(npy(NpyType::kInt16, {3, 2}), "False", "True ");
  return {turned,
          with(turned, "<i2", ">i2"),
          npy(NpyType::kCharacter, {2, 3}),
          npy(NpyType::kUint8, {2, 3, 3}),
          npy(NpyType::kFloat32, {4, 2}),
          npy(NpyType::kInt64, {5}),
          npy(NpyType::kFloat64, {})};
}

// A ZIP archive of one stored member.
std::string stored_zip(const std::string& name, const std::string& bytes) {
  const uint32_t crc = crc32(bytes_of(bytes));
  const std::string common = number(20, 2) + number(0, 2) + number(0, 2) + number(0, 4) +
                             number(crc, 4) + number(bytes.size(), 4) + number(bytes.size(), 4) +
                             number(name.size(), 2) + number(0, 2);
  const std::string local = "PK\3\4" + common + name + bytes;
  const std::string central = "PK\1\2" + number(20, 2) + common + number(0, 2) + number(0, 2) +
                              number(0, 2) + number(0, 4) + number(0, 4) + name;
  return local + central + "PK\5\6" + number(0, 4) + number(1, 2) + number(1, 2) +
         number(central.size(), 4) + number(local.size(), 4) + number(0, 2);
}

std::vector<std::string> npz_seeds() {
  return {stored_zip("images.npy", npy(NpyType::kUint8, {2, 3, 3})),
          stored_zip("x.npy", npy(NpyType::kFloat32, {2, 2}))};
}

std::vector<std::string> safetensors_seeds() {
  const TemporaryFolder folder;
  const std::string numbers(48, '\0');
  const std::vector<TensorView> tensors{
      {"0.weight", "F32", {3, 2}, bytes_of(std::string_view(numbers).substr(0, 24))},
      {"0.bias", "F32", {3}, bytes_of(std::string_view(numbers).substr(24, 12))},
      {"count", "I64", {}, bytes_of(std::string_view(numbers).substr(36, 8))}};
  write_safetensors(folder.path() / "x", tensors, {{"format", "pt"}});
  std::ifstream file(folder.path() / "x", std::ios::binary);
  return {{std::istreambuf_iterator<char>(file), {}}};
}

// A whole generator in one file, with numbers that are all the same.
std::string generator_file(const GeneratorState& state) {
  const TemporaryFolder folder;
  std::vector<TensorView> tensors;
  const std::string numbers(1 << 12, '\x3c');
  for (const auto& slots : {parameter_slots(state.network), state_slots(state.network)}) {
    for (const Slot& slot : slots) {
      const auto size = static_cast<size_t>(elements(slot.shape)) * 4;
      tensors.push_back(
          {slot.name, "F32", slot.shape, bytes_of(std::string_view(numbers).substr(0, size))});
    }
  }
  write_safetensors(folder.path() / "x", tensors, generator_metadata(state));
  std::ifstream file(folder.path() / "x", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> generator_seeds() {
  GeneratorState points{
      .step = 3,
      .latent = 3,
      .known = {},
      .data = {"points", "ab", {2}, {}, {{0.5, 1}, {1, 2}}, {}, {1, 2}, {}},
      .network = {{3}, {Linear{3, 4}, BatchNorm{4}, LeakyRelu{0.1}, Linear{4, 2}}}};
  GeneratorState images{
      .step = 3,
      .latent = 3,
      .known = {2, 1},
      .data = {"images", "cd", {4, 4, 1}, {"a", "b"}, {}, {{50}, {10}}, {}, {2, 0}, {50}},
      .network = {{6},
                  {Linear{6, 4}, Reshape{{1, 2, 2}}, LayerNorm{1}, UpsampleConv2d{1, 2}, Crop{4, 4},
                   Residual{{Conv2d{2, 2, 3, 1, 1}, Tanh{}}, {}}, ConvTranspose2d{2, 1, 3, 1, 1},
                   Sigmoid{}}}};
  GeneratorState normed = points;
  normed.network = {{3}, {ReferenceBatch{2, 3}, Linear{3, 4}, VirtualBatchNorm{4}, Linear{4, 2}}};
  normed.network.spectral_norm = true;
  return {generator_file(points), generator_file(images), generator_file(normed)};
}

// Opens it, and draws one sample where that is little work.
void draw_one(const fs::path& file) {
  const infer::Generator generator = infer::Generator::open(file);
  if (generator.runner().plan().sizes.workspace > (1 << 16)) return;
  generator.sample(std::vector<uint64_t>{1}, {}, /*threads=*/1);
}

std::vector<std::string> checksum_seeds() {
  const std::string line = std::string(64, 'a') + "  input.sums\n";
  return {line, line + std::string(64, '0') + "  other\n"};
}

std::vector<std::string> image_seeds() {
  if (!images_supported()) return {};
  const Image grey{4, 3, 1, std::vector<uint8_t>(12, 100)};
  const Image colour{2, 2, 3, std::vector<uint8_t>(12, 200)};
  std::vector<std::string> seeds;
  for (const Image& image : {grey, colour}) {
    const std::vector<uint8_t> png = encode_png(image);
    seeds.emplace_back(png.begin(), png.end());
  }
  return seeds;
}

// The file under the name that its reader looks for. A new file is quicker to write than an old
// one.
void place(const fs::path& file, const char* name) {
  const fs::path copy = file.parent_path() / name;
  fs::remove(copy);
  fs::copy_file(file, copy);
}

std::vector<std::string> config_seeds() {
  return {"# all kinds of values\nsteps = 40  # flag\nlambda = 0.1\nmirror = false\n",
          "data = \"a \\\"b\\\" # \\u00e9\"  # flag\nname = 'c \\'\n time=\"3m\"\r\n",
          "steps = 4\n[draw]\nwidth = \"3|4\"\n[wgan-gp]\nlambda = 5\n"};
}

std::vector<std::string> manifest_seeds() {
  return {R"({"format": 1, "source": "/a", "options": {"size": "2"}, "shape": [1, 2, 2, 1],
"class_names": [], "enlarged": 0, "duplicates": 0, "sha256": "ab",
"skipped": [{"file": "b", "reason": "c"}]})"};
}

std::vector<std::string> state_seeds() {
  CheckpointState points;
  points.step = 3;
  points.critic_steps = 15;
  points.options.train.players.latent = 3;
  points.data = {"points", "ab", {2}, {}, {{0.5, 1}, {1, 2}}, {}, {1, 2}, {}};
  points.networks = {{{3}, {Linear{3, 4}, BatchNorm{4}, LeakyRelu{0.1}, Linear{4, 2}}},
                     {{2}, {Linear{2, 1, false}}}};
  CheckpointState images = points;
  images.options.train.players.conditional = true;
  images.data = {"images", "cd", {4, 4, 1}, {"a", "b"}, {}, {{50}, {10}}, {}, {2, 0}};
  images.networks = {
      {{6},
       {Linear{6, 4}, Reshape{{1, 2, 2}}, Upsample2x{}, UpsampleConv2d{1, 2}, Crop{4, 4},
        Residual{{Conv2d{2, 1, 3, 1, 1}, Tanh{}}, {Conv2d{2, 1}}}, Sigmoid{}}},
      {{2, 4, 4},
       {Pad{1, 1}, Conv2d{2, 2, 4, 2, 1}, ConvTranspose2d{2, 2, 2, 2}, MeanPool2x{}, GlobalMean{},
        Linear{2, 3}}}};
  return {state_to_json(points).dump(), state_to_json(images).dump(1)};
}

const std::vector<Reader> kReaders = {
    {"idx", "idx", [](const fs::path& file) { read_idx(file, kLimit); }, idx_seeds},
    {"gzip", "gz", [](const fs::path& file) { read_gzip(file, kLimit); }, gzip_seeds},
    {"cifar", "bin", [](const fs::path& file) { CifarFile read(file); },
     [] { return std::vector<std::string>{std::string(3073, '\3')}; }},
    {"npy", "npy", [](const fs::path& file) { map_npy(file); }, npy_seeds},
    {"npz", "npz", [](const fs::path& file) { read_npz(file, kLimit); }, npz_seeds},
    {"safetensors", "safetensors", [](const fs::path& file) { SafetensorsFile read(file); },
     safetensors_seeds},
    {"generator", "safetensors", draw_one, generator_seeds},
    {"json_lines", "jsonl",
     [](const fs::path& file) {
       cut_json_lines(file, [](const auto& line) { return line.is_object(); });
       read_json_lines(file);
     },
     [] {
       return std::vector<std::string>{"{\"step\":1,\"W\":0.5}\n{\"step\":2}\n", "[1,2]\n"};
     }},
    {"checksums", "sums",
     [](const fs::path& file) {
       place(file, "SHA256SUMS");
       check_checksums(file.parent_path(), std::vector<std::string>{file.filename()});
     },
     checksum_seeds},
    {"config", "toml", [](const fs::path& file) { read_config_tables(file); }, config_seeds},
    {"manifest", "json",
     [](const fs::path& file) {
       place(file, "manifest.json");
       const fs::path images = file.parent_path() / "images.npy";
       if (!fs::exists(images)) std::ofstream(images) << npy(NpyType::kUint8, {1, 2, 2, 1});
       read_prepared(file.parent_path());
     },
     manifest_seeds},
    {"state", "json",
     [](const fs::path& file) {
       place(file, kStateFile);
       read_checkpoint_state(file.parent_path());
     },
     state_seeds},
    {"image", "png",
     [](const fs::path& file) {
       if (!images_supported()) return;
       read_image_info(file);
       load_image(file, {.size = 4, .max_pixels = 10'000});
     },
     image_seeds}};

}  // namespace

std::span<const Reader> readers() { return kReaders; }

void read_bytes(const Reader& reader, std::span<const char> bytes, const fs::path& folder) {
  const fs::path file = folder / ("input." + reader.ending);
  std::error_code ignored;  // a new file is quicker to write than an old one
  fs::remove(file, ignored);
  std::ofstream(file, std::ios::binary).write(bytes.data(), std::ssize(bytes));
  try {
    reader.read(file);
  } catch (const Error&) {
  }
}

}  // namespace wgan::fuzz
