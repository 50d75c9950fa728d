// What wgan data inspect says of the columns of an array of rows.
#pragma once

#include <string>

#include "wgan/data/inspect_array.h"

namespace wgan {

// Ranges of the first 20 columns, which are constant, what cannot be trained on, the conditions.
// Lines without an end of the last.
std::string array_inspection_text(const ArrayInspection& inspection);

}  // namespace wgan
