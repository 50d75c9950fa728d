// Bad input of every kind: the exit code, what the message says, and that nothing is left behind.
#include <sys/stat.h>

#include <array>

#include "wgan/cli/program_test_support.h"
#include "wgan/io/gzip.h"
#include "wgan/io/image.h"

namespace wgan {
namespace {

using Names = std::vector<std::string>;

// Big-endian 32 bits, as IDX and PNG write them.
std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

// An NPY file of version 1.0 with this header and data.
std::string npy_file(const std::string& header, const std::string& data) {
  std::string padded = header;
  padded.resize((10 + header.size() + 64) / 64 * 64 - 11, ' ');
  padded += '\n';
  const auto size = static_cast<unsigned>(padded.size());
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(size % 256) +
         static_cast<char>(size / 256) + padded + data;
}

std::string npy_header(const std::string& type, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

std::string png_chunk(const std::string& content) {
  uint32_t crc = 0xffffffff;
  for (const char c : content) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc % 2 == 1 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
  }
  return big_endian(static_cast<uint32_t>(content.size() - 4)) + content + big_endian(~crc);
}

// A PNG that promises these sides and holds no pixel.
std::string png_lie(uint32_t width, uint32_t height) {
  const std::string eight_bits_rgb("\x08\x02\0\0\0", 5);
  const std::string empty_zlib_stream("\x78\x9c\x03\0\0\0\0\x01", 8);
  return "\x89PNG\r\n\x1a\n" +
         png_chunk("IHDR" + big_endian(width) + big_endian(height) + eight_bits_rgb) +
         png_chunk("IDAT" + empty_zlib_stream) + png_chunk("IEND");
}

class Refusal : public ProgramTest {
 protected:
  // The outcome must have this code, and its message and hint hold these texts.
  static void expect_told(const Outcome& outcome, int code, const Names& texts) {
    EXPECT_EQ(outcome.code, code) << outcome.told();
    EXPECT_EQ(outcome.out, "") << outcome.told();
    EXPECT_NE(outcome.err.find("error: "), std::string::npos) << outcome.told();
    EXPECT_NE(outcome.err.find("hint: "), std::string::npos) << outcome.told();
    for (const std::string& text : texts) {
      EXPECT_NE(outcome.err.find(text), std::string::npos) << outcome.told() << "lacks: " << text;
    }
  }

  // Training on `data` must be refused as bad data and leave everything as it was.
  void expect_bad_data(const std::string& data, const Names& texts) const {
    const Names before = contents();
    expect_told(run({"train", data, "--steps", "1"}), 3, texts);
    EXPECT_EQ(contents(), before);
    EXPECT_TRUE(!std::filesystem::exists(cache()) || std::filesystem::is_empty(cache()));
  }

