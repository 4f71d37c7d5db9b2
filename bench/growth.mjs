import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './median.mjs';
import { SHAPES } from './shapes.mjs';

const FEW = 10_000;
const MANY = 100_000;
const LIMIT = 12;
const ROUNDS = 9;
const ONCE = fileURLToPath(new URL('once.mjs', import.meta.url));

/** Each part of the work once, in a process of its own, as a command does it. */
function sample(shape, size) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ONCE, shape, `${size}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const spent = JSON.parse(stdout);
  // By itself it takes less than a microsecond, which no clock tells apart from another.
  return {
    ...spent,
    heads: spent.build + spent.heads,
    total: Object.values(spent).reduce((sum, ms) => sum + ms),
  };
}

const LABELS = { heads: 'build and heads', total: 'all of it' };

/** Both sizes in turn; the ratio is the median of the rounds' own ratios. */
export function* growthRatios() {
  for (const shape of Object.keys(SHAPES)) {
    const rounds = [];
    for (let round = -1; round < ROUNDS; round++) {
      const both = { few: sample(shape, FEW), many: sample(shape, MANY) };
      if (round >= 0) rounds.push(both);
    }
    for (const part of Object.keys(rounds[0].few)) {
      const ratio = median(rounds.map(({ few, many }) => many[part] / few[part]));
      const middle = (size) => median(rounds.map((round) => round[size][part])).toFixed(1);
      const detail = `${middle('many')} ms over ${middle('few')} ms`;
      yield { what: `${shape}, ${LABELS[part] ?? part}`, ratio, limit: LIMIT, detail };
    }
  }
}
