// GoogleTest's main for tests behind the launcher.
#include <gmock/gmock.h>

extern "C" __attribute__((visibility("default"))) int SightlineMain(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
