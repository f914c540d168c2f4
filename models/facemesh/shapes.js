// Models are told apart by the shapes of what goes in and comes out.

/** @import { Ports } from '../shared/engine.js' */

/** Values of one picture: a free dimension counts as 1. @param {readonly number[]} shape */
export const countOf = (shape) => shape.reduce((count, size) => count * Math.abs(size), 1);

/** @param {Ports['inputs']} ports @returns {string}  for errors. */
export const shapesOf = (ports) => ports.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
