import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  checkCatalogue,
  doctor,
  type Event,
  identify,
  loadProject,
  stamp,
  upgrade,
} from '../../../lib/index.js';
import { catalogueOf } from '../../support/catalogue.js';
import { freshDatabase, type TestDatabase } from '../../support/databases.js';
import { folderWith, sql } from '../../support/project.js';
import { chainFiles } from '../chain.js';

/* `@catalogue skip "why"`: a revision that can't be replayed is taken on trust, and so it is called everywhere. */

const WHY = 'needs the extension of the provider';
const SKIP = `-- @catalogue skip "${WHY}"`;
const B = {
  revises: 'a',
  upgrade:
    "CREATE TABLE cron (id int); SELECT 1 / (current_setting('provider.there', true) IS NOT NULL)::int;",
};

let database: TestDatabase;
let revisions: string;
beforeEach(async () => {
  database = await freshDatabase();
  await database.query(`ALTER DATABASE "${database.name}" SET provider.there = 'yes'`);
  revisions = folderWith({
    ...chainFiles({ a: 'CREATE TABLE item (id int);', b: '', c: 'CREATE TABLE other (id int);' }),
    'b.sql': sql('b', B),
  });
});
afterEach(() => database.drop());
const skip = (header = SKIP) => writeFileSync(join(revisions, 'b.sql'), sql('b', { ...B, header }));

test('is not replayed, has no facts, and says why in the catalogue', async () => {
  await expect(catalogueOf(revisions)).rejects.toMatchObject({ code: 'step_failed' });
  skip();
  const { entries } = await catalogueOf(revisions);
  expect(entries.map(({ revision, adds, skipped }) => [revision, adds.length > 0, skipped])).toEqual([
    ['a', true, undefined],
    ['b', false, WHY],
    ['c', true, undefined],
  ]);
  expect(await checkCatalogue({ revisions })).toMatchObject({ ok: true });
});

test('the catalogue is stale where the tag came, went, or says something else', async () => {
  skip();
  await catalogueOf(revisions);
  for (const header of ['', SKIP.replace('provider', 'host')]) {
    skip(header);
    const { ok, stale } = await checkCatalogue({ revisions });
    expect([ok, stale]).toEqual([false, [{ revision: 'b', why: 'its @catalogue has changed' }]]);
  }
});

test('is on trust: listed by identify and by a stamp, proved by nothing, against by nothing', async () => {
  skip();
  await catalogueOf(revisions);
  const at = { revisions, database: database.url };
  await upgrade({ ...at, prove: 'fail' });
  expect(await doctor(at)).toMatchObject({ ok: true });
  await database.query('DROP TABLE revgraph_version, revgraph_ledger');
  const { match, stamp: rows, onTrust } = await identify(at);
  expect([match, rows]).toEqual(['exact', ['c']]);
  expect(onTrust).toContainEqual({ revision: 'b', what: [`all that it does: ${WHY}`] });
  const events: Event[] = [];
  await stamp({ ...at, auto: true, onEvent: (event) => events.push(event) });
  const stamped = events.find((event) => event.type === 'stamped');
  expect(stamped?.why).toContain(`b (all that it does: ${WHY})`);
});

test('at the top nobody knows whether it ran: the answer is ambiguous, not a guess', async () => {
  skip();
  await catalogueOf(revisions);
  await database.query('CREATE TABLE item (id int)');
  expect(await identify({ revisions, database: database.url })).toMatchObject({ match: 'ambiguous' });
});

test.each([
  ['', '@catalogue has no value'],
  ['later', '@catalogue does not accept "later"'],
  ['skip', '@catalogue skip requires a text'],
  ['skip "why', '@catalogue skip has an unclosed quote'],
])('@catalogue %s is refused', async (value, message) => {
  skip(`-- @catalogue ${value}`.trim());
  await expect(loadProject(revisions)).rejects.toMatchObject({
    details: { problems: [{ code: 'bad_header', message, line: 5 }] },
  });
});

test('an entry of a skipped revision is not to be edited by hand', async () => {
  skip();
  await catalogueOf(revisions);
  const file = join(revisions, 'catalogue.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(`"skipped": "${WHY}"`, '"skipped": "x"'));
  await expect(checkCatalogue({ revisions })).rejects.toMatchObject({ code: 'catalogue_invalid' });
});
