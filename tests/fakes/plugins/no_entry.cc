// A shared library that is no backend.
extern "C" __attribute__((visibility("default"))) int SightlineSomethingElse() {
  return 0;
}
