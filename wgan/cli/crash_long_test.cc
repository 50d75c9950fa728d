// The same with two hundred kills.
#include "wgan/cli/crash_test_support.h"

namespace wgan {
namespace {

using LongCrashTest = CrashTest;
TEST_F(LongCrashTest, TwoHundredKillsChangeNothing) { expect_same_after_kills(200, 2); }

}  // namespace
}  // namespace wgan
