/* Sightline backend ABI, version 1.
 *
 * The one header a backend sees. A backend is a shared library that exports one symbol,
 *
 *     const SlBackend* SightlineBackend(uint32_t host_abi_version, SlError* error);
 *
 * and returns a table of functions that lives as long as the library is loaded. Plain C: no C++ type,
 * exception or allocation crosses it. C++ authors use backends/kit/, which implements this table over three
 * small classes.
 *
 * Objects
 *   backend   the table; says what it is before any model is loaded
 *   engine    one model loaded on one device with one set of options; immutable once created
 *   instance  one independently running copy of an engine
 *
 * Rules that hold for every function unless it says otherwise
 *   - Ownership: the caller owns what it passes in, for the duration of the call, and every buffer it names.
 *     Strings and arrays a backend hands out belong to the backend (table, engine) that handed them out and
 *     live as long as it does.
 *   - Threads: functions on different engines or different instances may run at the same time. An instance
 *     has at most one run in flight, whether by `run`, `run_async` or `profile`: the host begins the next
 *     when the one before has returned or, for `run_async`, called `done`. Only `cancel` may be called
 *     meanwhile, by any thread.
 *   - Errors: every fallible function returns an SlStatusCode and, unless SL_OK, has written one sentence
 *     into `error` (never NULL). Out-parameters are untouched on failure. Nothing unwinds across the
 *     boundary.
 *   - Time: every *_ns stamp is nanoseconds of CLOCK_MONOTONIC, every other *_ns a duration.
 *   - Growth: structs that are passed one by one carry `struct_size`, set by whoever fills the struct; a
 *     reader uses only fields that lie inside it. Fields are only ever appended. Structs that stand in
 *     arrays can't grow so, since their size is the distance to the next one: they end in `reserved`, which
 *     whoever fills them sets to zero and a reader of version 1 ignores. A later field takes the place of
 *     reserved space, with zero meaning "as in version 1". (SlKeyValue and SlSpan are closed.) A function
 *     pointer that may be NULL says so. A change that breaks this raises SL_ABI_VERSION. (Version 1 becomes
 *     frozen, and held by a test, when the server stands on it.)
 */
#ifndef SIGHTLINE_BACKEND_ABI_H_
#define SIGHTLINE_BACKEND_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SL_ABI_VERSION 1u
#define SL_ENTRY_POINT "SightlineBackend"
#define SL_MAX_RANK 8
#define SL_ERROR_CAPACITY 1024
#define SL_MAX_SPANS 8

/* ---- Status ---- */

typedef enum SlStatusCode {
  SL_OK = 0,
  SL_INVALID_ARGUMENT = 1,   /* what the user gave is wrong: file, option, shape */
  SL_NOT_FOUND = 2,          /* file or device does not exist */
  SL_UNSUPPORTED = 3,        /* correct, but this backend can't: operator, precision, layout */
  SL_UNAVAILABLE = 4,        /* the environment lacks something the framework needs */
  SL_RESOURCE_EXHAUSTED = 5, /* memory */
  SL_CANCELLED = 6,          /* `cancel` was called */
  SL_INTERNAL = 7            /* the framework failed */
} SlStatusCode;

/* Written by the callee, zero-terminated; owned by the caller. One sentence: what, where, what to do. */
typedef struct SlError {
  char message[SL_ERROR_CAPACITY];
} SlError;

/* ---- Tensors ---- */

/* Element types; also the names of precisions. The numbers are bit positions in `precisions`. */
typedef enum SlDataType {
  SL_F32 = 0,
  SL_F16 = 1,
  SL_BF16 = 2,
  SL_I8 = 3,
  SL_U8 = 4,
  SL_I32 = 5,
  SL_I64 = 6,
  SL_F64 = 7,
  SL_BOOL = 8
} SlDataType;

/* Memory order of a rank-4 picture tensor; SL_LAYOUT_PLAIN is row-major in the order of `dims`, for
 * everything else. The numbers are bit positions in `layouts`. */
typedef enum SlLayout { SL_LAYOUT_PLAIN = 0, SL_LAYOUT_NCHW = 1, SL_LAYOUT_NHWC = 2 } SlLayout;

