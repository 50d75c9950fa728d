// The verbs as a person uses them: what they print, write and return.
#include <array>
#include <cstring>
#include <span>

#include "wgan/cli/program_test_support.h"
#include "wgan/io/image.h"
#include "wgan/io/npy.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Json = nlohmann::json;

// A run on points of the plane, of a few dozen steps of a small network.
const Names kPoints = {"train", "gaussians8", "--steps", "40",        "--tick-every",
                       "20",    "--width",    "16",      "--threads", "1"};
// Pixels of n tiles of 28x28, shown twice as large, with gutters of 2 between and around them.
int64_t tiles(int64_t n) { return n * (2 * 28 + 2) + 2; }

// A run on 28x28 images, of two steps of a small network.
const Names kDigits = {"train", "--steps", "2", "--width", "4", "--batch", "4", "--threads", "1"};

class Program : public ProgramTest {
 protected:
  Outcome expect_done(const Names& arguments) const {
    Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.told();
    return outcome;
  }

  // The one object that a verb prints with --json.
  Json expect_object(const Names& arguments) const {
    const auto objects = expect_done(with(arguments, {"--json"})).objects();
    EXPECT_EQ(objects.size(), 1U);
    if (objects.empty()) return {};
    EXPECT_EQ(objects.back()["ok"], true);
    return objects.back();
  }
};

