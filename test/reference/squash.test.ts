import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { matrixOptions, readConfig, runMatrix, squash } from '../../lib/index.js';
import { matrixText } from '../../lib/render/matrix.js';
import { temporaryFolder } from '../support/project.js';

test('the reference graph, squashed up to v1.0.24, serves the databases of every release', async () => {
  const revisions = join(temporaryFolder(), 'revisions');
  cpSync('revisions', revisions, { recursive: true });
  const { starts = {}, ...options } = matrixOptions(await readConfig());
  const { proof, replaces } = await squash({
    revisions,
    releases: options.releases,
    range: 'v1.0.24',
    id: 'v1024',
    confirmed: true,
  });
  expect([replaces.length, proof.facts > 1_300, proof.rows]).toEqual([17, true, 10]);
  const expected = {
    'v1.0.6': { state: 'unidentified', refused: 'unidentified' },
    'v1.0.24 at its first start': { state: 'below', refused: 'below_squash' },
    'v1.0.24': { state: 'behind', run: 7 },
    'v1.0.24 without its version table': { state: 'legacy', stamp: 'v1024', run: 7 },
    'v1.0.27': { state: 'current', run: 0 },
  };
  const result = await runMatrix({
    ...options,
    revisions,
    starts: {
      ...starts,
      ...Object.fromEntries(
        Object.entries(expected).map(([name, expect]) => [name, { ...(starts[name] as object), expect }]),
      ),
    } as typeof starts,
    only: ['fresh', ...Object.keys(expected)],
    releaseStarts: false,
    releases: { '1.0.24': '336ce8830dfe', '1.0.28': 'c64001afbd46' },
  });
  process.stdout.write(`${matrixText(result)}\n`);
  expect(result.paths.flatMap(({ start, ok, failures }) => (ok ? [] : [[start, failures]]))).toEqual([]);
  const refusals = Object.fromEntries(
    result.paths.map(({ start, refused }) => [start, JSON.stringify(refused)]),
  );
  for (const start of ['v1.0.6', 'v1.0.24 at its first start'])
    expect(refusals[start]).toContain('release 1.0.24 of the product');
});
