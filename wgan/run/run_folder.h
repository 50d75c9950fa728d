// The folder of one training run: everything a run leaves behind, in one place.
//
//   runs/00003-mnist-wgan-gp/
//     config.toml    resolved options and where each came from
//     run.json       what ran: versions, device, data, how it ended
//     metrics.jsonl  one object a tick
//     lock           held by the process that trains here
//     log.txt  reals.png  samples/000500.png  checkpoints/step-000500/
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wgan/io/file_lock.h"
#include "wgan/io/json_lines.h"
#include "wgan/run/options.h"
#include "wgan/train/tick.h"

namespace wgan {

// Where the value of an option came from, by option name: "recipe", "file" or "flag".
using OptionSources = std::map<std::string, std::string>;

// The options as TOML, one a line with its source as a comment; read back by --config.
std::string options_to_toml(DataOptions data, SessionOptions options, const OptionSources& sources);

// Keeps other processes from training in the run's folder, as long as it lives: taken before its
// checkpoints are read, which the other process would replace. Throws Error(kUsage) where another
// process trains there, Error(kOutput).
std::shared_ptr<FileLock> lock_run(const std::filesystem::path& run);

class RunFolder {
 public:
  // Makes out/NNNNN-name with the next free number. Throws Error(kOutput), Error(kUsage) for a
  // name with a slash.
  RunFolder(const std::filesystem::path& out, const std::string& name);

  // Opens the folder of a run that stopped, to go on behind `step`: metrics after it are cut off.
  // lock: of this run. Throws Error(kOutput).
  RunFolder(const std::filesystem::path& run, int64_t step, std::shared_ptr<FileLock> lock);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }

  // Removes the folder: of a run that could not begin.
  void discard();

  void write_config(const std::string& toml);
  void write_manifest(const nlohmann::ordered_json& manifest);
  nlohmann::ordered_json read_manifest() const;  // an empty object where it is not there or damaged
  // diagnoses: names of what is wrong.
  void append_tick(const Tick& tick, const std::vector<std::string>& diagnoses);
  std::vector<Tick> read_ticks() const;
  void append_log(const std::string& line);

  // reals.png from rows as the sampler gives them: uint8 [N, H, W, C] or float32 [N, D]. columns:
  // of the grid of images.
  std::filesystem::path write_reals(const at::Tensor& rows, int64_t columns = 8);
  // samples/NNNNNN.png; real: rows to draw beneath vectors.
  std::filesystem::path write_samples(int64_t step, const at::Tensor& rows, const at::Tensor& real,
                                      int64_t columns = 8);

 private:
  std::filesystem::path path_;
  std::shared_ptr<FileLock> lock_;  // one process at a time
  std::unique_ptr<JsonLines> metrics_;
};

}  // namespace wgan