TEST_F(Program, PrintsHelpOfEveryVerbThatFitsIntoATerminal) {
  const std::string overview = expect_done({"--help"}).out;
  EXPECT_EQ(expect_done({}).out, overview);
  for (const Names& verb : {Names{"train"},
                            {"sample"},
                            {"interpolate"},
                            {"data"},
                            {"data", "inspect"},
                            {"data", "prepare"},
                            {"data", "cache"},
                            {"describe"},
                            {"doctor"},
                            {"evaluate"},
                            {"compare-recipes"},
                            {"features"}}) {
    EXPECT_NE(overview.find(verb[0]), std::string::npos);
    const std::string help = expect_done(with(verb, {"--help"})).out;
    std::string usage = "Usage: wgan";
    for (const std::string& word : verb) usage += " " + word;
    EXPECT_NE(help.find(usage), std::string::npos) << help;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
  EXPECT_EQ(expect_done({"help", "sample"}).out, expect_done({"sample", "--help"}).out);
}

TEST_F(Program, ListsTheMostUsedOptionsOfTrainFirst) {
  const std::string help = expect_done({"train", "--help"}).out;
  size_t last = help.find("\nMost used options:");
  for (const char* flag : {"time", "steps", "size", "conditional", "recipe", "name", "resume",
                           "from", "config", "dry-run", "verbose", "split", "batch"}) {
    const size_t at = help.find(std::string("\n  --") + flag + " ");
    EXPECT_LT(last, at) << flag;
    EXPECT_EQ(help.find(std::string("\n  --") + flag + " ", at + 1), std::string::npos) << flag;
    last = at;
  }
  EXPECT_NE(last, std::string::npos);
}

TEST_F(Program, DocumentsItsOptionsInTheTree) {
  EXPECT_EQ(expect_done({"train", "--options-markdown"}).out,
            read_test_file(WGAN_SOURCE_FOLDER "/docs/options.md"))
      << "run: wgan train --options-markdown > docs/options.md";
}

TEST_F(Program, LeavesEverythingInTheRunFolder) {
  const Outcome outcome = expect_done(kPoints);
  const std::string run = "runs/00000-gaussians8-wgan-gp";
  for (const char* text : {"/reals.png", "/samples/000040.png", "wgan sample runs/00000"}) {
    EXPECT_NE(outcome.out.find(text), std::string::npos) << outcome.told();
  }
  const Names step = {"SHA256SUMS",
                      "average.safetensors",
                      "critic.safetensors",
                      "critic_optimizer.safetensors",
                      "generator.safetensors",
                      "generator_optimizer.safetensors",
                      "state.json",
                      "ticks.safetensors"};
  EXPECT_EQ(contents(run + "/checkpoints/step-000040"), step);
  EXPECT_EQ(read_test_file(folder() / run / "checkpoints/last"), "step-000040\n");
  EXPECT_EQ(contents(run + "/samples"),
            (Names{"000000.png", "000010.png", "000020.png", "000040.png"}));
  const std::string config = read_test_file(folder() / run / "config.toml");
  for (const char* line : {"data = \"gaussians8\"  # flag", "steps = 40  # flag",
                           "batch = 512  # recipe", "seed = 0  # recipe"}) {
    EXPECT_NE(config.find(line), std::string::npos) << config;
  }
  const Json manifest = Json::parse(read_test_file(folder() / run / "run.json"));
  EXPECT_EQ(manifest["state"], "steps done");
  EXPECT_EQ(manifest["step"], 40);
  EXPECT_EQ(manifest["seed"], 0);
  EXPECT_EQ(manifest["device"], "cpu");
  for (const char* key : {"schema", "wgan", "libtorch"}) EXPECT_TRUE(manifest.contains(key)) << key;
  EXPECT_NE(manifest["data"]["identity"], "");
  EXPECT_EQ(metrics(run).size(), 2U);
  // Ticks are plain lines where stderr is no terminal, and the next run has the next number.
  for (const char* tick : {"\nstep 20/40 ", "\nstep 40/40 "}) {
    EXPECT_NE(outcome.err.find(tick), std::string::npos) << outcome.told();
  }
  EXPECT_NE(outcome.err.find("\nverdict: The run was too short"), std::string::npos)
      << outcome.told();
  EXPECT_EQ(manifest["verdict"]["name"], "short");
  EXPECT_EQ(outcome.err.find('\r'), std::string::npos);
  EXPECT_NE(expect_done(kPoints).out.find("runs/00001-gaussians8-wgan-gp"), std::string::npos);
}

TEST_F(Program, TrainsTheSameAgainFromTheConfigurationOfARun) {
  expect_done(with(kPoints, {"--seed", "7", "--critic-lr", "0.0003", "--name", "odd # \"name\""}));
  const std::string first = "runs/00000-odd # \"name\"", second = "runs/00001-odd # \"name\"";
  ASSERT_TRUE(fs::exists(folder() / first));
  expect_done({"train", "--config", first + "/config.toml"});
  ASSERT_EQ(metrics(first).size(), 2U);
  EXPECT_EQ(metrics(first), metrics(second));
  for (const char* file : {"average.safetensors", "critic.safetensors", "generator.safetensors"}) {
    const std::string place = std::string("checkpoints/step-000040/") + file;
    EXPECT_EQ(read_test_file(folder() / first / place), read_test_file(folder() / second / place));
  }
  // A flag wins over the file.
  expect_done({"train", "--config", first + "/config.toml", "--steps", "20", "--name", "short"});
  const std::string config = read_test_file(folder() / "runs/00002-short/config.toml");
  EXPECT_NE(config.find("steps = 20  # flag"), std::string::npos) << config;
  EXPECT_NE(config.find("seed = 7  # file"), std::string::npos) << config;
}

TEST_F(Program, PrintsOneObjectATickWithJson) {
  const auto objects = expect_done(with(kPoints, {"--json"})).objects();
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0]["step"], 20);
  EXPECT_EQ(objects[1]["step"], 40);
  EXPECT_FALSE(objects[1].contains("ok"));
  EXPECT_EQ(objects[2]["ok"], true);
  EXPECT_EQ(objects[2]["step"], 40);
  for (const char* key : {"run", "checkpoint", "reals", "samples"}) {
    EXPECT_TRUE(fs::exists(folder() / objects[2][key].get<std::string>())) << key;
  }
}

TEST_F(Program, PrintsTheFirstTickAndTheLastWhereStderrIsNoTerminal) {
  const Outcome outcome = expect_done({"train", "gaussians8", "--steps", "40", "--tick-every", "10",
                                       "--width", "16", "--threads", "1"});
  size_t ticks = 0;
  for (size_t at = 0; (at = outcome.err.find("\nstep ", at)) != std::string::npos; ++at) ++ticks;
  EXPECT_EQ(ticks, 2U) << outcome.told();
  EXPECT_LT(outcome.err.find("\nstep 10/40 "), outcome.err.find("\nstep 40/40 "));
  EXPECT_LT(outcome.err.find("\nstep 40/40 "), outcome.err.find("\ndone: 40 steps"));
  EXPECT_EQ(metrics("runs/00000-gaussians8-wgan-gp").size(), 4U);
}

