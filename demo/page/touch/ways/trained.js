// A classifier that is trained here, on examples of the camera: what pictures and postures have in common.

import { compareReports, drawComparison, drawReport, evaluate } from '../../../../models/teachable/index.js';
import { createSwitch } from './hysteresis.js';

/** @import { createImageTrainer } from '../../../../models/teachable/index.js' */
/** @import { Pixels, Watcher } from '../worker.js' */

/** The class that warns, as trainer.js of the page names it. */
const TOUCHING = 'hand on face';
const THRESHOLDS = [0.25, 0.5, 0.75];
/** Of these, the one that is shown; the switch that warns is near it. */
const SHOWN = 0.5;
/** Every so many-th picture is not learned from: the report says how well it does on those. */
const HELD_BACK = 5;

/**
 * @typedef {Awaited<ReturnType<typeof createImageTrainer>>} Trainer
 *
 * @param {{ trainer: Trainer, seen?: () => { x: number, y: number }[] }} parts  seen: of the last frame.
 * @returns {Watcher}
 */
export function watchTrained({ trainer, seen }) {
  const isTouching = createSwitch();
  let trained = false;
  let taken = 0;
  /** @type {{ input: Pixels, label: string, flip: boolean }[]} */
  const held = [];
  return {
    async addExample(pixels, label) {
      if (++taken % HELD_BACK === 0) held.push({ input: pixels, label, flip: true });
      else await trainer.addExample(label, pixels, true);
    },
    async train(onProgress) {
      // Before there is a new one: how well the one that was trained before does on the same pictures.
      const before = trained ? await evaluate(trainer, held, { thresholds: THRESHOLDS }) : undefined;
      const began = performance.now();
      await trainer.train({
        onEpoch: ({ epoch, epochs, loss, accuracy, validationLoss, validationAccuracy }) =>
          onProgress({ epoch, epochs, loss: validationLoss ?? loss, accuracy: validationAccuracy ?? accuracy }),
      });
      const seconds = (performance.now() - began) / 1000;
      trained = true;
      const now = await evaluate(trainer, held, { thresholds: THRESHOLDS });
      const drawing = { title: `On ${held.length} pictures that it did not learn from`, threshold: SHOWN };
      if (before === undefined) return { seconds, report: drawReport(now, drawing) };
      const reports = [
        { name: 'before', report: before },
        { name: 'now', report: now },
      ];
      const { changes } = compareReports(before, now);
      return {
        seconds,
        report: drawComparison(reports, drawing),
        changes: changes.filter(({ threshold }) => threshold === undefined || threshold === SHOWN),
      };
    },
    exportZip: async () => (await trainer.export({ name: 'touch' })).toZip(),
    async look(pixels) {
      if (!trained) return { touching: false, seen: [], ms: {} };
      const began = performance.now();
      const probabilities = await trainer.predict(pixels, true);
      const { probability } = probabilities.find(({ className }) => className === TOUCHING) ?? { probability: 0 };
      return {
        touching: isTouching(probability),
        what: 'A hand is at your face.',
        seen: seen === undefined ? [] : [{ kind: /** @type {const} */ ('pose'), points: seen() }],
        probabilities,
        ms: /** @type {Record<string, number>} */ ({ classifier: performance.now() - began }),
      };
    },
    dispose: () => trainer.dispose(),
  };
}
