// Writes TensorFlow Lite models with the flatbuffers package. Field numbers by hand from TensorFlow's schema.fbs (v3),
// on purpose not those of js/load: what is read is checked by what others write.
import { Builder } from 'flatbuffers';

/** TensorType */
const TYPES = ['FLOAT32', 'FLOAT16', 'INT32', 'UINT8', 'INT64', 'STRING', 'BOOL', 'INT16', 'COMPLEX64', 'INT8', 'FLOAT64'];
TYPES.push('COMPLEX128', 'UINT64', 'RESOURCE', 'VARIANT', 'UINT32', 'UINT16', 'INT4', 'BFLOAT16');

/** BuiltinOperator, from 0 on. */
const OPERATORS = `ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR
  FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D
  MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM
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
  UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT`.split(/\s+/);

const WINDOW = { padding: [0, 'i8'], stride_w: [1, 'i32'], stride_h: [2, 'i32'] };
const ACTIVATION = { fused_activation_function: [0, 'i8'] };
/** Of the operators that have options: number in the union BuiltinOptions, fields of the table. Without a default: 0.
 * @type {Record<string, [number, Record<string, any[]>]>} */
const OPTIONS = {
  CONV_2D: [1, { ...WINDOW, fused_activation_function: [3, 'i8'], dilation_w_factor: [4, 'i32', 1], dilation_h_factor: [5, 'i32', 1] }],
  DEPTHWISE_CONV_2D: [
    2,
    {
      ...WINDOW,
      depth_multiplier: [3, 'i32'],
      fused_activation_function: [4, 'i8'],
      dilation_w_factor: [5, 'i32', 1],
      dilation_h_factor: [6, 'i32', 1],
    },
  ],
  ...same(['AVERAGE_POOL_2D', 'MAX_POOL_2D', 'L2_POOL_2D'], 5, {
    ...WINDOW,
    filter_width: [3, 'i32'],
    filter_height: [4, 'i32'],
    fused_activation_function: [5, 'i8'],
  }),
  FULLY_CONNECTED: [8, { ...ACTIVATION, weights_format: [1, 'i8'], keep_num_dims: [2, 'bool'], asymmetric_quantize_inputs: [3, 'bool'] }],
  SOFTMAX: [9, { beta: [0, 'f32'] }],
  CONCATENATION: [10, { axis: [0, 'i32'], fused_activation_function: [1, 'i8'] }],
  ADD: [11, { ...ACTIVATION, pot_scale_int16: [1, 'bool', true] }],
  L2_NORMALIZATION: [12, ACTIVATION],
  LOCAL_RESPONSE_NORMALIZATION: [13, { radius: [0, 'i32'], bias: [1, 'f32'], alpha: [2, 'f32'], beta: [3, 'f32'] }],
  RESIZE_BILINEAR: [15, { align_corners: [2, 'bool'], half_pixel_centers: [3, 'bool'] }],
  RESHAPE: [17, { new_shape: [0, 'ints'] }],
  SPACE_TO_DEPTH: [19, { block_size: [0, 'i32'] }],
  MUL: [21, ACTIVATION],
  GATHER: [23, { axis: [0, 'i32'], batch_dims: [1, 'i32'] }],
  ...same(['MEAN', 'SUM', 'REDUCE_PROD', 'REDUCE_MAX', 'REDUCE_MIN', 'REDUCE_ANY', 'REDUCE_ALL'], 27, { keep_dims: [0, 'bool'] }),
  SUB: [28, { ...ACTIVATION, pot_scale_int16: [1, 'bool', true] }],
  DIV: [29, ACTIVATION],
  SQUEEZE: [30, { squeeze_dims: [0, 'ints'] }],
  STRIDED_SLICE: [
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
  SPLIT: [35, { num_splits: [0, 'i32'] }],
  CAST: [37, { in_data_type: [0, 'i8'], out_data_type: [1, 'i8'] }],
  ARG_MAX: [40, { output_type: [0, 'i8'] }],
  TRANSPOSE_CONV: [49, { ...WINDOW, fused_activation_function: [3, 'i8'] }],
  SHAPE: [55, { out_type: [0, 'i8'] }],
  ARG_MIN: [57, { output_type: [0, 'i8'] }],
  FAKE_QUANT: [58, { min: [0, 'f32'], max: [1, 'f32'], num_bits: [2, 'i32'], narrow_range: [3, 'bool'] }],
  PACK: [59, { values_count: [0, 'i32'], axis: [1, 'i32'] }],
  ONE_HOT: [61, { axis: [0, 'i32'] }],
  UNPACK: [64, { num: [0, 'i32'], axis: [1, 'i32'] }],
  RESIZE_NEAREST_NEIGHBOR: [74, { align_corners: [0, 'bool'], half_pixel_centers: [1, 'bool'] }],
  LEAKY_RELU: [75, { alpha: [0, 'f32'] }],
  MIRROR_PAD: [77, { mode: [0, 'i8'] }],
  SPLIT_V: [79, { num_splits: [0, 'i32'] }],
  IF: [92, { then_subgraph_index: [0, 'i32'], else_subgraph_index: [1, 'i32'] }],
  WHILE: [93, { cond_subgraph_index: [0, 'i32'], body_subgraph_index: [1, 'i32'] }],
  DEPTH_TO_SPACE: [94, { block_size: [0, 'i32'] }],
  BATCH_MATMUL: [101, { adj_x: [0, 'bool'], adj_y: [1, 'bool'], asymmetric_quantize_inputs: [2, 'bool'] }],
  CUMSUM: [102, { exclusive: [0, 'bool'], reverse: [1, 'bool'] }],
  CONV_3D: [
    106,
    {
      padding: [0, 'i8'],
      stride_d: [1, 'i32'],
      stride_w: [2, 'i32'],
      stride_h: [3, 'i32'],
      fused_activation_function: [4, 'i8'],
      dilation_d_factor: [5, 'i32', 1],
      dilation_w_factor: [6, 'i32', 1],
      dilation_h_factor: [7, 'i32', 1],
    },
  ],
  ...same(['RANDOM_UNIFORM', 'RANDOM_STANDARD_NORMAL', 'MULTINOMIAL'], 114, { seed: [0, 'i64'], seed2: [1, 'i64'] }),
  GELU: [116, { approximate: [0, 'bool'] }],
};

/** @param {string[]} names @param {number} number @param {Record<string, any[]>} fields @returns {Record<string, [number, Record<string, any[]>]>} */
function same(names, number, fields) {
  return Object.fromEntries(names.map((name) => [name, [number, fields]]));
}

/**
 * @typedef {object} TfliteTensor
 * @property {string} [name]
 * @property {number[]} [shape]
 * @property {string | number} [type]  TensorType, 'FLOAT32' where nothing is said.
 * @property {ArrayBufferView} [data]  Makes it a constant.
 * @property {number} [buffer]  Of `buffers`, instead of data.
 * @property {{ scale?: number[], zeroPoint?: number[], axis?: number }} [quantization]
 * @property {number[]} [shapeSignature]
 * @property {boolean} [variable]
 * @property {{ order: number[], blockMap?: number[], levels: ({ size: number } | { segments: number[], indices: number[],
 *   bits?: number })[] }} [sparsity]  levels: dense ones have a size; bits of segments and indices: 32, 16 or 8.
 *
 * @typedef {object} TfliteOperator
 * @property {string} op  'CONV_2D', or what no builtin is called: a custom op.
 * @property {(number | string)[]} inputs  Tensors by number or name; -1 where absent.
 * @property {(number | string)[]} outputs
 * @property {Record<string, number | boolean | number[]>} [options]  By the names of schema.fbs. Given: the table is written.
 * @property {Uint8Array} [customOptions]
 * @property {number} [version]  1 where nothing is said.
 *
 * @typedef {{ tensors: TfliteTensor[], operators: TfliteOperator[], inputs: (number | string)[], outputs: (number | string)[], name?: string }} TfliteSubgraph
 */

/**
 * @typedef {TfliteSubgraph & { more?: TfliteSubgraph[], buffers?: ArrayBufferView[], version?: number, identifier?: string,
 *   external?: boolean }} TfliteModel  more: further subgraphs. buffers: shared ones, from number 1 on. external: buffers
 *   stand behind the flatbuffer.
 */

/**
 * @param {TfliteModel} model
 * @returns {Uint8Array}
 */
export function writeTflite(model) {
  const { bytes, buffers } = write(model, 16);
  if (model.external !== true) return bytes;
  const file = [...write(model, bytes.length).bytes];
  for (const data of buffers) file.push(...new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return Uint8Array.from(file);
}

/** @param {TfliteModel} model @param {number} end  Where external buffers begin. */
function write({ more = [], buffers: shared = [], version = 3, identifier = 'TFL3', external = false, ...main }, end) {
  const b = new Builder(1024);
  /** @type {ArrayBufferView[]} */
  const buffers = [...shared];
  const subgraphs = [main, ...more];
  const codeOf = (/** @type {TfliteOperator} */ { op, version: number = 1 }) => `${op} ${number}`;
  const codes = [...new Set(subgraphs.flatMap(({ operators }) => operators.map(codeOf)))];

  const table = (/** @type {number} */ slots, /** @type {() => void} */ fill) => {
    b.startObject(slots);
    fill();
    return b.endObject();
  };
  const vector = (/** @type {readonly any[]} */ list, /** @type {number} */ size, /** @type {(item: any) => void} */ add) => {
    b.startVector(size, list.length, size);
    for (const item of [...list].reverse()) add(item);
    return b.endVector();
  };
  const ints = (/** @type {readonly number[]} */ list) => vector(list, 4, (item) => b.addInt32(item));
  const offsets = (/** @type {readonly number[]} */ list) => vector(list, 4, (item) => b.addOffset(item));
  const bytes = (/** @type {ArrayBufferView} */ data) => {
    const list = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    b.startVector(1, list.length, 16);
    for (let i = list.length - 1; i >= 0; i--) b.addInt8(/** @type {number} */ (list[i]));
    return b.endVector();
  };
  const fill = (/** @type {Record<string, any[]>} */ fields, /** @type {Record<string, any>} */ values) => {
    const unknown = Object.keys(values).filter((name) => !(name in fields));
    if (unknown.length > 0) throw new Error(`no options ${unknown}`);
    /** @type {Map<string, number>} */
    const lists = new Map(Object.entries(values).flatMap(([name, value]) => (Array.isArray(value) ? [[name, ints(value)]] : [])));
    return table(16, () => {
      for (const [name, value] of Object.entries(values)) {
        const [slot, kind, missing = 0] = fields[name];
        if (kind === 'i8') b.addFieldInt8(slot, value, missing);
        else if (kind === 'bool') b.addFieldInt8(slot, Number(value), Number(missing));
        else if (kind === 'i32') b.addFieldInt32(slot, value, missing);
        else if (kind === 'i64') b.addFieldInt64(slot, BigInt(value), 0n);
        else if (kind === 'f32') b.addFieldFloat32(slot, value, missing);
        else b.addFieldOffset(slot, lists.get(name) ?? 0, 0);
      }
    });
  };

  const writeSparsity = (/** @type {NonNullable<TfliteTensor['sparsity']>} */ { order, blockMap, levels }) => {
    /** Int32Vector, Uint16Vector or Uint8Vector. @param {number[]} list @param {number} bits */
    const indices = (list, bits) => {
      const add = { 32: b.addInt32, 16: b.addInt16, 8: b.addInt8 }[bits];
      const at = vector(list, bits / 8, (item) => add?.call(b, item));
      return table(1, () => b.addFieldOffset(0, at, 0));
    };
    const orderAt = ints(order);
    const blocksAt = blockMap === undefined ? 0 : ints(blockMap);
    const levelsAt = offsets(
      levels.map((level) => {
        if ('size' in level) return table(6, () => b.addFieldInt32(1, level.size, 0));
        const { segments, indices: list, bits = 32 } = level;
        const type = 1 + [32, 16, 8].indexOf(bits);
        const segmentsAt = indices(segments, bits);
        const indicesAt = indices(list, bits);
        return table(6, () => {
          b.addFieldInt8(0, 1, 0);
          b.addFieldInt8(2, type, 0);
          b.addFieldOffset(3, segmentsAt, 0);
          b.addFieldInt8(4, type, 0);
          b.addFieldOffset(5, indicesAt, 0);
        });
      }),
    );
    return table(3, () => {
      b.addFieldOffset(0, orderAt, 0);
      b.addFieldOffset(1, blocksAt, 0);
      b.addFieldOffset(2, levelsAt, 0);
    });
  };

  const writeTensor = (/** @type {TfliteTensor} */ tensor) => {
    const { name, shape, type = 'FLOAT32', data, quantization, shapeSignature, variable = false } = tensor;
    if (data !== undefined) buffers.push(data);
    const buffer = tensor.buffer ?? (data === undefined ? 0 : buffers.length);
    const nameAt = name === undefined ? 0 : b.createString(name);
    const shapeAt = shape === undefined ? 0 : ints(shape);
    const signatureAt = shapeSignature === undefined ? 0 : ints(shapeSignature);
    let quantizationAt = 0;
    if (quantization !== undefined) {
      const { scale, zeroPoint, axis = 0 } = quantization;
      const scaleAt = scale === undefined ? 0 : vector(scale, 4, (item) => b.addFloat32(item));
      const zeroAt = zeroPoint === undefined ? 0 : vector(zeroPoint, 8, (item) => b.addInt64(BigInt(item)));
      quantizationAt = table(7, () => {
        b.addFieldOffset(2, scaleAt, 0);
        b.addFieldOffset(3, zeroAt, 0);
        b.addFieldInt32(6, axis, 0);
      });
    }
    const sparsityAt = tensor.sparsity === undefined ? 0 : writeSparsity(tensor.sparsity);
    return table(10, () => {
      b.addFieldOffset(0, shapeAt, 0);
      b.addFieldInt8(1, typeof type === 'number' ? type : TYPES.indexOf(type), 0);
      b.addFieldInt32(2, buffer, 0);
      b.addFieldOffset(3, nameAt, 0);
      b.addFieldOffset(4, quantizationAt, 0);
      b.addFieldInt8(5, Number(variable), 0);
      b.addFieldOffset(6, sparsityAt, 0);
      b.addFieldOffset(7, signatureAt, 0);
    });
  };

  const writeSubgraph = (/** @type {TfliteSubgraph} */ { tensors, operators, inputs, outputs, name = 'main' }) => {
    const indices = (/** @type {(number | string)[]} */ list) =>
      list.map((item) => {
        const index = typeof item === 'number' ? item : tensors.findIndex((tensor) => tensor.name === item);
        if (index < 0 && item !== -1) throw new Error(`there is no tensor ${item}`);
        return index;
      });
    const tensorsAt = offsets(tensors.map(writeTensor));
    const operatorsAt = offsets(
      operators.map((operator) => {
        const { op, inputs: from, outputs: to, options, customOptions } = operator;
        const [number, fields] = OPTIONS[op] ?? [0, {}];
        const optionsAt = options === undefined || number === 0 ? 0 : fill(fields, options);
        const customAt = customOptions === undefined ? 0 : bytes(customOptions);
        const fromAt = ints(indices(from));
        const toAt = ints(indices(to));
        return table(13, () => {
          b.addFieldInt32(0, codes.indexOf(codeOf(operator)), 0);
          b.addFieldOffset(1, fromAt, 0);
          b.addFieldOffset(2, toAt, 0);
          b.addFieldInt8(3, optionsAt === 0 ? 0 : number, 0);
          b.addFieldOffset(4, optionsAt, 0);
          b.addFieldOffset(5, customAt, 0);
        });
      }),
    );
    const inputsAt = ints(indices(inputs));
    const outputsAt = ints(indices(outputs));
    const nameAt = b.createString(name);
    return table(5, () => {
      b.addFieldOffset(0, tensorsAt, 0);
      b.addFieldOffset(1, inputsAt, 0);
      b.addFieldOffset(2, outputsAt, 0);
      b.addFieldOffset(3, operatorsAt, 0);
      b.addFieldOffset(4, nameAt, 0);
    });
  };

  const subgraphsAt = offsets(subgraphs.map(writeSubgraph));
  let next = end;
  const buffersAt = offsets(
    [undefined, ...buffers].map((data) => {
      if (data !== undefined && external) {
        const offset = next;
        next += data.byteLength;
        return table(3, () => {
          b.addFieldInt64(1, BigInt(offset), 0n);
          b.addFieldInt64(2, BigInt(data.byteLength), 0n);
        });
      }
      const dataAt = data === undefined ? 0 : bytes(data);
      return table(3, () => b.addFieldOffset(0, dataAt, 0));
    }),
  );
  const codesAt = offsets(
    codes.map((text) => {
      const [op, number] = text.split(' ');
      const code = OPERATORS.includes(op) ? OPERATORS.indexOf(op) : 32;
      const nameAt = code === 32 ? b.createString(op) : 0;
      return table(4, () => {
        b.addFieldInt8(0, Math.min(code, 127), 0);
        b.addFieldOffset(1, nameAt, 0);
        b.addFieldInt32(2, Number(number), 1);
        b.addFieldInt32(3, code, 0);
      });
    }),
  );
  const descriptionAt = b.createString('written by a test');
  const root = table(8, () => {
    b.addFieldInt32(0, version, 0);
    b.addFieldOffset(1, codesAt, 0);
    b.addFieldOffset(2, subgraphsAt, 0);
    b.addFieldOffset(3, descriptionAt, 0);
    b.addFieldOffset(4, buffersAt, 0);
  });
  b.finish(root, identifier);
  return { bytes: b.asUint8Array().slice(), buffers };
}
