// TensorFlow's own words on stderr.
#pragma once

namespace sightline::tensorflow {

// From here on TensorFlow writes nothing but fatal errors to stderr: what fails comes back as a status. Does
// nothing where the user has set TF_CPP_MAX_VLOG_LEVEL, to see more, or where this build of TensorFlow does
// not have the switch.
void Quiet();

}  // namespace sightline::tensorflow
