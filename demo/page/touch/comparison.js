// What another training changed, in numbers: the classifier before beside the one now.

import { make } from '../dom.js';

/** @import { Change } from './worker.js' */

const MEASURES = { accuracy: 'told right', falsePositiveRate: 'false alarms', falseNegativeRate: 'misses' };

/** @param {Change[]} changes  of one threshold. */
export function changesTable(changes) {
  const head = ['measure', 'before', 'now', 'verdict'].map((textContent) => make('th', { textContent, scope: 'col' }));
  const rows = changes.map(({ measure, className, first, second, better }) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row', textContent: className === undefined ? MEASURES[measure] : `${className}: ${MEASURES[measure]}` }),
      make('td', { textContent: percent(first) }),
      make('td', { textContent: percent(second) }),
      make('td', { textContent: verdict(better), className: verdict(better) }),
    ),
  );
  return make(
    'table',
    { className: 'changes' },
    make('caption', { textContent: 'What this training changed' }),
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, ...rows),
  );
}

/** @param {number | undefined} share */
const percent = (share) => (share === undefined ? '–' : `${Math.round(share * 1000) / 10} %`);

/** @param {boolean | undefined} better */
const verdict = (better) => (better === undefined ? 'same' : better ? 'better' : 'worse');