TEST_F(Program, DryRunTellsWhatARunComesToAndTrainsNothing) {
  const Outcome outcome = expect_done(with(kPoints, {"--dry-run"}));
  EXPECT_EQ(outcome.out.find("time:     about "), 0U) << outcome.told();
  // 40 steps, each of 5 critic steps on 512 points.
  for (const char* text :
       {"rows:     102,400, each of them new\n", "memory:   about ", "networks: mlp on cpu; ",
        "advice:   100,000 rows are few: recipe fast takes 10,240,000\n", "--steps 4000, about ",
        "options other than those of recipe fast (all "}) {
    EXPECT_NE(outcome.out.find(text), std::string::npos) << text << outcome.told();
  }
  EXPECT_NE(outcome.out.find("--verbose):\n  --width 16\n  --steps 40\n  --tick-every 20\n"
                             "  --threads 1\n"),
            std::string::npos)
      << outcome.told();
  const Outcome all = expect_done(with(kPoints, {"--dry-run", "--verbose"}));
  for (const char* text : {"width = 16  # flag", "depth = 3  # recipe", "generator (input 2)"}) {
    EXPECT_NE(all.out.find(text), std::string::npos) << text << all.told();
    EXPECT_EQ(outcome.out.find(text), std::string::npos) << text;
  }
  const Json object = expect_object(with(kPoints, {"--dry-run"}));
  EXPECT_EQ(object["options"]["width"], "16");
  // Points of the plane, 3 hidden layers of 16: 2 latent numbers to 2, and 2 numbers to 1.
  EXPECT_EQ(object["parameters"], (2 * 16 + 16) + 2 * (16 * 16 + 16) + (16 * 2 + 2) +
                                      (2 * 16 + 16) + 2 * (16 * 16 + 16) + (16 + 1));
  EXPECT_GT(object["memory_bytes"], 0);
  EXPECT_EQ(object["steps"], 40);
  EXPECT_EQ(object["images"], 102'400);
  EXPECT_EQ(object["advice"].size(), 2U);
  EXPECT_EQ(contents(), Names{});
}

TEST_F(Program, DrawsSamples) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  expect_done(kDigits);
  const Json grid = expect_object({"sample", "latest", "--seeds", "0-5", "--grid", "3x2"});
  EXPECT_EQ(grid["samples"], 6);
  EXPECT_EQ(grid["files"], Json(Names{"samples.png"}));
  const ImageInfo info = read_image_info(folder() / "samples.png");
  EXPECT_EQ(info.width, tiles(3));
  EXPECT_EQ(info.height, tiles(2));

  expect_done({"sample", "runs/00000-strokes-relativistic", "--seeds", "0-5", "--out", "all.npy"});
  expect_done({"sample", "latest", "--seeds", "4", "--out", "one.npy"});
  const NpyArray all = map_npy(folder() / "all.npy"), one = map_npy(folder() / "one.npy");
  EXPECT_EQ(all.shape, (std::vector<int64_t>{6, 28, 28, 1}));
  EXPECT_EQ(all.type, NpyType::kUint8);
  EXPECT_EQ(text_of(all.bytes.subspan(4 * 784, 784)), text_of(one.bytes)) << "seed 4 is seed 4";

  const Json separate = expect_object({"sample", "latest", "--seeds", "1,3", "--separate"});
  EXPECT_EQ(separate["files"].size(), 2U);
  EXPECT_EQ(contents("samples"), (Names{"seed000001.png", "seed000003.png"}));
  const Outcome full = run({"sample", "latest", "--seeds", "0-6", "--grid", "3x2"});
  EXPECT_EQ(full.code, 2);
  EXPECT_NE(full.err.find("7 seeds do not fit"), std::string::npos) << full.told();
}

TEST_F(Program, DrawsVectorsAsAnArray) {
  expect_done(kPoints);
  expect_done({"sample", "latest", "--seeds", "0-99"});
  const NpyArray points = map_npy(folder() / "samples.npy");
  EXPECT_EQ(points.shape, (std::vector<int64_t>{100, 2}));
  EXPECT_EQ(points.type, NpyType::kFloat32);
  EXPECT_EQ(run({"sample", "latest", "--separate"}).code, 2);
}

