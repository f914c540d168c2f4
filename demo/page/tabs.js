// Tabs as the ARIA practices have them: arrow keys, Home and End move, one tab is in the order of focus, the address names the tab.

import { element } from './dom.js';

/**
 * @param {Element} list  role="tablist"; each tab's aria-controls names its panel.
 * @param {(name: string) => void} onShow  the panel's id without "panel-", each time it is shown.
 */
export function startTabs(list, onShow) {
  const tabs = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role="tab"]')]);
  /** @param {HTMLElement} tab */
  const nameOf = (tab) => tab.id.replace('tab-', '');

  /** @param {HTMLElement} chosen */
  function show(chosen) {
    for (const tab of tabs) {
      tab.setAttribute('aria-selected', String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      element(`#${tab.getAttribute('aria-controls')}`).hidden = tab !== chosen;
    }
    onShow(nameOf(chosen));
  }
  const byAddress = () => tabs.find((tab) => `#${nameOf(tab)}` === location.hash);
  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener('click', () => {
      history.replaceState(null, '', `#${nameOf(tab)}`);
      show(tab);
    });
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[key];
      if (step === undefined) return;
      const next = /** @type {HTMLElement} */ (tabs.at(step % tabs.length));
      next.focus();
      next.click();
    });
  }
  addEventListener('hashchange', () => {
    const tab = byAddress();
    if (tab !== undefined) show(tab);
  });
  show(byAddress() ?? tabs[0]);
}
