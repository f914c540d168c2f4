// The boundary: the one file that knows addresses. It turns the exported C functions (src/xj.h says what they do) into
// objects, and statuses into XnnErrors.
import { XnnError } from './errors.js';
import { checkSchema, LIST_MAX, opRow, packAttributes } from './schema.js';

/**
 * @typedef {'float32' | 'int32' | 'bool' | 'uint8' | 'int8'} Dtype
 * @typedef {Float32Array | Int32Array | Uint8Array | Int8Array} Values
 * @typedef {{ dtype: Dtype, shape: number[] }} Type
 * @typedef {{ dtype: string, scale?: number, min?: number }} Storage
 * @typedef {{ arenaBytes: number, lowerBound: number, sum: number, buffers: { offset: number, bytes: number, first: number, last: number }[] }} Plan
 * @typedef {{ name: string, op: string, kernel: string, inputs: number[][], output: number[], flops: number, bytes: number,
 *   parameters: number, threads: number }} StepInfo
 */

/** xj_dtype */
export const DTYPES = ['float32', 'int32', 'bool', 'uint8', 'int8', 'float16', 'uint16'];
/** xj_status, from 1 on @type {import('./errors.js').XnnErrorCode[]} */
const CODES = ['bad-model', 'bad-shape', 'unsupported', 'out-of-memory', 'misuse', 'aborted'];
const MAX_RANK = 8;
/** Flags of xj_model_compile. */
const UNOPTIMISED = 1;
const INT8_WEIGHTS = 2;
/** Longer names are cut: they only serve messages. */
const NAME_BYTES = 1000;
const ENCODER = new TextEncoder();

/** @type {Record<string, { new (buffer: ArrayBufferLike, offset: number, length: number): Values, BYTES_PER_ELEMENT: number }>} */
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, int8: Int8Array };

/**
 * @param {any} module  What the Emscripten factory resolves to.
 * @param {number} threads
 */