TEST_F(Program, WalksBetweenVectors) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  expect_done(kPoints);
  const Json walk = expect_object({"interpolate", "latest", "--seeds", "1,5", "--frames", "6"});
  EXPECT_EQ(walk["files"], Json(Names{"walk.png", "walk.npy"}));
  expect_done({"sample", "latest", "--seeds", "1,5"});
  const NpyArray frames = map_npy(folder() / "walk.npy"), ends = map_npy(folder() / "samples.npy");
  EXPECT_EQ(frames.shape, (std::vector<int64_t>{6, 2}));
  const auto point = [](const NpyArray& array, size_t row) {
    std::array<float, 2> values;
    std::memcpy(values.data(), array.bytes.data() + row * sizeof values, sizeof values);
    return values;
  };
  for (const size_t i : {0, 1}) {  // frames 0 and 3 of 6 are the seeds
    for (const size_t column : {0, 1}) {
      EXPECT_NEAR(point(frames, 3 * i)[column], point(ends, i)[column], 1e-5);
    }
  }
  EXPECT_EQ(read_image_info(folder() / "walk.png").width, 512);
}

TEST_F(Program, WalksBetweenRowsOfATable) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  std::vector<float> table;
  for (int i = 0; i < 120; ++i) table.push_back(static_cast<float>(i % 7));
  write_npy(folder() / "table.npy", NpyType::kFloat32, std::vector<int64_t>{40, 3},
            std::as_bytes(std::span(table)));
  expect_done({"train", "table.npy", "--steps", "2", "--width", "8", "--batch", "8"});
  for (const int64_t frames : {1, 20}) {
    expect_done({"interpolate", "latest", "--frames", std::to_string(frames)});
    EXPECT_EQ(map_npy(folder() / "walk.npy").shape, (std::vector<int64_t>{frames, 3}));
    EXPECT_EQ(read_image_info(folder() / "walk.png").width, 512);
  }
}

TEST_F(Program, DrawsLatentsNearerToTheMiddle) {
  expect_done(kPoints);
  const auto drawn = [&](const Names& more) {
    expect_done(with({"sample", "latest", "--seeds", "0-9"}, more));
    return read_test_file(folder() / "samples.npy");
  };
  const std::string whole = drawn({});
  EXPECT_EQ(drawn({"--truncation", "1"}), whole);
  EXPECT_NE(drawn({"--truncation", "0.5"}), whole);
  for (const char* verb : {"sample", "interpolate"}) {
    const Outcome refused = run({verb, "latest", "--truncation", "0"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find("--truncation is 0"), std::string::npos) << refused.told();
  }
}

TEST_F(Program, ShowsARowAClassAlsoAfterItWasResumed) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  const Names train = {"train", "--width", "4", "--batch", "4", "--threads", "1", "--no-lr-decay"};
  const Outcome whole = expect_done(with(train, {"--steps", "4", "--name", "whole"}));
  EXPECT_NE(whole.err.find("rows from the top: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"), std::string::npos)
      << whole.told();
  const fs::path runs = folder() / "runs";
  const Names digits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  EXPECT_EQ(Json::parse(read_test_file(runs / "00000-whole/run.json"))["picture_rows"],
            Json(digits));
  const Json drawn = expect_object({"sample", "latest"});
  EXPECT_EQ(drawn["picture_rows"], Json(digits));
  EXPECT_EQ(drawn["samples"], 60);
  for (const fs::path& file : {runs / "00000-whole/reals.png",
                               runs / "00000-whole/samples/000004.png", folder() / "samples.png"}) {
    const ImageInfo info = read_image_info(file);
    EXPECT_EQ(info.width, tiles(6)) << file;
    EXPECT_EQ(info.height, tiles(10)) << file;
  }
  expect_done(with(train, {"--steps", "2", "--name", "cut"}));
  expect_done({"train", "--resume", "latest", "--steps", "4"});
  EXPECT_TRUE(read_test_file(runs / "00001-cut/samples/000004.png") ==
              read_test_file(runs / "00000-whole/samples/000004.png"));
  // What is asked for is drawn as before.
  EXPECT_EQ(expect_object({"sample", "latest", "--class", "3"})["samples"], 64);
  EXPECT_EQ(expect_object({"sample", "latest", "--out", "all.npy"})["samples"], 64);
}

