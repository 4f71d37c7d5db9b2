import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { boot, type Event, status, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* A listener that fails is told of once, as a warning of Node's, and changes nothing of the run. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const revisions = (): string =>
  folderWith({
    'a.sql': sql('a', {
      upgrade: "DO $$ BEGIN RAISE NOTICE 'one'; RAISE NOTICE 'two'; END $$;",
      downgrade: 'SELECT 1;',
    }),
    'b.sql': sql('b', { revises: 'a', upgrade: 'CREATE TABLE b (id int);', downgrade: 'DROP TABLE b;' }),
  });

/** What Node says of listeners, and whether a rejection was left to it. */
function listening(): { warnings: string[]; rejections: unknown[]; settled: () => Promise<void> } {
  const warnings: string[] = [];
  const rejections: unknown[] = [];
  const warned = (warning: Error & { code?: string }): void => {
    if (warning.code === 'LISTENER_FAILED') warnings.push(warning.message);
  };
  const rejected = (reason: unknown): void => {
    rejections.push(reason);
  };
  process.on('warning', warned);
  process.prependListener('unhandledRejection', rejected);
  onTestFinished(() => {
    process.off('warning', warned);
    process.off('unhandledRejection', rejected);
  });
  return { warnings, rejections, settled: () => new Promise((resolve) => setTimeout(resolve, 50)) };
}

const fail = (): never => {
  throw new Error('no room on the disk');
};

test.each<[string, string, (event: Event) => unknown]>([
  ['throws at a notice, in the middle of a step', 'throws_notice', ({ type }) => type === 'notice' && fail()],
  ['throws when a step is committed', 'throws_finished', ({ type }) => type === 'step-finished' && fail()],
  ['throws at everything', 'throws_all', fail],
  ['rejects', 'rejects', async () => fail()],
  [
    'answers something like a promise that rejects',
    'rejects_alike',
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library's
    () => ({ then: (_: unknown, no: (error: unknown) => void) => no(new Error('no room on the disk')) }),
  ],
])('one that %s', async (_, schema, onEvent) => {
  await database.query(`CREATE SCHEMA ${schema}`);
  const { warnings, rejections, settled } = listening();
  const options = { revisions: revisions(), database: database.url, schema };
  const { steps } = await upgrade({ ...options, onEvent: onEvent as (event: Event) => void });
  await settled();
  expect(steps.map(({ revision }) => revision)).toEqual(['a', 'b']);
  expect((await status(options)).current).toEqual(['b']);
  expect(await database.query(`SELECT DISTINCT outcome FROM ${schema}.revgraph_ledger`)).toEqual([
    { outcome: 'done' },
  ]);
  expect(rejections).toEqual([]);
  expect(warnings).toEqual(['onEvent threw: no room on the disk']);
});

test.each<[string, () => unknown]>([
  ['throws', fail],
  ['rejects', async () => fail()],
])(
  'a logger that %s changes nothing either, and the listener beside it hears everything',
  async (how, write) => {
    const schema = `logger_${how}`;
    await database.query(`CREATE SCHEMA ${schema}`);
    const { warnings, rejections, settled } = listening();
    const options = { revisions: revisions(), database: database.url, schema };
    const logger = { debug: write, info: write, warn: write, error: write };
    const types = new Set<string>();
    const { steps } = await upgrade({ ...options, logger, onEvent: ({ type }) => void types.add(type) });
    await settled();
    expect(steps.map(({ revision }) => revision)).toEqual(['a', 'b']);
    expect([...types]).toEqual(['planned', 'step-started', 'notice', 'step-finished']);
    expect(rejections).toEqual([]);
    expect(warnings).toEqual(['logger threw: no room on the disk']);
  },
);

test('one that fails before the lock and under it is told of once', async () => {
  const { warnings, settled } = listening();
  const own = await freshDatabase();
  onTestFinished(() => own.drop());
  const { steps } = await boot({ revisions: revisions(), database: own.url, onEvent: fail });
  await settled();
  expect(steps.map(({ revision }) => revision)).toEqual(['a', 'b']);
  expect(warnings).toEqual(['onEvent threw: no room on the disk']);
});
