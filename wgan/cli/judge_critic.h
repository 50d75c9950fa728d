// The critic of a run beside the exact distance: wgan evaluate --critic.
#pragma once

#include <ATen/core/Tensor.h>

#include <nlohmann/json.hpp>

#include "wgan/cli/terminal.h"
#include "wgan/judge/reference.h"
#include "wgan/run/subject.h"

namespace wgan {

// What can be said before any data is opened. Throws Error(kUsage) where the subject is no run, or
// its critic sees conditions, and what check_checkpoint throws.
void check_critic(const Subject& subject);

// sampled: the subject's samples, as rows_of gives them. count: at most so many of them are set
// against as many held-out rows. seed: of the first sample.
nlohmann::ordered_json judge_critic(const Subject& subject, const ReferenceSets& sets,
                                    const at::Tensor& sampled, int64_t count, uint64_t seed,
                                    const std::string& device, Terminal& terminal);

}  // namespace wgan
