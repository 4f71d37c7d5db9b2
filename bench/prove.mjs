/* What it costs that a run ends in a proof: the 24 revisions of the reference graph, with and without, in turn. */
import { upgrade } from '../dist/lib/index.js';
import { withDatabase } from './databases.mjs';
import { median } from './median.mjs';
import { withServer } from './with-server.mjs';

const ROUNDS = 9;
const WARM_UP = 2;
const LIMIT = 1.15;

async function run(server, prove) {
  return withDatabase(server, async (database) => {
    const start = performance.now();
    await upgrade({ database, revisions: 'revisions', target: 'heads', prove });
    return performance.now() - start;
  });
}

/** Time of a run that is proven over that of one that is not; the median of the rounds' own ratios. */
export async function proveRatio() {
  return withServer(async (server) => {
    const rounds = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const both = { without: await run(server, 'off'), with: await run(server, 'warn') };
      if (round >= 0) rounds.push(both);
    }
    const middle = (key) => median(rounds.map((round) => round[key]));
    const ratio = median(rounds.map((round) => round.with / round.without));
    const detail = `${middle('with').toFixed(0)} ms over ${middle('without').toFixed(0)} ms`;
    return { what: 'run of 24 steps, proven', ratio, limit: LIMIT, detail };
  });
}
