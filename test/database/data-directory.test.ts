import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder, DataDirectory, keptDirectory } from '../../lib/database/connection/data-directory.js';
import { createInstance, emptyContents } from '../../lib/database/connection/instance.js';
import { folderWith } from '../support/project.js';

/* An empty data directory is made once and kept. */

/** Two empty blocks end an archive. */
const archive = (): DataDirectory => new DataDirectory(new Uint8Array(4096).fill(7, 0, 3072).buffer);

test('it is made once; one that was cut off is made anew', async () => {
  const file = join(folderWith({}), 'cache', 'pglite.tar');
  let made = 0;
  const kept = () =>
    keptDirectory(file, async () => {
      made += 1;
      return archive();
    });
  const bytes = async () => Buffer.from((await (await kept())?.arrayBuffer()) ?? new ArrayBuffer(0));
  expect(await bytes()).toEqual(await bytes());
  expect(made).toBe(1);
  expect(readdirSync(join(file, '..'))).toEqual(['pglite.tar']);
  truncateSync(file, 2048);
  expect((await bytes()).length).toBe(4096);
  expect([made, readFileSync(file).length]).toEqual([2, 4096]);
});

test('where it can’t be kept, nothing is made for it', async () => {
  const folder = folderWith({});
  writeFileSync(join(folder, 'cache'), 'a file');
  const file = join(folder, 'cache', 'pglite.tar');
  expect(await keptDirectory(file, () => Promise.reject(new Error('made')))).toBeNull();
});

test('it is kept beside the package', () => {
  expect(cacheFolder('/app/node_modules/@electric-sql/pglite/dist/index.cjs')).toBe(
    '/app/node_modules/.cache/revgraph',
  );
  expect(cacheFolder('/app/node_modules/.pnpm/p@1/node_modules/p/index.js')).toBe(
    '/app/node_modules/.pnpm/p@1/node_modules/.cache/revgraph',
  );
});

test('two databases that begin with it share nothing', async () => {
  const contents = await emptyContents('PGlite');
  const options = { directory: null, names: new Set<string>(), label: 'PGlite', contents };
  const [one, other] = [await createInstance(options), await createInstance(options)];
  await one.exec('CREATE TABLE mine (id int)');
  const { rows } = await other.query("SELECT to_regclass('mine') AS it");
  expect(rows).toEqual([{ it: null }]);
  await one.close();
  await other.close();
  expect(existsSync('node_modules/.cache/revgraph')).toBe(true);
});
