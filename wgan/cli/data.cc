#include "wgan/cli/verbs.h"
namespace wgan {
int data_verb(const Arguments&) { return 0; }
}  // namespace wgan
