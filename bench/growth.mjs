import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildGraph, historyRange, planUpgrade } from '../dist/lib/index.js';
import { median } from './median.mjs';
import { SHAPES } from './shapes.mjs';

const SIZES = [10_000, 100_000];
const LIMIT = 12;
const ROUNDS = 9;
const WARM_UP = 3;
/** Runs per sample: a busy moment weighs less, and the clock ticks often enough. */
const RUNS = { few: 6, many: 2 };

// Every run starts on a swept heap; otherwise one pays for what the one before it left behind.
setFlagsFromString('--expose-gc');
const sweep = runInNewContext('gc');

const WORK = {
  build: ({ nodes }) => buildGraph(nodes).size,
  heads: ({ graph }) => graph.heads.length,
  'upgrade base → heads': ({ graph }) => planUpgrade(graph, [], 'heads').steps.length,
  'full history': ({ graph }) => historyRange(graph).length,
};

/** Processor time of one run in milliseconds, collection of garbage included; other programs don't count. */
function sample(run, input, runs) {
  let spent = 0;
  for (let i = 0; i < runs; i++) {
    sweep();
    const start = process.cpuUsage();
    run(input);
    const { user, system } = process.cpuUsage(start);
    spent += user + system;
  }
  return spent / 1000 / runs;
}

/** Both sizes in turn; the ratio is the median of the rounds' own ratios. */
function measure(run, [few, many]) {
  const rounds = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const times = { few: sample(run, few, RUNS.few), many: sample(run, many, RUNS.many) };
    if (round >= 0) rounds.push({ ...times, ratio: times.many / times.few });
  }
  const middle = (key) => median(rounds.map((round) => round[key]));
  return { few: middle('few'), many: middle('many'), ratio: middle('ratio') };
}

export function* growthRatios() {
  for (const [shape, nodesOf] of Object.entries(SHAPES)) {
    const inputs = SIZES.map((size) => {
      const nodes = nodesOf(size);
      return { nodes, graph: buildGraph(nodes) };
    });
    for (const [work, run] of Object.entries(WORK)) {
      const { few, many, ratio } = measure(run, inputs);
      const detail = `${many.toFixed(2)} ms over ${few.toFixed(3)} ms`;
      yield { what: `${shape}, ${work}`, ratio, limit: LIMIT, detail };
    }
  }
}
