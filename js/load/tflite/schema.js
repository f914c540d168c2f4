// What TensorFlow Lite files consist of: tables, their fields' numbers, and the names behind numbers.
// Source: tensorflow/compiler/mlir/lite/schema/schema.fbs, version 3.

/** @typedef {import('../flatbuffer.js').Fields} Fields */

export const VERSION = 3;

/** @type {Fields} */
export const MODEL = { version: [0, 'u32'], operator_codes: [1, 'tables'], subgraphs: [2, 'tables'], buffers: [4, 'tables'] };

/** deprecated_builtin_code has the codes below 127 in old files. @type {Fields} */
export const OPERATOR_CODE = {
  deprecated_builtin_code: [0, 'i8'],
  custom_code: [1, 'text'],
  version: [2, 'i32', 1],
  builtin_code: [3, 'i32'],
};

/** @type {Fields} */
export const SUBGRAPH = { tensors: [0, 'tables'], inputs: [1, 'ints'], outputs: [2, 'ints'], operators: [3, 'tables'] };

/** @type {Fields} */
export const TENSOR = {
  shape: [0, 'ints'],
  type: [1, 'i8'],
  buffer: [2, 'u32'],
  name: [3, 'text'],
  quantization: [4, 'table'],
  is_variable: [5, 'bool'],
  sparsity: [6, 'table'],
  shape_signature: [7, 'ints'],
};

/** @type {Fields} */
export const QUANTIZATION = {
  scale: [2, 'floats'],
  zero_point: [3, 'longs'],
  details_type: [4, 'i8'],
  quantized_dimension: [6, 'i32'],
};

/** The scales once more, as bytes: a vector's length counts elements. @type {Fields} */
export const QUANTIZATION_SCALE = { scale: [2, 'bytes'] };

/** Where data is outside of the flatbuffer, offset is larger than 1. @type {Fields} */
export const BUFFER = { data: [0, 'bytes'], offset: [1, 'u64'], size: [2, 'u64'] };

/** @type {Fields} */
export const OPERATOR = {
  opcode_index: [0, 'u32'],
  inputs: [1, 'ints'],
  outputs: [2, 'ints'],
  builtin_options_type: [3, 'i8'],
  builtin_options: [4, 'table'],
  custom_options: [5, 'bytes'],
};

/** TensorType */
export const TYPES = `FLOAT32 FLOAT16 INT32 UINT8 INT64 STRING BOOL INT16 COMPLEX64 INT8 FLOAT64 COMPLEX128 UINT64 RESOURCE VARIANT
  UINT32 UINT16 INT4 BFLOAT16`.split(/\s+/);

/** BuiltinOperator, number → name. */
export const BUILTINS = new Map(
  `ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED
  HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU
  RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM
  EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE
  UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE
  BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN
  TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD
  REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD
  RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE
  RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4
  NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE
  BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL
  CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM
  MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2
  UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT`
    .split(/\s+/)
    .map((name, number) => [number, name]),
);
export const CUSTOM = 32;

/** @type {Fields} */
const WINDOW = { padding: [0, 'i8'], stride_w: [1, 'i32'], stride_h: [2, 'i32'] };
/** @type {Fields} */
const ACTIVATION = { activation: [0, 'i8'] };
/** @type {Fields} */
const POOL = { ...WINDOW, filter_w: [3, 'i32'], filter_h: [4, 'i32'], activation: [5, 'i8'] };
/** @type {Fields} */
const REDUCER = { keep_dims: [0, 'bool'] };
/** @type {Fields} */
const RANDOM = { seed: [0, 'u64'], seed2: [1, 'u64'] };

/**
 * Operators whose options matter: their number in the union BuiltinOptions, and the fields of that table. Longer names of
 * schema.fbs are cut: fused_activation_function, dilation_w_factor, filter_width, half_pixel_centers.
 * @type {ReadonlyMap<string, [number: number, fields: Fields]>}
 */
