// Exported files draw what their run draws, and latent vectors go out and come in again.
#include "wgan/cli/program_test_support.h"
#include "wgan/io/npy.h"

namespace wgan {
namespace {

struct Export : ProgramTest {
  void SetUp() override {
    expect_done(
        {"train", "strokes", "--steps", "2", "--width", "4", "--batch", "4", "--name", "digits"});
  }
  Outcome expect_done(const std::vector<std::string>& arguments) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.told();
    return outcome;
  }
  void expect_refused(const std::vector<std::string>& arguments, const std::string& message) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 2) << outcome.told();
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.told();
  }
};

TEST_F(Export, SingleFilesDrawTheSamePictures) {
  expect_done({"sample", "latest", "--seeds", "0-9", "--out", "run.npy"});
  const Outcome exported = expect_done({"export", "latest", "--to", "wgan", "--json"});
  EXPECT_EQ(exported.objects().back()["file"], "generator.safetensors");
  expect_done({"sample", "generator.safetensors", "--seeds", "0-9", "--out", "file.npy"});
  EXPECT_EQ(read_test_file(folder() / "run.npy"), read_test_file(folder() / "file.npy"));
  // From one file to another, in 16 bits.
  expect_done(
      {"export", "generator.safetensors", "--to", "wgan", "--half", "--out", "half.safetensors"});
  EXPECT_LT(std::filesystem::file_size(folder() / "half.safetensors"),
            std::filesystem::file_size(folder() / "generator.safetensors") * 2 / 3);
  expect_done({"sample", "half.safetensors", "--seeds", "0-9", "--out", "half.npy"});
}

TEST_F(Export, WritesEveryFormat) {
  for (const auto& [format, file] : {std::pair{"onnx", "generator.onnx"},
                                     {"torchscript", "generator.pt"},
                                     {"wgan", "generator.safetensors"}}) {
    expect_done({"export", "latest", "--to", format});
    EXPECT_GT(std::filesystem::file_size(folder() / file), 10'000u) << format;
  }
}

TEST_F(Export, SingleFilesAreMeasuredBesideTheDataThatAreGiven) {
  expect_done({"export", "latest", "--to", "wgan"});
  const auto score = [&](const std::vector<std::string>& arguments) {
    return expect_done(arguments).objects().back()["results"][0]["scores"][0]["value"];
  };
  EXPECT_EQ(score({"evaluate", "generator.safetensors", "--data", "strokes", "--measures", "sliced",
                   "--n", "50", "--json"}),
            score({"evaluate", "latest", "--measures", "sliced", "--n", "50", "--json"}));
  expect_refused({"evaluate", "generator.safetensors"}, "does not say where its data are");
  expect_refused({"evaluate", "generator.safetensors", "--data", "strokes", "--critic"},
                 "holds no critic");
}

TEST_F(Export, WritesAFolderWithACard) {
  expect_done({"evaluate", "latest", "--measures", "sliced", "--n", "50"});
  expect_done({"export", "latest", "--to", "safetensors", "--out", "hub"});
  const std::string card = read_test_file(folder() / "hub" / "README.md");
  for (const char* part :
       {"# A generator of strokes", "pictures of 28x28 pixels with one channel",
        "![Samples](samples.png)", "| sliced | ", "| objective | relativistic |"}) {
    EXPECT_NE(card.find(part), std::string::npos) << part << "\n" << card;
  }
  EXPECT_EQ(card.find(folder().string()), std::string::npos) << "no path of the machine";
  const auto config = nlohmann::json::parse(read_test_file(folder() / "hub" / "config.json"));
  EXPECT_EQ(config["step"], 2);
  EXPECT_TRUE(std::filesystem::exists(folder() / "hub" / "samples.png"));
  expect_done({"sample", "hub/generator.safetensors", "--seeds", "0-3"});
  expect_done({"export", "latest", "--to", "safetensors", "--out", "hub"});  // again
}

TEST_F(Export, RefusesWhatMakesNoSense) {
  expect_refused({"export", "latest", "--to", "onxx"}, "onnx|torchscript|safetensors|wgan");
  expect_refused({"export", "latest", "--to", "onnx", "--half"}, "--half is for --to wgan and");
  expect_refused({"export", "latest"}, "--to");
  EXPECT_EQ(run({"export", "nothing", "--to", "onnx"}).code, 3);
}

TEST_F(Export, LatentVectorsGoOutAndComeIn) {
  expect_done({"sample", "latest", "--seeds", "3,5", "--out", "a.npy", "--save-latents", "z.npy"});
  expect_done({"sample", "latest", "--latents", "z.npy", "--out", "b.npy"});
  EXPECT_EQ(read_test_file(folder() / "a.npy"), read_test_file(folder() / "b.npy"));
  EXPECT_EQ(map_npy(folder() / "z.npy").shape[0], 2);
  expect_refused({"sample", "latest", "--latents", "a.npy", "--out", "c.npy"},
                 "rows of 784 numbers");
  expect_refused({"sample", "latest", "--latents", "z.npy", "--seeds", "1"}, "--seeds");
}

}  // namespace
}  // namespace wgan
