// Elements: found by selector, made, and replaced.

/** @template {Element} [T=HTMLElement] @param {string} selector @returns {T} */
export function element(selector) {
  const found = document.querySelector(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return /** @type {T} */ (found);
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name @param {Record<string, any>} [properties]  of the element; `data-…` and `aria-…` become attributes. @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes('-')) made.setAttribute(key, value);
    else Object.assign(made, { [key]: value });
  }
  made.append(...children);
  return made;
}

/** Names and values as a description list. @param {Element} list @param {Record<string, string>} facts */
export function showFacts(list, facts) {
  list.replaceChildren(
    ...Object.entries(facts).flatMap(([name, value]) => [make('dt', { textContent: name }), make('dd', { textContent: value })]),
  );
}

/** @param {number} value  milliseconds. */
export const ms = (value) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

/** @param {number} count @param {string} noun */
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
