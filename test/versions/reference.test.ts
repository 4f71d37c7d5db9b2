import { afterAll, expect, test } from 'vitest';
import { readCatalogue, toCatalogue } from '../../lib/evidence/catalogue-file.js';
import { expectedFacts } from '../../lib/fingerprint/catalogue.js';
import { difference } from '../../lib/fingerprint/fact.js';
import { upgrade } from '../../lib/index.js';
import { loadProject } from '../../lib/project/project.js';

import { copied, factsOf, tableOf, VERSIONS, WITHOUT, withPlace } from './everywhere.js';

/* The reference graph on every PostgreSQL: the facts after each revision are those that the catalogue has for it. */

const rows: string[][] = [['', 'revisions', 'same facts', 'same after dump and restore', 'facts at head']];
afterAll(() => {
  for (const { version, why } of WITHOUT) rows.push([version, `not to be had: ${why}`]);
  console.log(`\n${tableOf(rows)}\n`);
});

const NONE = { missing: [], unexpected: [] };

test.each(VERSIONS)('%s', async (version) => {
  const { graph } = await loadProject('revisions');
  const catalogue = toCatalogue(await readCatalogue('revisions/catalogue.json'));
  const row = [version, '0', '0', '0', '0'];
  rows.push(row);
  await withPlace(version, async ({ source }) => {
    for (let n = 0; n < graph.size; n++) {
      await upgrade({ revisions: 'revisions', database: source, target: graph.idOf(n) });
      const applied = new Uint8Array(graph.size).fill(1, 0, n + 1);
      const expected = expectedFacts(graph, catalogue, applied);
      const observed = await factsOf(source);
      expect([graph.idOf(n), difference(expected, observed)]).toEqual([graph.idOf(n), NONE]);
      const again = await copied(source, version, (copy) => factsOf(copy.source));
      expect([graph.idOf(n), difference(expected, again)]).toEqual([graph.idOf(n), NONE]);
      row.splice(1, 4, `${n + 1}`, `${n + 1}`, `${n + 1}`, `${observed.size}`);
    }
  });
});