TEST_F(Program, WalksBetweenSamples) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  expect_done(kDigits);
  const Json walk = expect_object({"interpolate", "latest", "--seeds", "1,5", "--frames", "6"});
  EXPECT_EQ(walk["files"], Json(Names{"walk.png", "walk.gif"}));
  EXPECT_EQ(read_image_info(folder() / "walk.png").width, tiles(6));
  EXPECT_EQ(read_test_file(folder() / "walk.gif").substr(0, 4), "GIF8");
  expect_done({"interpolate", "latest", "--frames", "4", "--format", "webp", "--out", "other"});
  EXPECT_EQ(read_test_file(folder() / "other.webp").substr(8, 4), "WEBP");
}

TEST_F(Program, DescribesNetworks) {
  const Json networks = expect_object({"describe", "--recipe", "paper", "--shape", "28x28x1"});
  EXPECT_TRUE(networks.contains("generator"));
  EXPECT_TRUE(networks.contains("critic"));
  const Outcome table = expect_done({"describe", "--shape", "2", "--net", "mlp"});
  EXPECT_NE(table.out.find("generator"), std::string::npos) << table.told();
  const Outcome modern = expect_done({"describe", "--shape", "16x24x3", "--net", "modern"});
  for (const char* layer : {"basis", "grouped_conv2d 256 -> 256, kernel 3, stride 1, 16 groups",
                            "filter_up2x", "filter_down2x", "basis_transpose"}) {
    EXPECT_NE(modern.out.find(layer), std::string::npos) << layer << modern.told();
  }
  EXPECT_EQ(run({"describe", "--shape", "two"}).code, 2);
}

TEST_F(Program, SaysWhatTheMachineCanDo) {
  const Json found = expect_object({"doctor"});
  EXPECT_NE(found["blas"], "");
  EXPECT_GT(found["gflops"], 0);
  EXPECT_GE(found["threads"], 1);
}