export function createCore(module, threads) {
  const mailbox = module._xj_mailbox() >>> 0;
  const mailboxBytes = new Uint32Array(module.wasmMemory.buffer, mailbox, 1)[0];

  /** Memory may have grown since the last call, so that views are made anew. */
  const bytesAt = (/** @type {number} */ address, /** @type {number} */ length) =>
    new Uint8Array(module.wasmMemory.buffer, address >>> 0, length);
  const intsAt = (/** @type {number} */ address, /** @type {number} */ length) =>
    new Int32Array(module.wasmMemory.buffer, address >>> 0, length);

  /** @param {number} address */
  function textAt(address) {
    const start = address >>> 0;
    const bytes = new Uint8Array(module.wasmMemory.buffer);
    return new TextDecoder().decode(bytes.slice(start, bytes.indexOf(0, start))); // slice: shared memory is not decoded
  }

  function lastError() {
    const node = textAt(module._xj_error_node());
    const code = CODES[module._xj_error_status() - 1];
    return new XnnError(code ?? 'misuse', textAt(module._xj_error_text()), { node: node === '' ? undefined : node });
  }

  /** @param {number} result  A count or id, or minus a status. */
  function orThrow(result) {
    if (result < 0) throw lastError();
    return result;
  }

  /** @param {number} status */
  function check(status) {
    if (status !== 0) throw lastError();
  }

  /** @param {number} address */
  function made(address) {
    if (address === 0) throw lastError();
    return address;
  }

  /** Puts what a call points to into the mailbox; each put returns its address. */
  function letter() {
    let used = 0;
    /** @param {Uint8Array} bytes */
    const put = (bytes) => {
      const at = used;
      used = (at + bytes.length + 15) & ~15;
      if (used > mailboxBytes)
        throw new XnnError('unsupported', `one node needs ${used} bytes of names, inputs and attributes, ${mailboxBytes} are possible`);
      bytesAt(mailbox + at, bytes.length).set(bytes);
      return mailbox + at;
    };
    return {
      put,
      ints: (/** @type {number[]} */ list) => put(new Uint8Array(Int32Array.from(list).buffer)),
      text(/** @type {string} */ text) {
        const bytes = ENCODER.encode(text).subarray(0, NAME_BYTES);
        const ended = new Uint8Array(bytes.length + 1);
        ended.set(bytes);
        return put(ended);
      },
    };
  }

  /** @param {Int32Array} shape  dtype, rank, dimensions @returns {Type} */
  const readType = (shape) => ({ dtype: /** @type {Dtype} */ (DTYPES[shape[0]]), shape: [...shape.subarray(2, 2 + shape[1])] });

  function memory() {
    const ints = intsAt(mailbox, 4);
    module._xj_memory_read(mailbox);
    const [inUse, peak, weights, arenas] = new Uint32Array(ints.buffer, ints.byteOffset, 4);
    return {
      heapBytes: inUse,
      peakHeapBytes: peak,
      weightBytes: weights,
      arenaBytes: arenas,
      wasmBytes: module.wasmMemory.buffer.byteLength,
    };
  }

  function createGraph() {
    let graph = made(module._xj_graph_create());
    return {
      /** @param {string} name @param {Dtype} dtype @param {number[]} shape  -1 where free @returns {number} value id */
      input(name, dtype, shape) {
        const mail = letter();
        return orThrow(module._xj_graph_input(graph, DTYPES.indexOf(dtype), shape.length, mail.ints(shape), mail.text(name)));
      },
      /** What shapes programs may have there instead of the declared one. -1: any size. */
      inputShape: (/** @type {number} */ id, /** @type {number[]} */ shape) =>
        check(module._xj_graph_input_shape(graph, id, letter().ints(shape))),
      /** @param {Dtype} dtype @param {number[]} shape @param {Values} values */
      constant(dtype, shape, values) {
        const mail = letter();
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        return orThrow(
          module._xj_graph_constant(graph, DTYPES.indexOf(dtype), shape.length, mail.ints(shape), mail.put(bytes), bytes.length),
        );
      },
      /** @param {number} id @param {Dtype} dtype @param {number[]} shape @param {Storage} storage */
      weight(id, dtype, shape, { dtype: stored, scale = 1, min = 0 }) {
        const mail = letter();
        const storage = new DataView(new ArrayBuffer(24)); // xj_storage: doubles are aligned
        storage.setInt32(0, DTYPES.indexOf(stored), true);
        storage.setFloat64(8, scale, true);
        storage.setFloat64(16, min, true);
        return orThrow(
          module._xj_graph_weight(
            graph,
            id,
            mail.put(new Uint8Array(storage.buffer)),
            DTYPES.indexOf(dtype),
            shape.length,
            mail.ints(shape),
          ),
        );
      },
      /** @param {string} op @param {string} name @param {number[]} inputs @param {Record<string, number | number[]>} attrs */
      node(op, name, inputs, attrs) {
        const mail = letter();
        const row = opRow(op);
        const packed = packAttributes(row, op, attrs);
        return orThrow(
          module._xj_graph_node(graph, row.number, mail.text(name), inputs.length, mail.ints(inputs), mail.put(packed), packed.length),
        );
      },
      /** @param {string} name @param {number} value */
      output(name, value) {
        orThrow(module._xj_graph_output(graph, value, letter().text(name)));
      },
      /** Takes the graph, also when it fails. @param {{ optimize: boolean, precision?: 'float32' | 'int8' }} options */
      compile({ optimize, precision = 'float32' }) {
        const taken = graph;
        graph = 0;
        return createModel(made(module._xj_model_compile(taken, (optimize ? 0 : UNOPTIMISED) | (precision === 'int8' ? INT8_WEIGHTS : 0))));
      },
      release() {
        module._xj_graph_release(graph);
        graph = 0;
      },
    };
  }

  /** @param {number} model */
  function createModel(model) {
    return {
      /** Ids of the weights to feed, in the order of their indices. */
      wanted: Array.from({ length: module._xj_model_n_wanted(model) }, (_, i) => module._xj_model_wanted(model, i)),
      /** Writes bytes of the weight that is fed next. @param {number} offset @param {Uint8Array} bytes */
      stage(offset, bytes) {
        const staging = made(module._xj_model_staging(model)) >>> 0;
        bytesAt(staging + offset, bytes.length).set(bytes);
      },
      /** @param {number} index  of `wanted` */
      feed: (index) => check(module._xj_model_feed(model, index)),
      /** @param {number} index @returns {Type} */
      outputType(index) {
        check(module._xj_model_output_shape(model, index, mailbox));
        return readType(intsAt(mailbox, 2 + MAX_RANK));
      },
      /** @param {number[][]} shapes  of all inputs */
      createProgram: (shapes) => createProgram(made(module._xj_program_create(model, letter().ints(shapes.flat())))),
      release: () => module._xj_model_release(model),
    };
  }

  /** @param {number} program */
  function createProgram(program) {
    /** @param {number} count @param {(i: number) => number} index @returns {Type[]} */
    const types = (count, index) =>
      Array.from({ length: count }, (_, i) => {
        module._xj_program_shape(program, index(i), mailbox);
        return readType(intsAt(mailbox, 2 + MAX_RANK));
      });
    const inputs = types(module._xj_program_n_inputs(program), (i) => i);
    const outputs = types(module._xj_program_n_outputs(program), (i) => ~i);
    /** @param {Type} type @param {number} address */
    const view = ({ dtype, shape }, address) =>
      new ARRAYS[dtype](
        module.wasmMemory.buffer,
        address >>> 0,
        shape.reduce((n, dim) => n * dim, 1),
      );
    return {
      inputs,
      outputs,
      /** @param {number} index @param {Values} values */
      write: (index, values) => view(inputs[index], module._xj_program_input(program, index)).set(values),
      run: () => check(module._xj_program_run(program)),
      /** @param {number} index @returns {Values}  A copy. */
      read: (index) => view(outputs[index], module._xj_program_output(program, index)).slice(),
      describe: () => textAt(made(module._xj_program_describe(program))),
      /** @returns {Plan} */
      plan: () => JSON.parse(textAt(made(module._xj_program_plan(program)))),
      /** What a run consists of. @returns {StepInfo[]} */
      steps: () =>
        Array.from({ length: module._xj_program_n_steps(program) }, (_, i) =>
          JSON.parse(textAt(made(module._xj_program_step(program, i)))),
        ),
      /** Runs, taking the time of each step. @returns {Float64Array} ms */
      runTimed() {
        const times = made(module._xj_program_run_timed(program)) >>> 0;
        return new Float64Array(module.wasmMemory.buffer, times, module._xj_program_n_steps(program)).slice();
      },
      release: () => module._xj_program_release(program),
    };
  }

  /** One op at a time (xj_eager_run), on tensors that are addresses to nobody but this file. */
  function createEager() {
    const RESULT_WORDS = 4 + MAX_RANK;
    const OPERAND_WORDS = 5 + MAX_RANK;
    /** Words of the mailbox: the result, the attributes, the operands. */
    const attributesAt = RESULT_WORDS;
    const operandsAt = attributesAt + 256;
    const most = Math.floor((mailboxBytes / 4 - operandsAt) / OPERAND_WORDS);
    /** The views last as long as the memory does not grow; a shared one is never taken away. */
    let ints = new Int32Array(0);
    let floats = new Float32Array(0);
    let heap = new Uint8Array(0);
    let n = 0;

    function renew() {
      heap = new Uint8Array(module.wasmMemory.buffer);
      ints = new Int32Array(heap.buffer, mailbox, mailboxBytes >> 2);
      floats = new Float32Array(heap.buffer, mailbox, mailboxBytes >> 2);
    }

    /** @param {number} tensor @param {number} bytes */
    function reach(tensor, bytes) {
      if (heap.length < tensor + bytes) renew();
    }

    return {
      /** How many operands a call can have. */
      most,
      /** @param {number} bytes @returns {number} a tensor, to be released */
      create: (bytes) => made(module._xj_tensor_create(bytes)) >>> 0,
      /** @param {number} tensor */
      release: (tensor) => module._xj_tensor_release(tensor),
      /** @param {number} tensor @param {Uint8Array} bytes */
      write(tensor, bytes) {
        reach(tensor, bytes.length);
        heap.set(bytes, tensor);
      },
      /** All elements the same. @param {number} tensor @param {Dtype} dtype @param {number} count @param {number} value */
      fill(tensor, dtype, count, value) {
        const array = ARRAYS[dtype];
        reach(tensor, count * array.BYTES_PER_ELEMENT);
        new array(heap.buffer, tensor, count).fill(value);
      },
      /** @param {number} tensor @param {Dtype} dtype @param {number} count @param {number} [from] @returns {Values} a copy */
      read(tensor, dtype, count, from = 0) {
        const array = ARRAYS[dtype];
        const start = tensor + from * array.BYTES_PER_ELEMENT;
        const bytes = count * array.BYTES_PER_ELEMENT;
        reach(start, bytes);
        return new array(heap.slice(start, start + bytes).buffer, 0, count);
      },
      /** Begins a call. */
      begin() {
        if (ints.length === 0) renew();
        n = 0;
      },
      /** @param {number} tensor @param {number} dtype  of DTYPES @param {readonly number[]} shape @param {number} content @param {boolean} isKnown */
      operand(tensor, dtype, shape, content, isKnown) {
        if (n === most) throw new XnnError('unsupported', `an op takes at most ${most} operands`);
        if (shape.length > MAX_RANK) throw new XnnError('unsupported', `a tensor of rank ${shape.length}, at most ${MAX_RANK} is possible`);
        let at = operandsAt + OPERAND_WORDS * n++;
        ints[at++] = tensor;
        ints[at++] = content;
        ints[at++] = isKnown ? 1 : 0;
        ints[at++] = dtype;
        ints[at++] = shape.length;
        for (let i = 0; i < shape.length; i++) ints[at++] = shape[i];
      },
      absent() {
        ints[operandsAt + OPERAND_WORDS * n++] = 0;
      },
      /**
       * @param {import('./schema.js').OpRow} row @param {Record<string, any>} attrs @param {number} into  An operand to write over, or -1.
       * @returns {number}  The result, a new tensor or that operand.
       */
      run(row, attrs, into) {
        const { fields } = row;
        for (let i = 0; i < fields.length; i++) {
          const { name, kind, offset } = fields[i];
          const value = attrs[name];
          const at = attributesAt + (offset >> 2);
          if (kind === 'f') floats[at] = value ?? 0;
          else if (kind === 'i') ints[at] = value ?? 0;
          else writeList(at, name, value ?? []);
        }
        const result = mailbox;
        check(module._xj_eager_run(row.number, n, mailbox + 4 * operandsAt, mailbox + 4 * attributesAt, row.bytes, into, result));
        if (ints.length === 0) renew();
        return ints[0] >>> 0;
      },
      /** @returns {Dtype} of the last result */
      dtype: () => /** @type {Dtype} */ (DTYPES[ints[1]]),
      /** @returns {number[]} of the last result */
      shape() {
        const shape = new Array(ints[2]);
        for (let i = 0; i < shape.length; i++) shape[i] = ints[3 + i];
        return shape;
      },
      /** @param {number} content */
      forget: (content) => module._xj_eager_forget(content),
      /** @param {number} bytes  that packed weights may take */
      limitPacked: (bytes) => module._xj_eager_limit(bytes),
      reset: () => module._xj_eager_reset(),
    };

    /** @param {number} at @param {string} name @param {readonly number[]} list */
    function writeList(at, name, list) {
      if (list.length > LIST_MAX) throw new XnnError('unsupported', `${name} has ${list.length} values, at most ${LIST_MAX} are possible`);
      ints[at] = list.length;
      for (let i = 0; i < LIST_MAX; i++) ints[at + 1 + i] = i < list.length ? list[i] : 0;
    }
  }

  checkSchema(textAt(module._xj_schema()));
  check(module._xj_start(threads));
  return {
    eager: createEager(),
    variant: textAt(module._xj_variant()),
    memory,
    createGraph,
    /** @param {number} bytes  0: no limit */
    limitMemory: (bytes) => module._xj_memory_limit(bytes),
    /** For tests: the n-th allocation from now on fails. @param {number} n */
    failAllocation: (n) => module._xj_memory_fail_at(n),
    /** The number of the run to abort and of the run under way; another thread can write the first where memory is shared. */
    abortNumbers: () => intsAt(module._xj_abort_numbers(), 2),
    stop: () => module._xj_stop(),
  };
}

/** @typedef {ReturnType<typeof createCore>} Core */
/** @typedef {Core['eager']} Eager */
/** @typedef {ReturnType<ReturnType<Core['createGraph']>['compile']>} CoreModel */
/** @typedef {ReturnType<CoreModel['createProgram']>} CoreProgram */
