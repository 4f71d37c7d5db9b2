import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';
import { wrapPGlite } from '../../../lib/database/connection/embedded.js';
import { history } from './history.js';
import { OnPGlite } from './pglite.js';
import { virtualTime } from './scheduler.js';

/* Fewer histories, and a real PostgreSQL: `REVGRAPH_PGLITE_HISTORIES=100`. */

const COUNT = Number(process.env.REVGRAPH_PGLITE_HISTORIES ?? 1_000);

test('nor does a history on PGlite', async () => {
  const pglite = await PGlite.create();
  const place = new OnPGlite(await wrapPGlite(pglite));
  virtualTime();
  const begun = performance.now();
  for (let seed = 0; seed < COUNT; seed++) {
    const { violations, ...about } = await history(seed, place);
    expect(violations, `seed ${seed}: ${JSON.stringify(about)}`).toEqual([]);
  }
  console.log(
    `${COUNT} histories on PGlite: 0 violations, in ${Math.round((performance.now() - begun) / 1_000)} s`,
  );
  await pglite.close();
});
