// Sound exports against TensorFlow.js's cpu backend, and spectrograms against a discrete Fourier transform term by term.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../js/index.js';
import { loadAudio } from '../../models/teachable/main.js';
import { toSpectrogram } from '../../models/teachable/spectrogram.js';
import { compare } from '../support/agreement.js';
import { seeded } from '../support/random.js';
import { loadReference } from '../support/reference.js';
import { apart, asFiles, exportFiles } from './bundles.js';
import { soundModel } from './sound-model.js';

const METADATA = {
  tfjsSpeechCommandsVersion: '0.4.0',
  modelName: 'TMv2',
  timeStamp: '2021-03-02T10:00:00.000Z',
  wordLabels: ['Background Noise', 'Clap', 'Whistle'],
};

/** @type {import('../../js/index.js').Runtime} */
let runtime;
before(async () => {
  runtime = await createRuntime({ threads: 1 });
});
after(() => runtime.dispose());

/** Tones that come and go, in noise. @param {number} count @param {number} [seed] */
function sound(count, seed = 4) {
  const random = seeded(seed);
  return Float32Array.from(
    { length: count },
    (_, i) => 0.3 * Math.sin(0.05 * i * (1 + i / 90000)) * Math.sin(i / 4000) + 0.02 * (random() - 0.5),
  );
}

/**
 * The last `frames` windows of 2048 samples, 1024 apart: decibels of Blackman's window's transform, by its definition.
 * @param {Float32Array} samples
 * @param {number} frames
 * @param {number} bins
 */
function definedSpectrogram(samples, frames, bins) {
  const values = [];
  for (let frame = 0; frame < frames; frame++) {
    const start = samples.length - 2048 - (frames - 1 - frame) * 1024;
    for (let k = 0; k < bins; k++) {
      let [re, im] = [0, 0];
      for (let n = 0; n < 2048; n++) {
        const [a, turn] = [(2 * Math.PI * n) / 2048, (2 * Math.PI * k * n) / 2048];
        const value = samples[start + n] * (0.42 - 0.5 * Math.cos(a) + 0.08 * Math.cos(2 * a));
        re += value * Math.cos(turn);
        im -= value * Math.sin(turn);
      }
      values.push(20 * Math.log10(Math.sqrt(re * re + im * im) / 2048));
    }
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / Math.sqrt(variance));
}

test('teachable: a spectrogram is what its definition says', () => {
  const samples = sound(5000);
  const spectrogram = toSpectrogram(samples, { sampleRate: 44100, frames: 3, bins: 232 });
  const { error, where } = compare(spectrogram, definedSpectrogram(samples, 3, 232));
  assert.ok(error <= 1e-5, `${error}: ${where}`);
});

test('teachable: silent windows are left out and zeros stand before; what cannot be heard is an error', () => {
  const samples = sound(6144);
  samples.fill(0, 0, 3072); // of four windows, [0, 2048) is silent
  const spectrogram = toSpectrogram(samples, { sampleRate: 44100, frames: 4, bins: 50 });
  const padding = spectrogram.subarray(0, 50);
  assert.ok(
    padding.every((value) => value === padding[0]),
    'zeros of decibels are one value',
  );
  assert.ok(new Set(spectrogram.subarray(50)).size > 100);
  const expected = { sampleRate: 44100, frames: 43, bins: 232 };
  assert.throws(() => toSpectrogram(samples, { ...expected, sampleRate: 48000 }), {
    code: 'bad-shape',
    message: /sound of 48000 Hz; 44100 is needed/,
  });
  assert.throws(() => toSpectrogram(samples.subarray(0, 2000), expected), {
    code: 'bad-shape',
    message: 'teachable: 2000 samples of sound; a window has 2048',
  });
  assert.throws(() => toSpectrogram(new Float32Array(44100), expected), { code: 'bad-shape', message: /silence/ });
});

test('teachable: a sound export has the probabilities of TensorFlow.js, of spectrograms and of sound', async (t) => {
  const artifacts = await soundModel({ classes: 3 });
  const reference = await loadReference(artifacts);
  const model = await loadAudio(asFiles(exportFiles(artifacts, METADATA)), undefined, { runtime });
  assert.deepEqual(model.getInputShape(), [43, 232]);
  const samples = sound(45056);
  const spectrogram = toSpectrogram(samples, { sampleRate: 44100, frames: 43, bins: 232 });
  const expected = /** @type {Float32Array} */ (Object.values(await reference.run({ [reference.inputs[0].name]: spectrogram }))[0].data);
  const buffer = /** @type {AudioBuffer} */ (/** @type {unknown} */ ({ sampleRate: 44100, getChannelData: () => samples }));
  for (const input of [spectrogram, { data: spectrogram, shape: [43, 232, 1] }, { samples, sampleRate: 44100 }, buffer]) {
    const predictions = await model.predict(input);
    assert.deepEqual(
      predictions.map(({ className }) => className),
      METADATA.wordLabels,
    );
    const error = apart(
      predictions.map(({ probability }) => probability),
      expected,
    );
    t.diagnostic(error.toExponential(1));
    assert.ok(error <= 1e-4, `${error}`);
  }
  await assert.rejects(model.predict(new Float32Array(7)), {
    code: 'bad-shape',
    message: 'teachable: the spectrogram has 7 values, [43, 232] needs 9976',
  });
  await assert.rejects(model.predict(/** @type {any} */ ('sound')), { code: 'misuse' });
  model.dispose();
  await assert.rejects(model.predict(spectrogram), { code: 'misuse' });
});