/* What stands in `dims` for a size that is not fixed. */
#define SL_DIM_BATCH INT64_C(-1)   /* only dims[0]: the batch of the run, one for all tensors that have it */
#define SL_DIM_DYNAMIC INT64_C(-2) /* of an input: any positive size; of an output: decided by the data */

/* What an engine takes or gives. `dims` are in memory order: an NHWC tensor says {n, h, w, c}. */
typedef struct SlTensorInfo {
  const char* name;
  SlDataType data_type;
  SlLayout layout;
  int32_t rank;
  int64_t dims[SL_MAX_RANK];
  float quantization_scale; /* 0: not quantized; else real = scale * (stored - zero_point) */
  int32_t quantization_zero_point;
  uint64_t reserved[4];
} SlTensorInfo;

typedef enum SlMemory { SL_MEMORY_HOST = 0, SL_MEMORY_HOST_PINNED = 1, SL_MEMORY_DEVICE = 2 } SlMemory;

/* A dense tensor in memory the caller owns. `data` is aligned to 64 bytes by the host. `bytes` is the size of
 * the memory: of an input at least what dims and data_type need; of an output its capacity (see `run`). */
typedef struct SlTensor {
  void* data;
  size_t bytes;
  SlDataType data_type;
  SlMemory memory;
  int32_t rank;
  int64_t dims[SL_MAX_RANK]; /* positive; an output's dynamic ones are anything on entry, perhaps 0 after */
  uint64_t reserved[2];
} SlTensor;

/* ---- The network as a flat graph ---- */
/* A normalized ONNX graph (default domain; opset in `opset`): nodes in topological order, batch dimension
 * first in every input, shapes inferred for every value, constants folded, padding explicit (`pads`, never
 * `auto_pad`), Constant and Identity/Dropout nodes removed. Everything is owned by the host and valid during
 * engine_create only. */

typedef enum SlAttributeKind {
  SL_ATTRIBUTE_INT = 0,
  SL_ATTRIBUTE_FLOAT = 1,
  SL_ATTRIBUTE_STRING = 2,
  SL_ATTRIBUTE_INTS = 3,
  SL_ATTRIBUTE_FLOATS = 4,
  SL_ATTRIBUTE_OTHER = 5 /* present, but of a kind this view does not carry: tensor, graph, strings */
} SlAttributeKind;

typedef struct SlAttribute {
  const char* name;
  SlAttributeKind kind;
  int64_t int_value;
  float float_value;
  const char* string_value; /* zero-terminated */
  const int64_t* ints;
  const float* floats;
  int32_t count; /* of ints or floats */
  uint64_t reserved[2];
} SlAttribute;

/* A tensor of the graph, in ONNX order (NCHW for pictures). `data` is non-NULL for constants (weights),
 * row-major, little-endian. dims[0] is SL_DIM_BATCH where it is a batch left open; any other negative
 * dimension is not known before the network runs. */
typedef struct SlValue {
  const char* name;
  SlDataType data_type;
  int32_t rank; /* -1: the shape is not known, and the type neither where an unknown operator made it */
  int64_t dims[SL_MAX_RANK];
  const void* data;
  size_t bytes;
  uint64_t reserved[2];
} SlValue;

typedef struct SlNode {
  const char* name; /* unique */
  const char* op_type;
  const int32_t* inputs; /* indices into SlGraph.values; -1 for an optional input left out */
  int32_t input_count;
  const int32_t* outputs;
  int32_t output_count;
  const SlAttribute* attributes; /* as written in the model: defaults are the reader's to know */
  int32_t attribute_count;
  uint64_t reserved[2];
} SlNode;

typedef struct SlGraph {
  uint32_t struct_size;
  const char* name;
  int32_t opset;
  const SlValue* values;
  int32_t value_count;
  const SlNode* nodes;
  int32_t node_count;
  const int32_t* inputs; /* fed at run time (weights are constants, not inputs) */
  int32_t input_count;
  const int32_t* outputs;
  int32_t output_count;
} SlGraph;