  void write_picture(const std::string& name, int64_t side, uint8_t shade) const {
    const auto count = static_cast<size_t>(side * side * 3);
    write_png(folder() / name, {side, side, 3, std::vector<uint8_t>(count, shade)});
  }
};

TEST_F(Refusal, MissingPath) {
  expect_bad_data("no/such/place", {"no/such/place", "no such file", "check the spelling"});
  expect_bad_data("strkes", {"strkes: no such file", "did you mean strokes"});
}

TEST_F(Refusal, EmptyFolder) {
  std::filesystem::create_directory(folder() / "empty");
  expect_bad_data("empty", {"empty: is an empty folder", "give a folder of pictures"});
}

TEST_F(Refusal, FolderWithoutImages) {
  std::filesystem::create_directory(folder() / "texts");
  write("texts/letter.txt", "Dear reader,");
  expect_bad_data("texts", {"texts", "image"});
}

TEST_F(Refusal, TruncatedGzipIdx) {
  if (!has_zlib()) GTEST_SKIP() << "built without zlib";
  // gzip -9 of two black 16x16 images.
  const std::string whole =
      from_hex("1f8b08000000000002036360e06066606060026201281e052318000028f58c3410020000");
  write("images-idx3-ubyte.gz", whole.substr(0, whole.size() - 12));
  expect_bad_data("images-idx3-ubyte.gz", {"images-idx3-ubyte.gz"});
  std::filesystem::create_directory(folder() / "set");
  write("set/train-images-idx3-ubyte.gz", whole.substr(0, whole.size() - 12));
  expect_bad_data("set", {"train-images-idx3-ubyte.gz"});
}

TEST_F(Refusal, IdxThatPromisesMoreThanItHolds) {
  const std::string start = std::string("\0\0\x08\x03", 4);
  write("images", start + big_endian(3) + big_endian(16) + big_endian(16) + std::string(512, 'x'));
  expect_bad_data("images", {"images", "768", "512"});
  // 2^62 bytes, which nobody can allocate.
  write("huge", start + big_endian(1U << 30) + big_endian(1U << 16) + big_endian(1U << 16) + "x");
  expect_bad_data("huge", {"huge"});
}

TEST_F(Refusal, ObjectNpy) {
  write("objects.npy", npy_file(npy_header("|O", "(2,)"), "pickle"));
  expect_bad_data("objects.npy", {"objects.npy", "object"});
}

TEST_F(Refusal, NanInAFloatArray) {
  const std::array<float, 6> values = {0, 1, 2, NAN, 4, 5};
  write("table.npy", npy_file(npy_header("<f4", "(3, 2)"),
                              {reinterpret_cast<const char*>(values.data()), sizeof values}));
  expect_bad_data("table.npy", {"table.npy", "row 1, column 1 is nan", "finite", "keep the rows"});
}

TEST_F(Refusal, LabelsOfTheWrongLength) {
  write("faces.npy", npy_file(npy_header("|u1", "(3, 16, 16)"), std::string(768, 'x')));
  write("faces-labels.npy", npy_file(npy_header("|u1", "(2,)"), std::string(2, '\1')));
  expect_bad_data("faces.npy", {"faces-labels.npy", "2 labels for 3 rows", "one label a row"});
}

TEST_F(Refusal, ImagesOfHopelessSizesAlone) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  for (const char* name : {"tiny", "vast"}) std::filesystem::create_directory(folder() / name);
  write_picture("tiny/dot.png", 1, 0);
  write("vast/wall.png", png_lie(30000, 30000));
  expect_bad_data("tiny", {"tiny", "dot.png", "1x1 pixels, below 8"});
  expect_bad_data("vast", {"vast", "wall.png", "30000x30000", "--max-pixels"});
}

TEST_F(Refusal, ImagesOfHopelessSizesAmongGoodOnesAreSkippedAndListed) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  std::filesystem::create_directory(folder() / "mixed");
  for (uint8_t i = 0; i < 4; ++i) write_picture("mixed/" + std::to_string(i) + ".png", 16, i);
  write_picture("mixed/dot.png", 1, 0);
  write("mixed/wall.png", png_lie(30000, 30000));
  const Names arguments = {"train",   "mixed", "--size",  "16", "--width",   "4",
                           "--batch", "2",     "--steps", "1",  "--threads", "1"};
  for (int i = 0; i < 2; ++i) {  // fresh, and from the cache
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.told();
    for (const char* text : {"4 images", "2 images were skipped", "dot.png: ", "wall.png: "}) {
      EXPECT_NE(outcome.err.find(text), std::string::npos) << outcome.told() << "lacks " << text;
    }
  }
  Names strict = arguments;
  strict.insert(strict.end(), {"--on-error", "fail"});
  const Names before = contents();
  expect_told(run(strict), 3, {"mixed", "--on-error skip"});
  EXPECT_EQ(contents(), before);
}

TEST_F(Refusal, UnknownVerb) {
  expect_told(run({"trian"}), 2, {"unknown verb 'trian'", "did you mean 'train'?"});
  expect_told(run({"--verison"}), 2, {"unknown flag '--verison'", "did you mean '--version'?"});
  expect_told(run({"data", "inspct", "x"}), 2, {"'inspct'", "did you mean 'inspect'?"});
  expect_told(run({"xylophone"}), 2, {"unknown verb", "train", "sample", "doctor"});
  expect_told(run({"generate"}), 2, {"unknown verb 'generate'", "type wgan sample RUN"});
  expect_told(run({"--data", "cats"}), 2, {"unknown flag '--data'", "wgan train FOLDER"});
  expect_told(run({"data", "convert", "x"}), 2, {"'convert'", "wgan data prepare FOLDER NEW"});
  std::filesystem::create_directory(folder() / "cats");
  expect_told(run({"cats"}), 2, {"unknown verb 'cats'", "to train on it: wgan train cats"});
  std::filesystem::create_directory(folder() / "my cats");
  expect_told(run({"my cats"}), 2, {"to train on it: wgan train 'my cats'"});
}

TEST_F(Refusal, UnknownFlag) {
  expect_told(run({"train", "--stpes", "3"}), 2, {"unknown flag '--stpes'", "'--steps'"});
  expect_told(run({"train", "--lr", "3"}), 2, {"'--lr'", "--critic-lr or --generator-lr"});
  expect_told(run({"sample", "latest", "--sede=3"}), 2, {"'--sede'", "'--seeds'"});
  expect_told(run({"data", "inspect", "x", "--preveiw"}), 2, {"'--preveiw'", "'--preview'"});
  expect_told(run({"train", "--outdir", "x"}), 2, {"'--outdir'", "folder that --out names"});
  expect_told(run({"train", "--outfolder", "x"}), 2, {"'--outfolder'", "did you mean '--out'?"});
  expect_told(run({"train", "--data=x"}), 2, {"unknown flag '--data'", "wgan train FOLDER"});
  expect_told(run({"train", "--batch_size", "3"}), 2, {"'--batch_size'", "type --batch N"});
  expect_told(run({"train", "x", "y"}), 2, {"unexpected argument 'y'", "wgan train --help"});
  EXPECT_EQ(contents(), Names{});
}