TEST_F(Program, InspectsPreparesAndCachesAFolder) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  for (const char* name : {"pets", "pets/cats", "pets/dogs"}) fs::create_directory(folder() / name);
  for (uint8_t i = 0; i < 6; ++i) {
    const std::string name = (i < 4 ? "pets/cats/" : "pets/dogs/") + std::to_string(i) + ".png";
    write_png(folder() / name, {20, 24, 3, std::vector<uint8_t>(20 * 24 * 3, i)});
  }
  write("pets/dogs/broken.png", "no picture");
  const Json found = expect_object({"data", "inspect", "pets"});
  EXPECT_EQ(found["count"], 7);
  EXPECT_EQ(found["usable"], 6);
  EXPECT_TRUE(fs::exists(folder() / "preview.png"));

  const Json made = expect_object({"data", "prepare", "pets", "ready", "--size", "16"});
  EXPECT_EQ(made["shape"], Json({6, 16, 16, 3}));
  EXPECT_EQ(made["skipped"], 1);
  EXPECT_EQ(contents("ready"), (Names{"images-labels.npy", "images.npy", "manifest.json"}));
  const NpyArray labels = map_npy(folder() / "ready/images-labels.npy");
  std::vector<int32_t> classes(6);
  ASSERT_EQ(labels.bytes.size(), sizeof(int32_t) * classes.size());
  std::memcpy(classes.data(), labels.bytes.data(), labels.bytes.size());
  EXPECT_EQ(classes, (std::vector<int32_t>{0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(run({"data", "prepare", "pets", "ready"}).code, 7) << "it is there already";

  expect_done(with(kDigits, {"pets", "--size", "16"}));
  const Json cached = expect_object({"data", "cache"});
  EXPECT_EQ(cached["folder"], cache().string());
  ASSERT_EQ(cached["entries"].size(), 1U);
  EXPECT_EQ(cached["entries"][0]["shape"], Json({6, 16, 16, 3}));
  EXPECT_GT(expect_object({"data", "cache", "--clear"})["freed"], 0);
  EXPECT_EQ(expect_object({"data", "cache"})["entries"].size(), 0U);
  // The prepared folder trains too.
  expect_done(with(kDigits, {"ready"}));
}

// Discs on nothing, in pictures of 30x20.
void write_discs(const fs::path& folder) {
  fs::create_directory(folder);
  for (int i = 0; i < 8; ++i) {
    Image image{20, 30, 4, std::vector<uint8_t>(20 * 30 * 4, 70)};
    for (int p = 0; p < 600; ++p) {
      const int x = p % 30 - 8 - i, y = p / 30 - 10;
      image.pixels[static_cast<size_t>(4 * p + 3)] = x * x + y * y < 50 ? 255 : 0;
    }
    write_png(folder / (std::to_string(i) + ".png"), image);
  }
}

TEST_F(Program, MakesTransparentRectanglesOfTransparentRectangles) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  write_discs(folder() / "discs");
  const Outcome looked = expect_done({"data", "inspect", "discs"});
  EXPECT_NE(looked.out.find("8 images have transparent pixels: kept"), std::string::npos)
      << looked.told();
  const Outcome trained = expect_done(with(kDigits, {"discs", "--size", "24x16"}));
  for (const char* text : {"8 images of 24x16 pixels (RGBA)", "most pictures have transparent"}) {
    EXPECT_NE(trained.err.find(text), std::string::npos) << trained.told();
  }
  EXPECT_EQ(trained.err.find("--fit crop cuts"), std::string::npos) << "30x20 is as wide";
  const std::string run = "runs/00000-discs-relativistic";
  EXPECT_EQ(read_image_info(folder() / run / "reals.png").channels, 3);
  EXPECT_FALSE(read_image_info(folder() / run / "reals.png").alpha) << "on a checkerboard";

  expect_done({"sample", "latest", "--seeds", "0-2", "--out", "all.npy"});
  EXPECT_EQ(map_npy(folder() / "all.npy").shape, (std::vector<int64_t>{3, 16, 24, 4}));
  expect_done({"sample", "latest", "--seeds", "1", "--separate"});
  const ImageInfo one = read_image_info(folder() / "samples/seed000001.png");
  EXPECT_TRUE(one.alpha);
  EXPECT_EQ(one.width, 24);
  EXPECT_EQ(one.height, 16);
  expect_done({"interpolate", "latest", "--frames", "4", "--format", "webp"});
  EXPECT_TRUE(read_image_info(folder() / "walk.webp").alpha);
  EXPECT_EQ(read_image_info(folder() / "walk.webp").width, 48);
  const Outcome gif = expect_done({"interpolate", "latest", "--frames", "4"});
  EXPECT_NE(gif.err.find("--format webp"), std::string::npos) << gif.told();
  expect_done({"evaluate", "latest", "--n", "4", "--measures", "frechet,sliced,ms-ssim"});
  // The same configuration trains the same again.
  expect_done({"train", "--config", run + "/config.toml"});
  EXPECT_EQ(metrics(run), metrics("runs/00001-discs-relativistic"));

  const Outcome flat = expect_done(with(kDigits, {"discs", "--size", "16", "--channels", "3"}));
  EXPECT_NE(flat.err.find("8 images of 16x16 pixels (RGB)"), std::string::npos) << flat.told();
  EXPECT_NE(flat.err.find("--fit crop cuts away 33 % of the pixels; --size 16x8 keeps more"),
            std::string::npos)
      << flat.told();
}

TEST_F(Program, TrainsOnAFolderWhoseNameIsNoUtf8) {
  if (!images_supported()) GTEST_SKIP() << "built without libvips";
  fs::create_directory(folder() / "caf\xe9");
  for (const char* name : {"0", "1", "2", "3"}) {
    const std::string file = std::string("caf\xe9/") + name + ".png";
    write_png(folder() / file, {16, 16, 1, std::vector<uint8_t>(256, 7)});
  }
  expect_done(with(kDigits, {"caf\xe9", "--size", "16"}));
  expect_done({"sample", "latest", "--seeds", "0"});
}

}  // namespace
}  // namespace wgan
