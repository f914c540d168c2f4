// What a way of watching needs before it can watch: examples and training, or the files of an export.

import { make, plural } from '../dom.js';
import { createChart } from './chart.js';
import { changesTable } from './comparison.js';

/** @import { Look, Way } from './worker.js' */
/** @import { Vision } from './vision.js' */

export const TOUCHING = 'hand on face';
export const AWAY = 'hands away';
const EXAMPLES = 30;

/**
 * @param {{ place: HTMLElement, report: HTMLElement }} elements  report: how well a trained classifier does.
 * @param {{ vision: Vision, isWatching: () => boolean, onFiles: (files: File[]) => Promise<void> }} page
 */
export function createTrainer({ place, report }, { vision, isWatching, onFiles }) {
  /** Of the way that is shown. @type {((look: Look) => void) | undefined} */
  let onLook;
  /** When an export is loaded. @type {(() => Promise<void>) | undefined} */
  let onReady;
  const status = make('p', { role: 'status' });

  /** @param {unknown} error */
  function fail(error) {
    status.textContent = `That did not work: ${/** @type {Error} */ (error).message}`;
    status.classList.add('error');
  }
  /** Runs what a button asks for, with the button out of order meanwhile. @param {HTMLButtonElement} button @param {() => Promise<void>} work */
  const onClick = (button, work) =>
    button.addEventListener('click', async () => {
      status.classList.remove('error');
      button.disabled = true;
      await work().catch(fail);
      button.disabled = false;
    });

  function showTraining() {
    const counts = new Map([TOUCHING, AWAY].map((label) => [label, 0]));
    const chart = createChart();
    const trainButton = make('button', { type: 'button', className: 'primary', textContent: 'Train', disabled: true });
    const exportButton = make('button', { type: 'button', textContent: 'Save as zip', disabled: true });
    const recorders = [...counts.keys()].map((label) => {
      const [count, meter] = [
        make('small', { textContent: 'no pictures' }),
        make('meter', { max: EXAMPLES, value: 0, 'aria-label': `pictures of ${label}` }),
      ];
      const button = make(
        'button',
        { type: 'button', 'data-label': label },
        make('span', { textContent: `Record: ${label}` }),
        count,
        meter,
      );
      onClick(button, async () => {
        if (!isWatching()) throw new Error('start the camera first');
        status.textContent = `Move a little: ${label}…`;
        const before = counts.get(label) ?? 0;
        await vision.record(label, EXAMPLES, (taken) => {
          counts.set(label, before + taken);
          count.textContent = plural(before + taken, 'picture');
          meter.max = before + EXAMPLES;
          meter.value = before + taken;
        });
        trainButton.disabled = [...counts.values()].some((number) => number === 0);
        status.textContent = trainButton.disabled ? 'Now the other one.' : 'Ready to train.';
      });
      return button;
    });
    onClick(trainButton, async () => {
      status.textContent = 'Training…';
      chart.clear();
      const result = await vision.train((progress) => chart.add(progress));
      status.textContent = `Trained in ${result.seconds.toFixed(1)} s. It watches now.`;
      report.innerHTML = result.report;
      if (result.changes !== undefined) report.prepend(changesTable(result.changes));
      report.hidden = false;
      exportButton.disabled = false;
    });
    onClick(exportButton, async () => {
      const url = URL.createObjectURL(new Blob([await vision.exportZip()], { type: 'application/zip' }));
      make('a', { href: url, download: 'touch-model.zip' }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
    status.textContent = 'Record both, then train.';
    place.replaceChildren(
      make('div', { className: 'classes' }, ...recorders),
      make('div', { className: 'buttons' }, trainButton, exportButton),
      status,
      chart.element,
      make('p', {
        textContent:
          'Pictures become features of a MobileNetV2 (from the npm package nsfwjs) or of MoveNet; only a small head is trained, here.',
      }),
    );
  }

  function showFiles() {
    const input = make('input', { type: 'file', multiple: true, accept: '.zip,.json,.bin', id: 'touch-files', className: 'unseen' });
    const drop = make(
      'label',
      { htmlFor: 'touch-files', className: 'button' },
      'Choose a zip, or model.json, weights.bin and metadata.json',
    );
    const classes = make('select', { id: 'touch-class' });
    classes.addEventListener('change', () => vision.warnFor(classes.value).catch(fail));
    const bars = make('ul', { className: 'probabilities' });
    /** @param {FileList | undefined | null} list */
    const take = async (list) => {
      if (list === undefined || list === null || list.length === 0) return;
      status.classList.remove('error');
      status.textContent = isWatching() ? 'Loading…' : 'It will be used when the camera starts.';
      await onFiles([...list]).catch(fail);
    };
    input.addEventListener('change', () => take(input.files));
    place.ondragover = (event) => event.preventDefault();
    place.ondrop = (event) => {
      event.preventDefault();
      take(event.dataTransfer?.files);
    };
    onLook = ({ probabilities = [] }) => {
      bars.replaceChildren(
        ...probabilities.map(({ className, probability }) =>
          make('li', {}, make('span', { textContent: className }), make('span', { className: 'bar' }, bar(probability))),
        ),
      );
    };
    onReady = async () => {
      const { all, warnFor } = await vision.labels();
      classes.replaceChildren(...all.map((label) => make('option', { textContent: label, selected: label === warnFor })));
      choice.hidden = false;
      status.textContent = `It tells ${all.length} classes apart.`;
    };
    const choice = make('label', { htmlFor: 'touch-class', hidden: true }, 'Warn for', classes);
    status.textContent = 'An image project, exported as TensorFlow.js, or what was saved here.';
    place.replaceChildren(input, drop, status, choice, bars);
  }

  return {
    fail,
    /** @param {Way} way */
    show(way) {
      const isShown = way === 'file' && place.querySelector('#touch-files') !== null;
      if (!isShown) {
        onLook = undefined;
        place.ondrop = place.ondragover = null;
      }
      place.hidden = way === 'landmarks';
      report.hidden = true;
      status.classList.remove('error');
      if (way === 'image' || way === 'pose') showTraining();
      else if (way !== 'file') place.replaceChildren();
      else if (!isShown) showFiles();
    },
    /** The way is loaded. @param {Way} way */
    async ready(way) {
      if (way === 'file') await onReady?.();
    },
    /** @param {Look} look */
    showLook: (look) => onLook?.(look),
  };
}

/** @param {number} share  0…1 */
function bar(share) {
  const made = make('i');
  made.style.width = `${(share * 100).toFixed(0)}%`;
  return made;
}
