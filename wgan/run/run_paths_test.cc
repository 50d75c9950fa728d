// A run's data is found from wherever it is asked for.
#include "wgan/run/run_paths.h"

#include <gtest/gtest.h>

#include <fstream>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

DataOptions named(const std::string& data) {
  DataOptions options;
  options.data = data;
  return options;
}

struct RunPaths : testing::Test {
  const TemporaryFolder folder;
  const fs::path checkpoint = folder.path() / "project/runs/00000-a/checkpoints/step-000001";

  RunPaths() {
    fs::create_directories(checkpoint);
    std::ofstream(folder.path() / "project/rows-of-a-test.npy") << "rows";
  }
};

TEST_F(RunPaths, AreKeptAbsolute) {
  EXPECT_EQ(with_absolute_paths(named("a/../x.npy")).data, (fs::current_path() / "x.npy").string());
  EXPECT_EQ(with_absolute_paths(named("strokes")).data, "strokes");
  EXPECT_EQ(with_absolute_paths(named("./strokes")).data,
            (fs::current_path() / "strokes").string());
  FeatureOptions features;
  EXPECT_EQ(with_absolute_paths(features).features, "pixels");
  features.features = "c.safetensors";
  EXPECT_EQ(with_absolute_paths(features).features,
            (fs::current_path() / "c.safetensors").string());
}

// As versions that kept relative paths left them.
TEST_F(RunPaths, ThatAreRelativeAreLookedUpAroundTheRun) {
  const std::string rows = (folder.path() / "project/rows-of-a-test.npy").string();
  EXPECT_EQ(data_of_run(named("rows-of-a-test.npy"), checkpoint, "").data, rows);
  EXPECT_EQ(data_of_run(named("../rows-of-a-test.npy"), checkpoint, "").data, rows);
  EXPECT_EQ(data_of_run(named(rows), checkpoint, "").data, rows);
  EXPECT_EQ(data_of_run(named("strokes"), checkpoint, "").data, "strokes");
  FeatureOptions features;
  features.features = "rows-of-a-test.npy";
  EXPECT_EQ(features_of_run(features, checkpoint).features, rows);
}

TEST_F(RunPaths, ThatLeadNowhereAreSaidToBeTheRuns) {
  for (const std::string& data : {std::string("missing.npy"), std::string("/missing/x.npy")}) {
    expect_error(ErrorKind::kData, "runs/00000-a was trained on it",
                 [&] { data_of_run(named(data), checkpoint, "give it"); });
  }
}

}  // namespace
}  // namespace wgan
