// Where engines are measured.
import { openBrowser } from './browser.js';
import { openNode } from './node.js';

/**
 * @typedef {import('../contestant.js').Contestant} Contestant
 *
 * @typedef {object} Handle  A contestant elsewhere.
 * @property {<M extends keyof Contestant>(method: M, argument?: Parameters<Contestant[M]>[0]) =>
 *   Promise<Awaited<ReturnType<Contestant[M]>>>} call
 * @property {string[]} problems  What a developer would see in the console.
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} OpenEnvironment
 * @property {string} title
 * @property {string} root  URL of the project there.
 * @property {() => Promise<Handle>} open
 * @property {() => Promise<unknown>} close
 */

/** @type {Record<import('../engines/index.js').Environment, () => Promise<OpenEnvironment>>} */
export const ENVIRONMENTS = { browser: openBrowser, node: openNode };
