/*
 * What a command does with a graph of one shape and size, once, in a fresh process: `node bench/once.mjs chain 10000`.
 * Prints the milliseconds of each part as JSON.
 */
import { buildGraph, historyRange, planUpgrade } from '../dist/lib/index.js';
import { SHAPES } from './shapes.mjs';

const [, , shape, size] = process.argv;
const nodes = SHAPES[shape](Number(size));
const spent = {};
const timed = (name, run) => {
  const start = process.hrtime.bigint();
  const result = run();
  spent[name] = Number(process.hrtime.bigint() - start) / 1e6;
  return result;
};

const graph = timed('build', () => buildGraph(nodes));
timed('heads', () => graph.heads);
const { steps } = timed('upgrade base → heads', () => planUpgrade(graph, [], 'heads'));
const ids = timed('full history', () => historyRange(graph));
if (steps.length !== nodes.length || ids.length !== nodes.length) throw new Error('something was left out');
console.log(JSON.stringify(spent));