export const OPTIONS = new Map([
  ['CONV_2D', [1, { ...WINDOW, activation: [3, 'i8'], dilation_w: [4, 'i32', 1], dilation_h: [5, 'i32', 1] }]],
  [
    'DEPTHWISE_CONV_2D',
    [2, { ...WINDOW, depth_multiplier: [3, 'i32'], activation: [4, 'i8'], dilation_w: [5, 'i32', 1], dilation_h: [6, 'i32', 1] }],
  ],
  ['AVERAGE_POOL_2D', [5, POOL]],
  ['MAX_POOL_2D', [5, POOL]],
  ['L2_POOL_2D', [5, POOL]],
  ['FULLY_CONNECTED', [8, { ...ACTIVATION, weights_format: [1, 'i8'], keep_num_dims: [2, 'bool'] }]],
  ['SOFTMAX', [9, { beta: [0, 'f32'] }]],
  ['CONCATENATION', [10, { axis: [0, 'i32'], activation: [1, 'i8'] }]],
  ['ADD', [11, ACTIVATION]],
  ['LOCAL_RESPONSE_NORMALIZATION', [13, { radius: [0, 'i32'], bias: [1, 'f32'], alpha: [2, 'f32'], beta: [3, 'f32'] }]],
  ['RESIZE_BILINEAR', [15, { align_corners: [2, 'bool'], half_pixel: [3, 'bool'] }]],
  ['RESHAPE', [17, { new_shape: [0, 'ints'] }]],
  ['SPACE_TO_DEPTH', [19, { block_size: [0, 'i32'] }]],
  ['MUL', [21, ACTIVATION]],
  ['GATHER', [23, { axis: [0, 'i32'], batch_dims: [1, 'i32'] }]],
  ['MEAN', [27, REDUCER]],
  ['SUM', [27, REDUCER]],
  ['REDUCE_PROD', [27, REDUCER]],
  ['REDUCE_MAX', [27, REDUCER]],
  ['REDUCE_MIN', [27, REDUCER]],
  ['REDUCE_ANY', [27, REDUCER]],
  ['REDUCE_ALL', [27, REDUCER]],
  ['SUB', [28, ACTIVATION]],
  ['DIV', [29, ACTIVATION]],
  ['SQUEEZE', [30, { squeeze_dims: [0, 'ints'] }]],
  [
    'STRIDED_SLICE',
    [
      32,
      {
        begin_mask: [0, 'i32'],
        end_mask: [1, 'i32'],
        ellipsis_mask: [2, 'i32'],
        new_axis_mask: [3, 'i32'],
        shrink_axis_mask: [4, 'i32'],
        offset: [5, 'bool'],
      },
    ],
  ],
  ['TRANSPOSE_CONV', [49, { ...WINDOW, activation: [3, 'i8'] }]],
  ['FAKE_QUANT', [58, { min: [0, 'f32'], max: [1, 'f32'], num_bits: [2, 'i32'], narrow_range: [3, 'bool'] }]],
  ['PACK', [59, { axis: [1, 'i32'] }]],
  ['ONE_HOT', [61, { axis: [0, 'i32'] }]],
  ['UNPACK', [64, { axis: [1, 'i32'] }]],
  ['RESIZE_NEAREST_NEIGHBOR', [74, { align_corners: [0, 'bool'], half_pixel: [1, 'bool'] }]],
  ['LEAKY_RELU', [75, { alpha: [0, 'f32'] }]],
  ['MIRROR_PAD', [77, { mode: [0, 'i8'] }]],
  ['DEPTH_TO_SPACE', [94, { block_size: [0, 'i32'] }]],
  ['BATCH_MATMUL', [101, { adj_x: [0, 'bool'], adj_y: [1, 'bool'] }]],
  ['CUMSUM', [102, { exclusive: [0, 'bool'], reverse: [1, 'bool'] }]],
  [
    'CONV_3D',
    [
      106,
      {
        padding: [0, 'i8'],
        stride_d: [1, 'i32'],
        stride_w: [2, 'i32'],
        stride_h: [3, 'i32'],
        activation: [4, 'i8'],
        dilation_d: [5, 'i32', 1],
        dilation_w: [6, 'i32', 1],
        dilation_h: [7, 'i32', 1],
      },
    ],
  ],
  ['RANDOM_UNIFORM', [114, RANDOM]],
  ['RANDOM_STANDARD_NORMAL', [114, RANDOM]],
  ['MULTINOMIAL', [114, RANDOM]],
  ['GELU', [116, { approximate: [0, 'bool'] }]],
]);