TEST_F(Refusal, BadValues) {
  expect_told(run({"train", "--steps", "many"}), 2,
              {"--steps: 'many'", "whole number", "wgan train --help"});
  expect_told(run({"train", "--objective", "wgangp"}), 2, {"'wgangp'", "minimax|non-saturating"});
  expect_told(run({"train", "--batch", "0"}), 2, {"--batch is 0", "2 to 65536"});
  expect_told(run({"train", "gaussians8", "--name", "a/b"}), 2, {"'a/b'", "--out"});
  expect_told(run({"train", "--steps"}), 2, {"--steps", "wgan train --help"});
  expect_told(run({"sample"}), 2, {"run is missing", "run folder", "wgan sample --help"});
  expect_told(run({"data", "inspect"}), 2, {"source is missing", "wgan data inspect --help"});
  EXPECT_EQ(contents(), Names{});
}

TEST_F(Refusal, ValuesOfFlagsThatTakeNone) {
  expect_told(run({"train", "--mirror", "1"}), 2,
              {"--mirror takes no value", "type --mirror alone"});
  expect_told(run({"train", "x", "--mirror", "0"}), 2, {"'0' follows", "type --no-mirror"});
  expect_told(run({"sample", "x", "--separate", "no"}), 2,
              {"takes no value", "leave --separate out"});
  write("1", "a file of this name");
  expect_told(run({"train", "--mirror", "1"}), 3, {"1: "});
}

TEST_F(Refusal, SeedsThatAreNone) {
  const auto told = [&](const char* seeds, const char* text) {
    expect_told(run({"sample", "latest", "--seeds", seeds}), 2, {seeds, text});
  };
  told("18446744073709551616", "is too large for a seed");
  told("99999999999999999999999", "whole numbers from 0 to 18446744073709551615");
  told("-1", "not a list of seeds");
  told("1,,2", "not a list of seeds");
  told("5-1", "rising range");
  expect_told(run({"sample", "latest", "--seeds", "18446744073709551614-18446744073709551615"}), 3,
              {"no run with a checkpoint"});
}

TEST_F(Refusal, UnknownKeyInAConfigurationFile) {
  write("run.toml", "stpes = 3\n");
  expect_told(run({"train", "--config", "run.toml"}), 2, {"'stpes'", "did you mean 'steps'?"});
  write("run.toml", "[train]\nsteps = 3\n");
  expect_told(run({"train", "--config", "run.toml"}), 2, {"run.toml, line 1", "tables"});
  expect_told(run({"train", "--config", "none.toml"}), 2, {"none.toml", "cannot be read"});
  EXPECT_EQ(contents(), Names{"run.toml"});
}

TEST_F(Refusal, CheckpointThatIsNone) {
  expect_told(run({"sample", "nothing"}), 3, {"nothing does not exist", "give a run folder"});
  expect_told(run({"sample", "latest"}), 3, {"no run with a checkpoint", "wgan train"});
  std::filesystem::create_directories(folder() / "run/checkpoints/step-000001");
  write("run/checkpoints/step-000001/state.json", "{\"format\": ");
  expect_told(run({"sample", "run"}), 6, {"SHA256SUMS", "damaged"});
  EXPECT_FALSE(std::filesystem::exists(folder() / "samples.png"));
}

