// Runs a study: its jobs one after the other, each measured when it is done. What is done is kept:
// a study that was stopped goes on where it was.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wgan/judge/evaluation.h"
#include "wgan/lab/study/study_file.h"
#include "wgan/train/trainer.h"

namespace wgan {

// What came out of a job.
struct StudyResult {
  std::string job;  // its name
  size_t recipe = 0;
  int64_t draw = 0;
  int64_t seed = 0;
  std::filesystem::path run = {};
  int64_t step = 0;
  double seconds = 0;
  std::string failure = {};  // why there are no scores: a run that diverged
  std::vector<Score> scores = {};
};

struct StudyHooks {
  std::function<void(const Job&, size_t number, size_t count)> on_job = [](const auto&, size_t,
                                                                           size_t) {};
  std::function<void(const Tick&)> on_tick = [](const Tick&) {};
  std::function<void(const StudyResult&)> on_result = [](const StudyResult&) {};
  std::function<bool()> should_stop = [] { return false; };
  std::function<void(int64_t done, int64_t total)> on_preparing = [](int64_t, int64_t) {};
};

// out: holds study.json, results.jsonl, runs/ and, once all is done, samples.png (images only).
// Returns the results so far, in the order of the jobs; all of them unless should_stop said so.
// Throws Error(kUsage) where `out` holds another study or an option makes no sense, and what
// run_session throws but for divergence, which is a result.
std::vector<StudyResult> run_study(const Study& study, const std::filesystem::path& out,
                                   const StudyHooks& hooks);

// Options of a job, resolved as wgan train does. Throws Error(kUsage) where they make no sense.
SessionOptions options_of(const Job& job, const Dataset& dataset);

// As a line of results.jsonl holds it.
nlohmann::ordered_json result_to_json(const StudyResult& result);

}  // namespace wgan