/* ---- What a backend says of itself ---- */

/* How a model reaches a backend; bits of SlBackendInfo.model_kinds. */
typedef enum SlModelKind {
  SL_MODEL_ONNX = 1,  /* a serialized, normalized ONNX ModelProto in memory */
  SL_MODEL_GRAPH = 2, /* an SlGraph, from which the backend builds the framework's own graph */
  SL_MODEL_FILE = 4   /* a path to a file or folder in the framework's own format */
} SlModelKind;

typedef enum SlFeature {
  SL_FEATURE_DYNAMIC_BATCH = 1 << 0,   /* dims[0] of the inputs may change from run to run, up to max_batch */
  SL_FEATURE_ZERO_COPY_INPUT = 1 << 1, /* inputs are read where the caller put them */
  SL_FEATURE_ZERO_COPY_OUTPUT = 1 << 2, /* outputs are written by the framework where the caller asked */
  SL_FEATURE_ASYNC = 1 << 3,            /* run_async is there */
  SL_FEATURE_CANCEL = 1 << 4,           /* cancel is there */
  SL_FEATURE_PROFILE = 1 << 5,          /* profile is there */
  SL_FEATURE_BUFFERS = 1 << 6,          /* buffer_create / buffer_destroy are there */
  SL_FEATURE_SPANS = 1 << 7,            /* run reports sub-stages in SlRunReport */
  /* The framework has one pool of threads per process: the first engine that names a number decides, and
   * instances that run side by side share it (SlEngineInfo.intra_threads is then 0). */
  SL_FEATURE_THREADS_PROCESS_WIDE = 1 << 8,
  SL_FEATURE_INSTANCE_CORES = 1 << 9 /* SlInstanceOptions.cores is honoured */
} SlFeature;

/* One key=value option an engine understands (`--option key=value`). */
typedef struct SlOptionInfo {
  const char* key;
  const char* values; /* for people: "on|off" */
  const char* default_value;
  const char* help; /* one sentence */
  uint64_t reserved[2];
} SlOptionInfo;

typedef struct SlDeviceInfo {
  const char* id;       /* what -d takes: "cpu", "cuda:0" */
  const char* name;     /* for people */
  int64_t memory_bytes; /* -1: not known */
  uint64_t reserved[2];
} SlDeviceInfo;

typedef struct SlBackendInfo {
  uint32_t struct_size;
  const char* name;              /* "tensorflow" */
  const char* framework;         /* "TensorFlow" */
  const char* framework_version; /* as the loaded library reports it at run time */
  const char* framework_build;   /* build flags, instruction sets, math libraries; "" where it does not say */
  uint64_t features;             /* SlFeature bits */
  uint32_t precisions;           /* 1u << SlDataType */
  uint32_t layouts;              /* 1u << SlLayout, of inputs it takes without a conversion of its own */
  uint32_t model_kinds;          /* SlModelKind bits; the host prefers GRAPH, then ONNX, for ONNX models */
  int32_t max_onnx_opset;        /* highest opset it reads; the host converts where it can. 0: no ONNX */
  const char* const* file_formats; /* what SL_MODEL_FILE opens, as suffixes or kinds: ".pb", "saved_model" */
  int32_t file_format_count;
  const char* const*
      rewrites; /* names of graph rewrites the host must apply before handing ONNX over (network room);
                   NAME:batch: only where SlEngineOptions.max_batch is above 1 */
  int32_t rewrite_count;
  const SlOptionInfo* options;
  int32_t option_count;
  const SlDeviceInfo* devices;
  int32_t device_count;
  const char* sanitizer; /* "", "address" or "thread": what the library was built with */
} SlBackendInfo;

/* ---- Engines ---- */

typedef struct SlModel {
  uint32_t struct_size;
  SlModelKind kind;
  const char* name; /* for messages */
  const void* onnx; /* SL_MODEL_ONNX */
  size_t onnx_bytes;
  const SlGraph* graph; /* SL_MODEL_GRAPH; set beside `onnx` too, as the same network's names and shapes */
  const char* path;     /* SL_MODEL_FILE */
} SlModel;