// A disk that takes no more than this many bytes a file.
std::function<void()> disk_with(rlim_t bytes) {
  return [bytes] {
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
}

TEST_F(Refusal, FullDiskBeforeTrainingLeavesNoRunFolder) {
  const Outcome outcome = run({"train", "gaussians8", "--steps", "1"}, disk_with(1024));
  expect_told(outcome, 7, {"cannot write", "config.toml", "File too large"});
  EXPECT_EQ(contents(), Names{"runs/"});
}

TEST_F(Refusal, FullDiskInTrainingLeavesWholeFiles) {
  // The generator has 3 hidden layers of 256 units: half a megabyte.
  const Outcome outcome =
      run({"train", "gaussians8", "--steps", "2", "--width", "256", "--threads", "1"},
          disk_with(200'000));
  expect_told(outcome, 7, {"cannot write", "safetensors"});
  const std::filesystem::path made = folder() / "runs/00000-gaussians8-wgan-gp";
  const nlohmann::json manifest = nlohmann::json::parse(read_test_file(made / "run.json"));
  EXPECT_EQ(manifest["state"], "failed");
  EXPECT_EQ(contents(std::filesystem::relative(made, folder())),
            (Names{"checkpoints/", "config.toml", "lock", "log.txt", "metrics.jsonl", "reals.png",
                   "run.json", "samples/", "samples/000000.png", "samples/000002.png"}));
}

TEST_F(Refusal, NumbersThatAreNotFinite) {
  const Outcome outcome =
      run({"train", "gaussians8", "--steps", "400", "--width", "8", "--threads", "1",
           "--tick-every", "20", "--critic-lr", "999", "--generator-lr", "999"});
  EXPECT_EQ(outcome.code, 4) << outcome.told();
  for (const char* text : {"is not finite at step", "--critic-lr", "there is no checkpoint yet"}) {
    EXPECT_NE(outcome.err.find(text), std::string::npos) << outcome.told();
  }
  const std::string made = "runs/00000-gaussians8-wgan-gp";
  const auto manifest = nlohmann::json::parse(read_test_file(folder() / made / "run.json"));
  EXPECT_EQ(manifest["state"], "failed");
  EXPECT_FALSE(std::filesystem::exists(folder() / made / "checkpoints"));
}

TEST_F(Refusal, NumbersThatAreNotFiniteBehindACheckpoint) {
  const std::vector<std::string> diverging = {"--critic-lr", "999", "--generator-lr", "999"};
  ASSERT_EQ(run({"train", "gaussians8", "--steps", "2", "--width", "8", "--name", "my run"}).code,
            0);
  const Outcome outcome = run(with({"train", "--from", "latest", "--steps", "400", "--tick-every",
                                    "400", "--checkpoint-every", "0.001s", "--name", "my run"},
                                   diverging));
  EXPECT_EQ(outcome.code, 4) << outcome.told();
  const std::string before =
      "the last checkpoint is good: wgan train --from 'runs/00001-my run/checkpoints/";
  EXPECT_NE(outcome.err.find(before), std::string::npos) << outcome.told();
  EXPECT_NE(outcome.err.find("' --critic-lr 499.5 --generator-lr 499.5\n"), std::string::npos)
      << outcome.told();
}

TEST_F(Refusal, FullDiskUnderStdout) {
  const auto full_stdout = [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  expect_told(run({"describe", "--width", "4"}, full_stdout), 7, {"stdout", "No space left"});
}

TEST_F(Refusal, FullDiskInPreparingLeavesNothing) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  std::filesystem::create_directory(folder() / "grey");
  for (uint8_t i = 0; i < 4; ++i) write_picture("grey/" + std::to_string(i) + ".png", 32, i);
  const Names before = contents();
  expect_told(run({"data", "prepare", "grey", "ready"}, disk_with(4096)), 7, {"cannot write"});
  EXPECT_EQ(contents(), before);
  expect_told(run({"train", "grey", "--steps", "1"}, disk_with(4096)), 7, {"cannot write"});
  EXPECT_EQ(contents(), before);
  EXPECT_TRUE(!std::filesystem::exists(cache()) || std::filesystem::is_empty(cache()));
}

TEST_F(Refusal, OutputFolderThatCannotBeWritten) {
  write("taken", "a file");
  expect_told(run({"train", "gaussians8", "--steps", "1", "--out", "taken"}), 7,
              {"taken", "--out"});
  EXPECT_EQ(contents(), Names{"taken"});
  expect_told(run({"train", "gaussians8", "--steps", "1", "--out", "/proc/runs"}), 7,
              {"/proc/runs", "--out"});
  if (::geteuid() != 0) {  // root may write anywhere
    std::filesystem::create_directory(folder() / "locked");
    ::chmod((folder() / "locked").c_str(), 0555);
    expect_told(run({"train", "gaussians8", "--steps", "1", "--out", "locked"}), 7,
                {"locked", "permissions"});
  }
}

TEST_F(Refusal, IsOneObjectWithJson) {
  const Outcome outcome = run({"train", "no/such/place", "--json"});
  EXPECT_EQ(outcome.code, 3);
  const auto objects = outcome.objects();
  ASSERT_EQ(objects.size(), 1U) << outcome.told();
  EXPECT_EQ(objects[0]["ok"], false);
  EXPECT_EQ(objects[0]["error"]["code"], "data");
  EXPECT_NE(objects[0]["error"]["message"].get<std::string>().find("no/such/place"),
            std::string::npos);
  EXPECT_NE(objects[0]["error"]["hint"], "");
}

}  // namespace
}  // namespace wgan
