// What a run is told besides its data: what the algorithm is, where it runs and what it keeps, and
// how it is judged.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/data/dataset.h"
#include "wgan/judge/options.h"
#include "wgan/train/options.h"

namespace wgan {

// What a run computes on, and what it keeps where.
struct RunOptions {
  int64_t keep = 3;
  std::string device = "auto";
  int64_t threads = 0;
  std::string out = "runs";
  std::string name;

  Fields fields() & {
    return {{{"keep", "how many checkpoints to keep; 0: all", Effect::kPlace}, keep},
            {{"device", "cpu, cuda, or auto: cuda where there is one", Effect::kSpeed}, device},
            {{"threads", "CPU threads for the computation; 0: all cores", Effect::kSpeed}, threads},
            {{"out", "folder in which the run folder is created", Effect::kPlace}, out},
            {{"name", "last part of the run folder's name; empty: data set and objective",
              Effect::kPlace},
             name}};
  }
};

// All options of `wgan train` but those of the data; its fields are the keys of config.toml and of
// "options" in state.json.
struct SessionOptions {
  TrainOptions train;
  RunOptions run;
  JudgeOptions judge;

  std::vector<FieldGroup> groups() & {
    std::vector<FieldGroup> all = train.groups();
    all.push_back({"Run", run.fields()});
    for (FieldGroup& group : judge.groups()) all.push_back(std::move(group));
    return all;
  }
  Fields fields() & { return fields_of(groups()); }
};

// Throws Error(kUsage) naming the option that makes no sense, or does not fit the data.
void check_options(const SessionOptions& options, const Dataset& dataset);

// Whether a person gave the option.
bool given(const Settings& settings, const std::string& name);

// Whether a person says how long to train.
bool gives_length(const Settings& settings);

// The options of recipe fast for pictures, which are shown as the defaults.
SessionOptions picture_defaults();

// The recipe's options with those of a person over them, checked. Where these give a length, the
// recipe's own gives way.
SessionOptions resolve_options(const Dataset& dataset, const Settings& settings);

}  // namespace wgan
