// What came out of a study, as tables.
#pragma once

#include <string>
#include <vector>

#include "wgan/lab/study/study.h"

namespace wgan {

// Markdown: every recipe's mean of each score with its interval (1.96 standard errors over the
// runs), the best first by the score `ranking`, and whether the difference to the best, draw by
// draw and seed by seed, is beyond noise. A run that failed counts as worse than any.
std::string study_table(const Study& study, const std::vector<StudyResult>& results,
                        const std::string& ranking);

// Markdown: for each threshold of `pass`, on how many draws and seeds which recipes reach it. Of
// two recipes: only the first, only the second, both, neither. Empty where there are no thresholds.
std::string pass_table(const Study& study, const std::vector<StudyResult>& results,
                       const std::string& ranking);

}  // namespace wgan
