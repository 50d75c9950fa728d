// Moments equal NumPy's, whatever the blocks, and pass through files in both directions.
#include "wgan/metrics/moments.h"

#include <cstdlib>

#include "wgan/io/gzip.h"
#include "wgan/io/npy.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

double moments_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(Moments, EqualNumPys) {
  const auto& fixture = measure_fixtures().at("frechet");
  const Moments found = moments_of(tensor_of(fixture.at("x")));
  EXPECT_LT(moments_difference(found.mean, tensor_of(fixture.at("mean"))), 1e-15);
  EXPECT_LT(moments_difference(found.covariance, tensor_of(fixture.at("covariance"))), 1e-14);
  EXPECT_EQ(found.count, 30);
  EXPECT_EQ(found.mean.scalar_type(), torch::kFloat64);
}

TEST(Moments, DoNotDependOnTheBlocksNorOnTheOrder) {
  const at::Tensor rows = gaussian_rows(2500, 7, 1) + 3;
  const Moments whole = moments_of(rows);
  MomentsOf gathered;
  for (const at::Tensor& block : scrambled_rows(rows).split_with_sizes({1, 2, 1500, 0, 996, 1})) {
    gathered.add(block);
  }
  const Moments blocked = gathered.moments();
  EXPECT_LT(moments_difference(whole.mean, blocked.mean), 1e-14);
  EXPECT_LT(moments_difference(whole.covariance, blocked.covariance), 1e-14);
  EXPECT_EQ(blocked.count, 2500);
  EXPECT_TRUE(blocked.covariance.equal(blocked.covariance.t()));
}

TEST(Moments, KeepTheirDigitsBesideALargeOffset) {
  const at::Tensor whole_numbers = (gaussian_rows(3000, 3, 2) * 100).round();
  const Moments near = moments_of(whole_numbers);
  const Moments far = moments_of(whole_numbers + 1e9);
  EXPECT_LT(moments_difference(near.covariance, far.covariance), 1e-6);  // of about 1e4
  EXPECT_LT(moments_difference(near.mean + 1e9, far.mean), 1e-6);
}

TEST(Moments, TakeSinglePrecisionAndBytes) {
  const at::Tensor bytes = torch::tensor({{0, 255}, {10, 3}, {20, 0}}, torch::kUInt8);
  const Moments found = moments_of(bytes);
  EXPECT_LT(moments_difference(found.mean, torch::tensor({10.0, 86.0}, torch::kFloat64)), 1e-13);
  EXPECT_DOUBLE_EQ(found.covariance[0][0].item<double>(), 100);
  EXPECT_TRUE(moments_of(bytes.to(torch::kFloat32)).covariance.equal(found.covariance));
}

TEST(Moments, RefuseWhatIsNoSetOfFeatures) {
  MomentsOf gathered;
  expect_error(ErrorKind::kUsage, "of 0 rows", [&] { gathered.moments(); });
  gathered.add(torch::zeros({1, 3}));
  expect_error(ErrorKind::kUsage, "of 1 row,", [&] { gathered.moments(); });
  expect_error(ErrorKind::kUsage, "2 and of 3 values", [&] { gathered.add(torch::zeros({1, 2})); });
  expect_error(ErrorKind::kUsage, "shape [3], wanted [N, D]",
               [&] { gathered.add(torch::zeros({3})); });
  expect_error(ErrorKind::kUsage, "Long", [&] { gathered.add(torch::ones({3, 3}, torch::kLong)); });
  expect_error(ErrorKind::kUsage, "nothing", [&] { gathered.add({}); });
  expect_error(ErrorKind::kData, "NaN", [&] { gathered.add(torch::full({4, 3}, kNan)); });
}

