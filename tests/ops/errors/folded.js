// What the passes fold into layers, and the shapes that programs may have instead of the declared ones.
import { input, node, weight } from './make.js';

const X = [1, 5, 5, 3];
const FILTER = [1, 1, 3, 4];

/** @type {import('./make.js').Wrong[]} */
export const folded = [
  node(
    'a scale for other channels',
    'bad-shape',
    'its scale is a constant of shape [3], instead of a constant for 4 output channels',
    'conv2d',
    [X],
    {},
    [FILTER, null, null, [3]],
  ),
  {
    what: 'a scale that is computed',
    code: 'bad-shape',
    says: 'its scale is a value of shape [4], instead of a constant for 4 output channels',
    build: (g) => g.node('conv2d', 'it', [input(g, X), weight(g, FILTER), -1, -1, input(g, [4])], {}),
  },
  {
    what: 'a residual of another shape',
    code: 'bad-shape',
    says: 'its residual is float32 [1,5,5,3], its output float32 [1,5,5,4]',
    build: (g) => g.node('conv2d', 'it', [input(g, X), weight(g, FILTER), -1, -1, -1, input(g, X)], {}),
  },
  node(
    'a factor of the residual for other channels',
    'bad-shape',
    'what multiplies its residual has shape [3], for 4 channels',
    'conv2d',
    [X],
    {},
    [FILTER, null, null, null, [1, 5, 5, 4], [3]],
  ),
  node('an activation 4', 'bad-model', 'there is no activation 4', 'add', [[3], [3]], { activation: 4 }),
  node('an activation -1', 'bad-model', 'there is no activation -1', 'add', [[3], [3]], { activation: -1 }),
  node('an activation by an op of two operands', 'bad-model', 'op 0 is no activation', 'add', [[3], [3]], { activation: 3, act_op: 0 }),
  node('an activation by no op', 'bad-model', 'op 100000 is no activation', 'add', [[3], [3]], { activation: 3, act_op: 100000 }),
  {
    what: 'a reshape to a shape that the run computes',
    code: 'unsupported',
    says: 'its shape is computed from data, or no int32',
    build: (g) => g.node('reshape', 'it', [input(g, X), input(g, [2], 'int32')], {}),
  },
  {
    what: 'a reshape to a matrix of sizes',
    code: 'bad-shape',
    says: 'its shape has 2 dimensions itself',
    build: (g) => g.node('reshape', 'it', [input(g, [6]), g.constant('int32', [1, 2], Int32Array.of(2, 3))], {}),
  },
  {
    what: 'a shape for what is no input',
    code: 'misuse',
    says: 'value 1 is no input',
    build: (g) => g.inputShape(g.node('neg', 'it', [input(g, X)], {}), X),
  },
  {
    what: 'an input shape with a dimension of -2',
    code: 'bad-shape',
    says: 'dimension 1 of its shape is -2',
    build: (g) => g.inputShape(input(g, X), [1, -2, 5, 3]),
  },
];
