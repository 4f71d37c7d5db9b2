import { expect, test } from 'vitest';
import { history } from './history.js';
import { virtualTime } from './scheduler.js';

/* `REVGRAPH_HISTORIES=1000` tries fewer, `REVGRAPH_HISTORY=SEED` one. */

const COUNT = Number(process.env.REVGRAPH_HISTORIES ?? 100_000);
const ONE = process.env.REVGRAPH_HISTORY;

test('no history breaks what is promised', async () => {
  virtualTime();
  const begun = performance.now();
  const seeds = ONE === undefined ? Array.from({ length: COUNT }, (_, seed) => seed) : [Number(ONE)];
  let faulty = 0;
  for (const seed of seeds) {
    const { violations, ...about } = await history(seed);
    if (about.faults.length > 0) faulty += 1;
    expect(violations, `seed ${seed}: ${JSON.stringify(about)}`).toEqual([]);
  }
  const seconds = Math.round((performance.now() - begun) / 1_000);
  console.log(`${seeds.length} histories, ${faulty} of them with faults: 0 violations, in ${seconds} s`);
});
