// Sound → the spectrogram that @tensorflow-models/speech-commands takes from the browser: what an AnalyserNode with fftSize 2048 and
// smoothingTimeConstant 0 would show every 1024 samples at 44.1 kHz (browser_fft_extractor.js), in decibels, then of mean 0 and
// deviation 1.

import { XnnError } from '../../js/index.js';

export const SAMPLE_RATE = 44100;
const WINDOW = 2048;
const HOP = 1024;
/** Added to the deviation (normalize in browser_fft_utils.js; the cpu backend's epsilon). */
const EPSILON = 1e-7;

/** Web Audio's Blackman window, alpha 0.16 (https://webaudio.github.io/web-audio-api/#blackman-window). */
const BLACKMAN = Float64Array.from({ length: WINDOW }, (_, n) => {
  const turn = (2 * Math.PI * n) / WINDOW;
  return 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
});

/** cos and −sin of k turns of 2048. */
const TURNS = Array.from({ length: WINDOW / 2 }, (_, k) => {
  const turn = (2 * Math.PI * k) / WINDOW;
  return { re: Math.cos(turn), im: -Math.sin(turn) };
});

/**
 * @param {Float32Array} samples  one channel.
 * @param {{ sampleRate: number, frames: number, bins: number }} options
 * @returns {Float32Array}  [frames, bins]: of the last `frames` windows, the latest last; silent ones are left out and zeros put before,
 *   as the client does.
 * @throws {XnnError} 'bad-shape' for another rate than 44100 Hz, less than a window, or silence.
 */
export function toSpectrogram(samples, { sampleRate, frames, bins }) {
  if (sampleRate !== SAMPLE_RATE)
    throw new XnnError(
      'bad-shape',
      `teachable: sound of ${sampleRate} Hz; ${SAMPLE_RATE} is needed (new OfflineAudioContext(1, 1, ${SAMPLE_RATE}) decodes to it)`,
    );
  if (samples.length < WINDOW) throw new XnnError('bad-shape', `teachable: ${samples.length} samples of sound; a window has ${WINDOW}`);
  const values = new Float32Array(frames * bins);
  let at = frames;
  for (let end = samples.length; end >= WINDOW && at > 0; end -= HOP) {
    const column = decibels(samples.subarray(end - WINDOW, end), bins);
    if (column[0] !== -Infinity) values.set(column, --at * bins);
  }
  if (at === frames) throw new XnnError('bad-shape', `teachable: ${samples.length} samples of silence have no spectrogram`);
  return normalise(values);
}

/** @param {Float32Array} samples  a window. @param {number} bins @returns {Float32Array}  −Infinity where there is nothing. */
function decibels(samples, bins) {
  const re = Float64Array.from(samples, (value, i) => value * BLACKMAN[i]);
  const im = new Float64Array(WINDOW);
  transform(re, im);
  return Float32Array.from({ length: bins }, (_, k) => 20 * Math.log10(Math.hypot(re[k], im[k]) / WINDOW));
}

/** Fourier's transform in place, radix 2 (Cooley and Tukey 1965). @param {Float64Array} re @param {Float64Array} im */
function transform(re, im) {
  for (let i = 1, j = 0; i < WINDOW; i++) {
    let bit = WINDOW >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let half = 1; half < WINDOW; half *= 2)
    for (let start = 0; start < WINDOW; start += 2 * half)
      for (let k = 0; k < half; k++) {
        const turn = TURNS[(k * WINDOW) / (2 * half)];
        const [a, b] = [start + k, start + k + half];
        const [x, y] = [re[b] * turn.re - im[b] * turn.im, re[b] * turn.im + im[b] * turn.re];
        [re[b], im[b]] = [re[a] - x, im[a] - y];
        [re[a], im[a]] = [re[a] + x, im[a] + y];
      }
}

/** @param {Float32Array} values @returns {Float32Array}  of mean 0 and deviation 1. */
export function normalise(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance) + EPSILON;
  return values.map((value) => (value - mean) / deviation);
}
