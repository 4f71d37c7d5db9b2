import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildCatalogue, identify, upgrade } from '../../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../../support/databases.js';
import { folderWith } from '../../support/project.js';
import { chainFiles } from '../chain.js';

/* Names that a replay on another day, or the next one, would make otherwise are no evidence; all others are. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const DO = (body: string) => `DO $$ BEGIN ${body} END $$;`;
const named = (by: string) => DO(`EXECUTE 'CREATE TABLE log_' || ${by} || ' (id int PRIMARY KEY, s text)';`);
const MAKER = `CREATE FUNCTION make_log() RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS log_%s (id int)', to_char(now() + interval '40 days', 'YYYY_MM')); END $$;`;

async function built(upgrades: Readonly<Record<string, string>>) {
  const revisions = folderWith(chainFiles(upgrades));
  const warnings: string[] = [];
  const { entries } = await buildCatalogue({
    revisions,
    onEvent: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
    },
  });
  const logs = (facts: readonly string[] = []) => facts.filter((fact) => /\blog_/.test(fact));
  return { revisions, warnings, logs: entries.flatMap(({ adds }) => logs(adds)) };
}

test.each([
  ['a week', { a: named("to_char(now(), 'IYYY_IW')") }],
  ['the name of a month', { a: named("to_char(CURRENT_DATE, 'mon')") }],
  ['the month after the next', { a: named("to_char(now() + interval '62 days', 'YYYY_MM')") }],
  ['a year', { a: named("date_part('year', clock_timestamp())") }],
  ['seconds', { a: named('extract(epoch FROM now())::bigint') }],
  ['a word for a day', { a: named("to_char('yesterday'::date, 'YYYYMMDD')") }],
  ['chance', { a: named('floor(random() * 100000)::int') }],
  ['a function of an earlier revision', { a: MAKER, b: 'SELECT make_log();' }],
  [
    'a function that calls it',
    {
      a: `${MAKER} CREATE FUNCTION twice() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM make_log(); END $$;`,
      b: 'DO $$ BEGIN PERFORM twice(); END $$;',
    },
  ],
  [
    'a trigger',
    {
      a: `CREATE TABLE ev (id int); ${MAKER.replace('void', 'trigger').replace('; END', '; RETURN NEW; END')}
        CREATE TRIGGER t BEFORE INSERT ON ev FOR EACH ROW EXECUTE FUNCTION make_log();`,
      b: 'INSERT INTO ev VALUES (1);',
    },
  ],
])('made of %s', async (_, upgrades) => {
  const at = await built({ ...upgrades, z: 'CREATE TABLE z (id int);' });
  expect(at.logs).toEqual([]);
  expect(at.warnings).toEqual([
    expect.stringMatching(/made from the date, the clock or by chance.*public\.log_/),
  ]);
  await database.query('CREATE TABLE log_other (id int)');
  const here = { revisions: at.revisions, database: database.url };
  await upgrade(here);
  await database.query(
    "DROP TABLE revgraph_version, revgraph_ledger; DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE tablename LIKE 'log\\_%' LOOP EXECUTE 'DROP TABLE ' || t; END LOOP; END $$",
  );
  expect(await identify(here)).toMatchObject({ match: 'exact', stamp: ['z'] });
});

test.each([
  [
    'numbers',
    DO(
      "FOR i IN 1..2 LOOP EXECUTE format('CREATE TABLE log_%s (id int, at timestamptz DEFAULT now())', i); END LOOP;",
    ),
  ],
  ['a text', `${DO("EXECUTE 'CREATE TABLE log_now (id int)'; PERFORM now();")}`],
  [
    'a text in capitals',
    `${DO("EXECUTE 'CREATE TABLE LOG_NOW (id int PRIMARY KEY, s text UNIQUE)'; PERFORM now();")}`,
  ],
  ['a function that is not called', `${MAKER} CREATE TABLE log_x (id int); CREATE INDEX ON log_x (id);`],
])('made of %s: stays evidence', async (_, upgradeSql) => {
  const at = await built({ a: upgradeSql });
  expect(at.logs.length).toBeGreaterThan(1);
  expect(at.warnings).toEqual([]);
});