class MomentsFile : public testing::Test {
 protected:
  void write(const std::vector<std::pair<std::string, at::Tensor>>& arrays) {
    std::vector<std::pair<std::string, NpyArray>> listed;
    for (const auto& [name, values] : arrays) {
      const NpyType type = values.scalar_type() == torch::kFloat64   ? NpyType::kFloat64
                           : values.scalar_type() == torch::kFloat32 ? NpyType::kFloat32
                                                                     : NpyType::kInt64;
      listed.push_back(
          {name,
           {.type = type,
            .shape = values.sizes().vec(),
            .bytes = {static_cast<const std::byte*>(values.data_ptr()), values.nbytes()},
            .owner = nullptr}});
    }
    write_npz(path_, listed);
  }
  void expect_refused(const char* why) {
    expect_error(ErrorKind::kData, why, [&] { read_moments(path_); });
    expect_error(ErrorKind::kData, "x.npz", [&] { read_moments(path_); });
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "x.npz";
  at::Tensor mu_ = torch::tensor({0.5, -1.25}, torch::kFloat64);
  at::Tensor sigma_ = torch::tensor({{2.0, 0.25}, {0.25, 1.0}}, torch::kFloat64);
};

TEST_F(MomentsFile, IsReadAsItWasWritten) {
  const Moments written = moments_of(gaussian_rows(20, 5, 3));
  write_moments(path_, written);
  const Moments read = read_moments(path_);
  EXPECT_TRUE(read.mean.equal(written.mean));
  EXPECT_TRUE(read.covariance.equal(written.covariance));
  EXPECT_EQ(read.count, 20);
}

TEST_F(MomentsFile, OfPytorchFidIsRead) {
  if (!has_zlib()) GTEST_SKIP() << "built without zlib";
  write_test_file(path_, from_hex(measure_fixtures().at("moments_archive").get<std::string>()));
  const Moments read = read_moments(path_);
  EXPECT_TRUE(read.mean.equal(mu_));
  EXPECT_TRUE(read.covariance.equal(sigma_));
  EXPECT_EQ(read.count, 0);
}

TEST_F(MomentsFile, IsReadByNumPy) {
  std::string python = "/usr/bin/python3";
  if (std::system((python + " -c 'import numpy' 2>/dev/null").c_str()) != 0) python = "python3";
  if (std::system((python + " -c 'import numpy' 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "no python3 with numpy";
  }
  write_moments(path_, {.mean = mu_, .covariance = sigma_, .count = 7});
  const std::string printed = (folder_.path() / "printed").string();
  const std::string command = python + " " WGAN_SOURCE_FOLDER "/tools/tests/read_moments.py '" +
                              path_.string() + "' > " + printed;
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(read_test_file(printed), "(2,) float64 -0.75\n(2, 2) float64 3.5\n");
}

TEST_F(MomentsFile, OfSinglePrecisionAndWithOtherArraysIsRead) {
  write({{"mu", mu_.to(torch::kFloat32)}, {"other", mu_}, {"sigma", sigma_.to(torch::kFloat32)}});
  EXPECT_TRUE(read_moments(path_).covariance.equal(sigma_));
}

TEST_F(MomentsFile, ThatIsDamagedIsRefused) {
  write_moments(path_, {.mean = mu_, .covariance = sigma_, .count = 7});
  const std::string valid = read_test_file(path_);
  expect_every_truncation_refused(ErrorKind::kData, valid, path_, [&] { read_moments(path_); });
  expect_no_crash_on_damage(valid, path_, [&] { read_moments(path_); });
}

TEST_F(MomentsFile, ThatHoldsNoMomentsIsRefused) {
  write({{"mu", mu_}});
  expect_refused("lacks mu or sigma");
  write({{"mu", mu_}, {"sigma", torch::eye(3, torch::kFloat64)}});
  expect_refused("sigma [3, 3]");
  write({{"mu", sigma_}, {"sigma", sigma_}});
  expect_refused("mu has the shape [2, 2]");
  write({{"mu", torch::ones(2, torch::kLong)}, {"sigma", sigma_}});
  expect_refused("mu is of type '<i8'");
  write({{"mu", mu_ * kNan}, {"sigma", sigma_}});
  expect_refused("mu holds NaN");
  write({{"mu", mu_}, {"sigma", sigma_.triu().contiguous()}});
  expect_refused("no covariance");
  write({{"mu", mu_}, {"sigma", -sigma_}});
  expect_refused("no covariance");
  write({{"mu", mu_}, {"sigma", sigma_}, {"count", torch::tensor({int64_t{3}})}});
  expect_refused("no single int64");
  write({{"mu", mu_}, {"sigma", sigma_}, {"count", torch::tensor(int64_t{-3})}});
  expect_refused("has the count -3");
}

TEST_F(MomentsFile, IsNotWrittenFromWhatIsNoMoments) {
  expect_error(ErrorKind::kUsage, "want a mean", [&] { write_moments(path_, {}); });
  expect_error(ErrorKind::kUsage, "want a mean",
               [&] { write_moments(path_, {.mean = mu_, .covariance = torch::eye(3)}); });
  expect_error(ErrorKind::kData, "NaN",
               [&] { write_moments(path_, {.mean = mu_ * kNan, .covariance = sigma_}); });
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace wgan
