// Finds the faces in photographs and writes each photograph with the 468 landmarks of every face drawn on it.
//
//   npm start -- [PHOTO…] [--out DIR] [--threads N|auto] [--variant auto|simd|relaxed] [--models DIR]

import { realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createRuntime } from '../../js/index.js';
import { load } from '../../models/facemesh/index.js';
import { drawFaces } from './draw.js';
import { readPhoto, writePhoto } from './photo-file.js';
import { timeRuns } from './stopwatch.js';

/** @import { Facemesh } from '../../models/facemesh/index.js' */
/** @import { Engine } from '../../models/shared/engine.js' */

/**
 * @typedef {{ threads: number | 'auto', variant: 'auto' | 'simd' | 'relaxed' }} EngineOptions
 * @typedef {(options: EngineOptions) => Promise<Engine & { variant: string, threads: number, dispose: () => void }>} EngineMaker
 */

const PACKAGES = fileURLToPath(new URL('../../node_modules/@vladmandic/', import.meta.url));
const SAMPLES = [1, 2, 3, 4, 5, 6].map((n) => path.join(PACKAGES, `face-api/demo/sample${n}.jpg`));

/**
 * @param {string[]} argv  without node and the script.
 * @param {{ engine?: EngineMaker }} [replace]  engine: another maker of runtimes.
 * @returns {Promise<number>}  exit code: 0, or 1 after one line on stderr.
 */
export async function main(argv, { engine = createRuntime } = {}) {
  try {
    await drawAll(readOptions(argv), engine);
    return 0;
  } catch (error) {
    console.error(`photo: ${/** @type {Error} */ (error).message}`);
    return 1;
  }
}

/** @param {string[]} argv */
function readOptions(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      out: { type: 'string', default: 'out' },
      threads: { type: 'string', default: 'auto' },
      variant: { type: 'string', default: 'auto' },
      models: { type: 'string', default: path.join(PACKAGES, 'human/models') },
    },
  });
  const { out, models, threads, variant } = values;
  if (threads !== 'auto' && !/^[1-9]\d*$/.test(threads)) {
    throw new Error(`--threads takes a positive number or auto, got ${threads}`);
  }
  if (variant !== 'auto' && variant !== 'simd' && variant !== 'relaxed') {
    throw new Error(`--variant takes auto, simd or relaxed, got ${variant}`);
  }
  return {
    photos: positionals.length > 0 ? positionals : SAMPLES,
    out,
    detectorUrl: path.join(models, 'blazeface.json'),
    landmarksUrl: path.join(models, 'facemesh.json'),
    threads: threads === 'auto' ? /** @type {const} */ ('auto') : Number(threads),
    variant: /** @type {'auto' | 'simd' | 'relaxed'} */ (variant),
  };
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {EngineMaker} engine
 */
async function drawAll({ photos, out, detectorUrl, landmarksUrl, threads, variant }, engine) {
  const started = performance.now();
  const runtime = await engine({ threads, variant });
  try {
    const watch = timeRuns(runtime);
    const facemesh = await load({ runtime: watch, detectorUrl, landmarksUrl });
    console.log(`models loaded in ${ms(performance.now() - started)}`);
    const files = outputFiles(photos, out);
    let found = 0;
    for (const [i, photo] of photos.entries()) {
      const { faces, stages } = await drawOne(facemesh, photo, files[i]);
      found += faces.length;
      const detector = watch.take(detectorUrl);
      const landmarks = watch.take(landmarksUrl);
      console.log(`\n${photo}: ${plural(faces.length, 'face')} → ${files[i]}`);
      for (const { box, score } of faces) {
        const [x, y, width, height] = [box.xMin, box.yMin, box.width, box.height].map((v) => v.toFixed(0).padStart(5));
        console.log(`  x ${x}  y ${y}  width ${width}  height ${height}  score ${score.toFixed(3)}`);
      }
      console.log(
        `  read ${ms(stages.read)} · detector ${ms(detector.ms)} (${plural(detector.runs, 'run')}) · ` +
          `landmarks ${ms(landmarks.ms)} (${plural(landmarks.runs, 'run')}) · ` +
          `crops and boxes ${ms(stages.estimate - detector.ms - landmarks.ms)} · draw and write ${ms(stages.draw)}`,
      );
    }
    const { variant: chosen, threads: used } = runtime;
    console.log(`\n${plural(found, 'face')} in ${plural(photos.length, 'photograph')}, variant ${chosen}, threads ${used}`);
    facemesh.dispose();
  } finally {
    runtime.dispose();
  }
}

/**
 * @param {Facemesh} facemesh
 * @param {string} photo
 * @param {string} file
 */
async function drawOne(facemesh, photo, file) {
  const times = [performance.now()];
  const image = await readPhoto(photo);
  times.push(performance.now());
  const faces = await facemesh.estimateFaces(image, { staticImageMode: true });
  times.push(performance.now());
  await writePhoto(file, image, drawFaces(image, faces));
  times.push(performance.now());
  const [read, estimate, draw] = times.slice(1).map((time, i) => time - times[i]);
  return { faces, stages: { read, estimate, draw } };
}

/**
 * Where each photograph's picture goes, never onto the photograph itself; photographs of one name get a number.
 * @param {string[]} photos
 * @param {string} folder
 */
function outputFiles(photos, folder) {
  const taken = new Set();
  return photos.map((photo) => {
    const { name, ext } = path.parse(photo);
    const extension = ext.toLowerCase() === '.png' ? '.png' : '.jpg';
    let file = path.join(folder, `${name}-facemesh${extension}`);
    for (let n = 2; taken.has(file); n++) file = path.join(folder, `${name}-facemesh-${n}${extension}`);
    taken.add(file);
    return file;
  });
}

/** @param {number} time */
const ms = (time) => `${time.toFixed(0)} ms`;

/**
 * @param {number} n
 * @param {string} noun
 */
const plural = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  process.exitCode = await main(process.argv.slice(2));
}