typedef struct SlKeyValue {
  const char* key;
  const char* value;
} SlKeyValue;

typedef struct SlEngineOptions {
  uint32_t struct_size;
  const char* device;     /* one of SlBackendInfo.devices */
  SlDataType precision;   /* asked for; what ran is in SlEngineInfo. SL_F32 leaves a model's own element types
                             as they are: the backend never lowers them silently, it honours or refuses */
  int32_t intra_threads;  /* threads inside one operator, per instance; 0: the framework's own choice */
  int32_t inter_threads;  /* operators side by side; 0: the framework's own choice */
  int32_t max_batch;      /* largest dims[0] that will come */
  int32_t instance_count; /* how many instances the host intends to make */
  int32_t profile;        /* non-zero: prepare for `profile` (may slow `run` down) */
  const SlKeyValue* options;
  int32_t option_count;
} SlEngineOptions;

typedef struct SlEngineInfo {
  uint32_t struct_size;
  const SlTensorInfo* inputs; /* the layout and type the engine wants: the host writes them so */
  int32_t input_count;
  const SlTensorInfo* outputs; /* in the model's own order of dimensions */
  int32_t output_count;
  SlDataType precision_run;   /* what the arithmetic of convolutions and matrix products really is; the lowest
                                 where it is mixed, which precision_note then says */
  const char* precision_note; /* how that is known, or what limits it; "" when there is nothing to say */
  int32_t intra_threads;      /* really used by one instance; 0: not known */
  int32_t inter_threads;
  int64_t load_ns;           /* reading and building the model */
  int64_t compile_ns;        /* optimizing or compiling it, where that is a step of its own; else 0 */
  int64_t framework_load_ns; /* opening the framework's own libraries during this engine_create, not part of
                                load_ns; 0: it was done before */
} SlEngineInfo;

typedef struct SlInstanceOptions {
  uint32_t struct_size;
  int32_t index;        /* counts the instances the host makes of this engine, from 0 */
  const int32_t* cores; /* CPU numbers the instance's own threads are to stay on; for backends with
                           SL_FEATURE_INSTANCE_CORES only */
  int32_t core_count;   /* 0: wherever the system puts them */
} SlInstanceOptions;

typedef struct SlEngine SlEngine;     /* opaque, defined by the backend */
typedef struct SlInstance SlInstance; /* opaque, defined by the backend */

/* ---- Running ---- */

/* What a sub-stage of inference did. */
typedef enum SlSubStage {
  SL_SUB_STAGE_BIND = 1, /* wrapping or copying inputs into the framework's own tensors */
  SL_SUB_STAGE_HOST_TO_DEVICE = 2,
  SL_SUB_STAGE_COMPUTE = 3,
  SL_SUB_STAGE_DEVICE_TO_HOST = 4,
  SL_SUB_STAGE_COLLECT = 5 /* copying outputs to where the caller asked */
} SlSubStage;

typedef struct SlSpan {
  SlSubStage sub_stage;
  int64_t begin_ns;
  int64_t end_ns;
} SlSpan;

/* What a run is told. */
typedef struct SlRunOptions {
  uint32_t struct_size;
  uint64_t run_id; /* never 0; larger than that of every earlier run of the instance. For `cancel` */
} SlRunOptions;

/* Filled by `run`; the host sets struct_size and span_count = 0. */
typedef struct SlRunReport {
  uint32_t struct_size;
  int32_t span_count;
  SlSpan spans[SL_MAX_SPANS];
} SlRunReport;

typedef struct SlLayerTime {
  uint32_t struct_size;
  const char* name; /* as the framework calls it; equal to the ONNX node's name where that is known */
  const char* type;
  int64_t duration_ns; /* summed over the calls of one run */
  int64_t begin_ns;    /* of the first call; 0: not known */
  int32_t call_count;  /* 0: not known */
} SlLayerTime;

/* The end of an asynchronous run. `status` SL_OK, or `error` says why; both `error` and `report` are valid
 * during the call only. */
