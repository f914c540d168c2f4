// The page: three tabs, each loaded when it is first shown.

import { element } from './dom.js';
import { keepOffline } from './offline.js';
import { startTabs } from './tabs.js';

/** @type {Record<string, () => Promise<unknown>>} */
const PANELS = {
  touch: () => import('./touch/touch.js').then(({ start }) => start()),
  questions: () => import('./questions/questions.js').then(({ start }) => start()),
  pictures: () => import('./pictures/pictures.js').then(({ start }) => start()),
};

const started = new Set();
startTabs(element('.tabs'), (name) => {
  if (started.has(name)) return;
  started.add(name);
  PANELS[name]();
});
keepOffline(element('#offline'));
