import { cpSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readContents } from '../../lib/database/catalog/contents.js';
import { withSession } from '../../lib/database/connection/connect.js';
import { loadProject, type Project, preflight, stamp, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';
import { factsOf } from '../support/releases.js';

/*
 * 336ce8830dfe ──────────┬─ b06ced8ecd14 ─ a71d62f22c10 ─ 27e207ded5a0
 * 20251019_conv_summaries ┘   merge         TEXT to JSONB   documentation
 *
 * On a database of v1.0.6 with 164 users of whom 28 have preferences.
 */

const JSONB = 'a71d62f22c10';
const TIP = '27e207ded5a0';

let project: Project;
/** Stamped by evidence: 20 revisions are pending up to the tip. */
let legacy: TestDatabase;
let atTip: TestDatabase;

beforeAll(async () => {
  project = await loadProject('revisions');
  legacy = await freshDatabase();
  for (const name of ['base', 'v1.0.6', 'rows'])
    await legacy.query(readFileSync(`fixtures/legacy/${name}.sql`, 'utf8'));
  await stamp({ revisions: project, database: legacy.url, auto: true });
  atTip = await freshDatabase(legacy.name);
  await upgrade({ revisions: project, database: atTip.url, target: TIP });
});
afterAll(() => Promise.all([legacy?.drop(), atTip?.drop()]));

async function copyOf({ name }: TestDatabase): Promise<TestDatabase> {
  const database = await freshDatabase(name);
  onTestFinished(() => database.drop());
  return database;
}

const revgraph = ({ url }: TestDatabase, ...args: string[]) => run('.', args, { DATABASE_URL: url });

/** All facts, and a word for the rows of every table, those of revgraph too. */
async function everything({ url }: TestDatabase): Promise<unknown> {
  const contents = await withSession(url, {}, (session) => readContents(session));
  return [[...(await factsOf(url)).keys()].sort(), [...contents]];
}

/** The revisions up to the tip: the graph as it was when that was its head. */
function untilTip(): string {
  const folder = folderWith({});
  for (const id of [TIP, ...project.graph.ancestors(TIP)]) {
    const file = project.revisions.get(id)?.file ?? '';
    cpSync(file, join(folder, basename(file)));
  }
  return folder;
}

const preferences = ({ query }: TestDatabase) =>
  query('SELECT universal_id, preferences::jsonb AS preferences FROM universal_users ORDER BY 1');

describe('TEXT to JSONB', () => {
  test('one bad value among 164 stops it before anything changed, whatever is pending, and is named', async () => {
    const database = await copyOf(legacy);
    await database.query(
      `UPDATE universal_users SET preferences = '{"preferred_name": "Ada' WHERE universal_id = 'user-77'`,
    );
    const before = await everything(database);
    for (const args of [
      ['upgrade', TIP],
      ['upgrade', 'head', '--no-preflight', '--no-verify'],
    ]) {
      const { exitValue, stdout, stderr } = await revgraph(database, ...args);
      expect([exitValue, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/"every preferences value is valid JSON" of a71d62f22c10 failed/);
      expect(stderr).toContain('{"universal_id":"user-77","preferences":"{\\"preferred_name\\": \\"Ada"}');
      expect(stderr).toContain('Nothing was run.');
      expect(await everything(database)).toEqual(before);
    }
  });

  test('good data: nothing is lost, and it can be asked', async () => {
    const database = await copyOf(legacy);
    const before = await preferences(database);
    const { exitValue, stdout, stderr } = await revgraph(database, 'upgrade', TIP);
    expect([exitValue, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/20\/20 {2}upgrade 27e207ded5a0/);
    expect(await preferences(database)).toEqual(before);
    const [users] = await database.query(
      `SELECT count(*)::int AS "all", count(*) FILTER (WHERE preferences <> '{}')::int AS filled,
              count(*) FILTER (WHERE preferences ? 'preferred_name')::int AS named FROM universal_users`,
    );
    expect(users).toEqual({ all: 164, filled: 28, named: 28 });
    const [column] = await database.query(
      `SELECT format_type(atttypid, atttypmod) AS type, pg_get_expr(adbin, adrelid) AS "default"
       FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE attrelid = 'universal_users'::regclass AND attname = 'preferences'`,
    );
    expect(column).toEqual({ type: 'jsonb', default: "'{}'::jsonb" });
    const [index] = await database.query(
      "SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_universal_users_preferences_gin'",
    );
    expect(index?.indexdef).toMatch(/ON public\.universal_users USING gin \(preferences\)$/);
  });

  test('current is at the tip, and says head where the graph ends there', async () => {
    expect((await revgraph(atTip, 'current')).stdout).toBe(`${TIP}\n`);
    const then = await run(untilTip(), ['current', '--revisions', '.'], { DATABASE_URL: atTip.url });
    expect(then.stdout).toBe(`${TIP} (head)\n`);
  });

  test('the default goes first; where it does not, that is found before the run', async () => {
    const { stdout, exitValue } = await run('.', ['upgrade', `b06ced8ecd14:${JSONB}`, '--sql']);
    expect(exitValue).toBe(0);
    const order = ['DROP DEFAULT', 'TYPE jsonb', "SET DEFAULT '{}'", 'USING gin'].map((part) =>
      stdout.indexOf(part),
    );
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));

    const text = readFileSync(project.revisions.get(JSONB)?.file ?? '', 'utf8');
    const wrong = folderWith({ 'jsonb.sql': text.replace(/^ALTER TABLE .* DROP DEFAULT;\n/m, '') });
    cpSync(untilTip(), wrong, { recursive: true, filter: (file) => !basename(file).startsWith(JSONB) });
    const { ok, checks } = await preflight({ revisions: wrong, database: legacy.url });
    expect(ok).toBe(false);
    expect(checks.filter(({ status }) => status === 'no')).toMatchObject([
      { name: 'default', revision: JSONB, remedy: expect.stringContaining('DROP DEFAULT') },
    ]);
  });
});

test('the documentation revision changes nothing, and notices when a table is missing', async () => {
  const database = await copyOf(atTip);
  const down = await revgraph(database, 'downgrade', JSONB);
  expect([down.exitValue, down.stdout.trim().split('\n').at(-1)]).toEqual([0, JSONB]);
  expect([...(await factsOf(database.url))].sort()).toEqual([...(await factsOf(atTip.url))].sort());
  await database.query('DROP TABLE entity_relationships');
  const { exitValue, stderr } = await revgraph(database, 'upgrade', TIP);
  expect(exitValue).toBe(1);
  expect(stderr).toContain('adopt "entity_relationships exists" of 27e207ded5a0 failed');
  expect((await revgraph(database, 'current')).stdout).toBe(`${JSONB}\n`);
});

describe('what the written rollback advice got wrong is in the plan', () => {
  test(`downgrade ${JSONB} keeps ${JSONB}`, async () => {
    const database = await copyOf(atTip);
    const before = await everything(database);
    const plan = /UNDO {2}27e207ded5a0 .*\nKEEP {2}a71d62f22c10 {2}and everything below it\n/;
    const dry = await revgraph(database, 'downgrade', JSONB, '--dry-run');
    expect([dry.exitValue, dry.stdout]).toEqual([0, expect.stringMatching(plan)]);
    expect(dry.stdout).not.toMatch(/UNDO {2}a71d62f22c10/);
    expect(await everything(database)).toEqual(before);
    // Nothing is lost, so it runs; and says the same.
    const ran = await revgraph(database, 'downgrade', JSONB);
    expect([ran.exitValue, ran.stderr]).toEqual([0, expect.stringMatching(plan)]);
    expect((await revgraph(database, 'current')).stdout).toBe(`${JSONB}\n`);
    expect(
      (await database.query('SELECT jsonb_typeof(preferences) AS is FROM universal_users LIMIT 1'))[0],
    ).toEqual({ is: 'object' });
  });

  test('downgrade 336ce8830dfe leaves two heads', async () => {
    const database = await copyOf(atTip);
    const before = await everything(database);
    const target = '336ce8830dfe';
    const dry = await revgraph(database, 'downgrade', target, '--dry-run');
    const refused = await revgraph(database, 'downgrade', target);
    expect([dry.exitValue, refused.exitValue, refused.stdout]).toEqual([0, 4, '']);
    for (const said of [dry.stdout, refused.stderr]) {
      expect(said).toContain('The database will have 2 heads: 20251019_conv_summaries, 336ce8830dfe\n');
      expect(said).toContain('merge point b06ced8ecd14 is undone');
      expect(said).toMatch(/UNDO {2}27e207ded5a0 .*\nUNDO {2}a71d62f22c10 .*\nUNDO {2}b06ced8ecd14 /);
      expect(said).toContain('a71d62f22c10: the exact text of preferences');
    }
    expect(await everything(database)).toEqual(before);
    expect((await revgraph(database, 'downgrade', target, '--yes', '--quiet')).exitValue).toBe(0);
    expect((await revgraph(database, 'current')).stdout).toBe('20251019_conv_summaries\n336ce8830dfe\n');
    expect(await preferences(database)).toEqual(await preferences(legacy));
  });
});
