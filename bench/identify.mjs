/* Finding out from facts which revisions a database has. */
import { identify } from '../dist/lib/fingerprint/identify.js';
import { buildGraph } from '../dist/lib/index.js';
import { CASES } from './identify-shapes.mjs';
import { median } from './median.mjs';

const FEW = 500;
const MANY = 5000;
const ROUNDS = 9;
const WARM_UP = 3;
const LIMIT_MS = 1000;
const LIMIT_GROWTH = 30;

function prepare([shape, effects, isThere], size) {
  const nodes = shape(size);
  const graph = buildGraph(nodes);
  const catalogue = effects(nodes);
  const observed = new Set();
  for (let n = 0; n < size; n++) {
    if (!isThere(n, size)) continue;
    const { adds, removes } = catalogue.get(graph.idOf(n));
    for (const fact of removes) observed.delete(fact);
    for (const fact of adds) observed.add(fact);
  }
  return () => {
    const start = performance.now();
    const { match } = identify(graph, catalogue, observed, { nature: () => 'idempotent' });
    return { ms: performance.now() - start, match };
  };
}

/** Both sizes in turn; the ratio is the median of the rounds' own ratios. */
export function* identifyRatios() {
  let slowest = { ms: 0, name: '' };
  for (const [name, parts] of Object.entries(CASES)) {
    const [few, many] = [prepare(parts, FEW), prepare(parts, MANY)];
    const rounds = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const both = { few: few(), many: many() };
      if (round >= 0) rounds.push(both);
    }
    const middle = (size) => median(rounds.map((round) => round[size].ms));
    const ratio = median(rounds.map((round) => round.many.ms / round.few.ms));
    const detail = `${middle('many').toFixed(1)} ms over ${middle('few').toFixed(1)} ms, ${rounds[0].many.match}`;
    if (middle('many') > slowest.ms) slowest = { ms: middle('many'), name };
    yield { what: name, ratio, limit: LIMIT_GROWTH, detail };
  }
  const detail = `${slowest.ms.toFixed(0)} ms of ${LIMIT_MS} ms: ${slowest.name}`;
  yield { what: 'time of the slowest', ratio: slowest.ms / LIMIT_MS, limit: 1, detail };
}
