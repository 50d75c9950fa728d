// The folder of one training run: everything a run leaves behind, in one place.
//
//   runs/00003-mnist-wgan-gp/
//     config.toml    resolved options and where each came from
//     run.json       what ran: versions, device, data, how it ended
//     metrics.jsonl  one object a tick
//     log.txt  reals.png  samples/000500.png  checkpoints/step-000500/
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "wgan/io/json_lines.h"
#include "wgan/train/sampler.h"
#include "wgan/train/trainer.h"

namespace wgan {

// Where the value of an option came from, by option name: "recipe", "file" or "flag".
using OptionSources = std::map<std::string, std::string>;

// The options as TOML, one a line with its source as a comment; read back by --config.
std::string options_to_toml(const DataOptions& data, const TrainOptions& options,
                            const OptionSources& sources);

class RunFolder {
 public:
  // Makes out/NNNNN-name with the next free number. Throws Error(kOutput), Error(kUsage) for a
  // name with a slash.
  RunFolder(const std::filesystem::path& out, const std::string& name);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }

  // Removes the folder: of a run that could not begin.
  void discard();

  void write_config(const std::string& toml);
  void write_manifest(const nlohmann::ordered_json& manifest);
  void append_tick(const Tick& tick);
  void append_log(const std::string& line);

  // reals.png from rows as the sampler gives them: uint8 [N, H, W, C] or float32 [N, D].
  std::filesystem::path write_reals(const at::Tensor& rows);
  // samples/NNNNNN.png; real: rows to draw beneath vectors.
  std::filesystem::path write_samples(int64_t step, const at::Tensor& rows, const at::Tensor& real);

 private:
  std::filesystem::path path_;
  std::unique_ptr<JsonLines> metrics_;
};

nlohmann::ordered_json tick_to_json(const Tick& tick);

}  // namespace wgan
