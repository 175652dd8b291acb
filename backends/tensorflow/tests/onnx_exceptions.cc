#include "backends/conformance/operators/onnx_exceptions.h"

namespace sightline::conformance {
namespace {

constexpr Exception kExceptions[] = {
    {"test_argmax_", "select_last_index is not supported"},
    {"test_averagepool_1d", "only pictures"},
    {"test_averagepool_3d", "only pictures"},
    {"test_batchnorm_", "training mode is not supported"},
    // The published data were rounded towards zero, TensorFlow rounds to the nearest.
    {"test_cast_FLOAT_to_BFLOAT16", "wrong"},
    {"test_castlike_FLOAT_to_BFLOAT16", "wrong"},
    {"test_clip_default_int8", "must be a constant of fp32 values"},
    {"test_convtranspose_1d", "only pictures"},
    {"test_convtranspose_3d", "only pictures"},
    {"test_convtranspose_dilations", "dilations are not supported"},
    {"test_convtranspose_output_shape", "output_shape is not supported"},
    {"test_depthtospace_crd", "only mode DCR is supported"},
    {"test_dropout_default_mask", "the mask of what was dropped is not supported"},
    {"test_edge_pad", "mode edge is not supported"},
    {"test_maxpool_1d", "only pictures"},
    {"test_maxpool_2d_dilations", "pooling with dilations is not supported"},
    {"test_maxpool_3d", "only pictures"},
    {"test_maxpool_with_argmax", "the positions of the maxima are not supported"},
    {"test_pow_types", "with an exponent of"},
    {"test_resize_downsample_scales_linear", "and this scale is not supported"},
    {"test_resize_downsample_sizes_linear_pytorch", "and this scale is not supported"},
    {"test_resize_downsample", "'cubic' is not supported"},
    {"test_resize_upsample", "'cubic' is not supported"},
    {"test_resize_tf_crop_and_resize", "coordinates tf_crop_and_resize"},
    {"test_training_dropout", "the mask of what was dropped is not supported"},
    {"test_training_dropout", "training mode is not supported"},
    {"test_argmin_", "operator ArgMin "},
    {"test_expand_", "operator Expand "},
    {"test_mean_", "operator Mean "},
    {"test_reduce_l2_", "operator ReduceL2 "},
    {"test_tile", "operator Tile "},
    {"test_where_", "operator Where "},
};

}  // namespace

std::span<const Exception> OperatorExceptions() {
  return kExceptions;
}

}  // namespace sightline::conformance
