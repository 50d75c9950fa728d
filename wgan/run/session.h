// One training run from options to a filled run folder: what `wgan train` does.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/judge/evaluation.h"
#include "wgan/run/health.h"
#include "wgan/run/options.h"
#include "wgan/run/run_folder.h"
#include "wgan/run/start.h"
#include "wgan/run/verdict.h"
#include "wgan/train/semi_supervised.h"
#include "wgan/train/trainer.h"

namespace wgan {

struct SessionHooks {
  // diagnoses: the names of what is wrong (health.h).
  std::function<void(const Tick&, const std::vector<std::string>& diagnoses)> on_tick =
      [](const Tick&, const std::vector<std::string>&) {};
  // rows: the classes of the grid's rows from the top; none where a row is no class.
  std::function<void(const std::filesystem::path&, const std::vector<std::string>& rows)>
      on_picture = [](const std::filesystem::path&, const std::vector<std::string>&) {};
  std::function<void(const Diagnosis&)> on_diagnosis = [](const Diagnosis&) {};  // it begins
  std::function<void(int64_t step, const Score&, bool best)> on_evaluation =
      [](int64_t, const Score&, bool) {};
  std::function<void(int64_t step, const TestErrors&)> on_test_errors = [](int64_t,
                                                                           const TestErrors&) {};
  std::function<void(const std::string& text)> on_extension = [](const std::string&) {};
  std::function<bool()> should_stop = [] { return false; };
  std::function<bool()> should_save = [] { return false; };
  Profile* profile = nullptr;  // filled, and written to run.json, where given
};

struct SessionResult {
  TrainEnd end = TrainEnd::kSteps;
  int64_t first_step = 0;  // where the session began
  int64_t step = 0;
  double seconds = 0;  // of training alone, in this session
  std::filesystem::path run;
  std::filesystem::path checkpoint;
  std::filesystem::path best;  // checkpoint; empty: none was evaluated
  std::filesystem::path reals;
  std::filesystem::path samples;          // the last picture
  std::vector<Finding> findings;          // of the whole run, in the order of their first steps
  Verdict verdict;                        // on the whole run
  std::optional<TestErrors> test_errors;  // at the end, of a semi-supervised run
};

// Trains in a new folder in options.run.out, or in the resumed run's. options must have passed
// check_options. Throws what train throws, saying whether
// there is a good checkpoint, Error(kOutput), Error(kMemory) where the
// memory of a CPU will not do, and Error(kIncompatible) where the checkpoint does not fit the
// options or the data; run.json then says how the run ended.
SessionResult run_session(const Dataset& dataset, const DataOptions& data_options,
                          const SessionOptions& options, const OptionSources& sources,
                          const SessionHooks& hooks, const Start& start = {});

}  // namespace wgan
