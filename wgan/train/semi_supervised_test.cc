// The classes a discriminator learns beside the game: losses, gradients, rows and errors.
#include "wgan/train/semi_supervised.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <set>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/synthetic.h"
#include "wgan/io/test_support.h"
#include "wgan/net/presets.h"
#include "wgan/nn/test_support.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/objective.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

Network classes_critic(int64_t classes) {
  Network network = dcgan_critic({1, 16, 16}, {.width = 4, .critic_batch_norm = false});
  std::get<Linear>(network.layers.back()).out = classes;
  return network;
}

TEST(SemiSupervised, LossesAreThoseOfOneSoftmaxOverAllClassesAndTheFakes) {
  const auto fixture = remedies_fixture("semi_supervised");
  const at::Tensor real = fixture_tensor(fixture["real"]), fake = fixture_tensor(fixture["fake"]);
  const at::Tensor real_scores = chosen_scores(real, {}), fake_scores = chosen_scores(fake, {});
  EXPECT_NEAR(critic_loss(Objective::kSemiSupervised, {real_scores, fake_scores}).item<double>(),
              fixture["unsupervised"].get<double>(), 1e-12);
  const CriticScores scores{real_scores, fake_scores};
  const at::Tensor seed = critic_score_gradients(Objective::kSemiSupervised, scores, 6, {}).real;
  EXPECT_LE(relative_error(output_seed(real, {}, seed), fixture_tensor(fixture["real_gradient"])),
            1e-12);
  const at::Tensor fake_seed =
      critic_score_gradients(Objective::kSemiSupervised, scores, 5, {}).fake;
  EXPECT_LE(
      relative_error(output_seed(fake, {}, fake_seed), fixture_tensor(fixture["fake_gradient"])),
      1e-12);
}

TEST(SemiSupervised, ClassificationGradientEqualsItsFormulaByBothRoutes) {
  const auto fixture = remedies_fixture("semi_supervised");
  const at::Tensor rows = fixture_tensor(fixture["labelled"]);
  const at::Tensor labels =
      torch::tensor(fixture["labels"].get<std::vector<int64_t>>(), torch::kInt64);
  for (const Route route : {Route::kAutograd, Route::kAuto}) {
    // One layer that is the identity: its bias has the gradient of the outputs, summed over rows.
    Model model = make_model({{4}, {Linear{4, 4}}}, torch::kFloat64, Training::kYes);
    model.frozen[0].copy_(torch::eye(4, torch::kFloat64));
    model.gradients.fill_(1);  // is added to
    const at::Tensor loss = add_classification_gradients(model, rows, labels, route);
    EXPECT_NEAR(loss.item<double>(), fixture["supervised"].get<double>(), 1e-12);
    const at::Tensor expected = fixture_tensor(fixture["labelled_gradient"]).sum(0) + 1;
    EXPECT_LE(relative_error(model.gradient_views[1], expected), 1e-12);
  }
}

TEST(SemiSupervised, SweepsEqualAutogradOnAWholeStep) {
  const Network network = classes_critic(5);
  const at::Tensor real = random_batch(network.input, 6, 1, torch::kFloat64),
                   fake = random_batch(network.input, 6, 2, torch::kFloat64),
                   rows = random_batch(network.input, 4, 3, torch::kFloat64),
                   labels = torch::tensor({0, 4, 2, 2}, torch::kInt64);
  Model model = random_model(network, 3, torch::kFloat64);
  const auto gradients = [&](Route route) {
    critic_gradients(model, {real, fake},
                     {.objective = Objective::kSemiSupervised, .route = route});
    add_classification_gradients(model, rows, labels, route);
    return model.gradients.clone();
  };
  const at::Tensor expected = gradients(Route::kAutograd);
  ASSERT_GT(expected.norm().item<double>(), 0);
  EXPECT_LE(relative_error(gradients(Route::kSweeps), expected), 1e-11);
}

TEST(SemiSupervised, SeesAsManyLabelsOfEachClassAsAreAllowed) {
  const Dataset strokes = make_synthetic("strokes", Split::kTrain, 0);
  const Dataset few = labelled_rows(strokes, 3, 7), again = labelled_rows(strokes, 3, 7);
  ASSERT_EQ(few.size, 30);
  EXPECT_FALSE(few.endless);
  std::vector<int64_t> counts(10);
  for (int64_t row = 0; row < few.size; ++row) {
    ++counts[static_cast<size_t>(few.label(row))];
    EXPECT_EQ(few.label(row), again.label(row));
  }
  EXPECT_EQ(counts, std::vector<int64_t>(10, 3));
  EXPECT_EQ(labelled_rows(strokes, 0, 7).size, strokes.size);
  Dataset small = bars_dataset(8, 1, 10);
  small.class_names = {"a", "b"};
  small.label = [](int64_t row) { return static_cast<int32_t>(row == 4); };
  small.class_names.push_back("without any row");
  EXPECT_EQ(labelled_rows(small, 1, 0).size, 2);
  expect_error(ErrorKind::kUsage, "1 row of class b", [&] { labelled_rows(small, 2, 0); });
}

TEST(SemiSupervised, CountsTheRowsThatAreTakenForAnotherClass) {
  Dataset data = vectors_dataset({0, 0}, {1, 1}, 300);
  data.class_names = {"a", "b"};
  data.label = [](int64_t row) { return static_cast<int32_t>(row < 40); };
  Model model = make_model({{2}, {Linear{2, 2}}}, torch::kFloat32, Training::kNo);
  model.frozen[1][0].fill_(1);  // "a", whatever the row
  const TestErrors all = test_errors(model, data, 1000), first = test_errors(model, data, 50);
  EXPECT_EQ(all.rows, 300);
  EXPECT_EQ(all.errors, 40);
  EXPECT_EQ(first.rows, 50);
  EXPECT_EQ(first.errors, 40);
}

}  // namespace
}  // namespace wgan