typedef void (*SlRunDone)(void* user, SlStatusCode status, const SlError* error, const SlRunReport* report);
/* `layer` is valid during the call only. */
typedef void (*SlLayerSink)(void* user, const SlLayerTime* layer);

/* ---- The table ---- */

typedef struct SlBackend {
  uint32_t struct_size;
  uint32_t abi_version;

  /* Never fails, cheap, callable before anything else and from any thread. */
  const SlBackendInfo* (*info)(void);

  /* Loads `model` with `options`. Blocks. On SL_OK the caller owns *engine and releases it with
   * engine_destroy, after all of its instances. `options` keys it does not know are SL_INVALID_ARGUMENT. */
  SlStatusCode (*engine_create)(const SlModel* model, const SlEngineOptions* options, SlEngine** engine,
                                SlError* error);
  void (*engine_destroy)(SlEngine* engine);
  const SlEngineInfo* (*engine_info)(const SlEngine* engine);

  /* An independently running copy. Weights are shared between the instances of an engine where the framework
   * can. `options` is never NULL. */
  SlStatusCode (*instance_create)(SlEngine* engine, const SlInstanceOptions* options, SlInstance** instance,
                                  SlError* error);
  /* With no run in flight: for run_async, after `done` has returned. */
  void (*instance_destroy)(SlInstance* instance);

  /* One inference: reads `inputs`, writes `outputs` (both in the order of SlEngineInfo), blocks until done.
   * `options` is never NULL. Output tensors are the caller's; their `bytes` is how much may be written.
   * On entry their dims are the shape of SlEngineInfo with the batch of the inputs, and are checked; what
   * stands where a dimension is SL_DIM_DYNAMIC is not looked at. On SL_OK rank and dims are what was written.
   * Too small a capacity is SL_RESOURCE_EXHAUSTED with a sentence that names the bytes needed. No allocation
   * of the backend's own per call where the framework allows. `report` may be NULL. */
  SlStatusCode (*run)(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                      int32_t input_count, SlTensor* outputs, int32_t output_count, SlRunReport* report,
                      SlError* error);

  /* NULL unless SL_FEATURE_ASYNC. As `run`, but does not wait: the end is told to `done`, exactly once, on
   * any thread, perhaps before run_async has returned. Until then the caller keeps both arrays of SlTensor
   * and the memory they name (`outputs` gets its dims before `done`); `options` may go when run_async
   * returns. Whoever is called by `done` may begin the next run of the instance. If run_async returns other
   * than SL_OK, nothing was begun and `done` is not called. */
  SlStatusCode (*run_async)(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                            int32_t input_count, SlTensor* outputs, int32_t output_count, SlRunDone done,
                            void* user, SlError* error);

  /* NULL unless SL_FEATURE_CANCEL. Asks the run with this id, by whichever function, to end early with
   * SL_CANCELLED. One call is enough, whether the run has begun yet or not; a run that is over, or was not
   * slow enough to notice, has ended as it did, and no other run is touched. Any thread, but not after
   * instance_destroy has begun. */
  void (*cancel)(SlInstance* instance, uint64_t run_id);

  /* NULL unless SL_FEATURE_PROFILE. One inference as `run`, with the time of each layer given to `sink` on
   * the calling thread. The engine was created with options.profile. */
  SlStatusCode (*profile)(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                          int32_t input_count, SlTensor* outputs, int32_t output_count, SlLayerSink sink,
                          void* user, SlError* error);

  /* NULL unless SL_FEATURE_BUFFERS. Memory of a kind the device reads faster, aligned as SlTensor.data;
   * released by buffer_destroy, before its engine. */
  SlStatusCode (*buffer_create)(SlEngine* engine, size_t bytes, SlMemory memory, void** data, SlError* error);
  void (*buffer_destroy)(SlEngine* engine, void* data);
} SlBackend;

/* The type of the exported symbol SL_ENTRY_POINT. Returns NULL and writes `error` when the backend can't work
 * with this host (abi version) or on this machine. */
typedef const SlBackend* (*SlEntryPoint)(uint32_t host_abi_version, SlError* error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* SIGHTLINE_BACKEND_ABI_H_ */
