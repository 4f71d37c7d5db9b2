import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What `--json` prints is what its schema says, which is made from the types of the results. */

const FOLDER = 'dist/schemas';
const names = readdirSync(FOLDER)
  .map((file) => file.replace('.json', ''))
  .filter((name) => name !== 'config');

function validator(name: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': true } });
  return ajv.compile(JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')));
}

/** What is wrong with a document. */
function faults(name: string, document: unknown): unknown {
  const validate = validator(name);
  return validate(document) ? [] : validate.errors;
}

const project = () =>
  folderWith({
    'revgraph.config.json': JSON.stringify({ revisions: 'revisions', releases: { '1.0.0': 'a' } }),
    'revisions/a.sql': sql('a', {
      upgrade:
        'CREATE TABLE a (id int PRIMARY KEY, n int);\n-- @verify "few" expect 0\nSELECT count(*)::int FROM a;',
      downgrade: 'DROP TABLE a;',
    }),
    'revisions/b.sql': sql('b', {
      revises: 'a',
      upgrade: 'CREATE TABLE b (id int);',
      downgrade: 'DROP TABLE b;',
    }),
    'revisions/c.sql': `-- fills\n--\n-- @revision c\n-- @revises b\n-- @background\n-- @batch "fill" table a key id size 1\nUPDATE a SET n = 1 FROM batch WHERE a.id = batch.id;\n-- @downgrade\nUPDATE a SET n = NULL;\n`,
  });

/** Name of the schema, and what is typed. In this order: each stands on what the ones before it did. */
const STORY: readonly (readonly [string, string])[] = [
  ['heads', 'heads'],
  ['bases', 'bases'],
  ['branches', 'branches'],
  ['history', 'history'],
  ['show', 'show a'],
  ['catalogue-build', 'catalogue build'],
  ['catalogue-check', 'catalogue check'],
  ['check', 'check'],
  ['preflight', 'preflight'],
  ['upgrade', 'upgrade b --sql'],
  ['upgrade', 'upgrade b --dry-run'],
  ['upgrade', 'upgrade b'],
  ['verify', 'verify'],
  ['boot', 'boot'],
  ['backfill-status', 'backfill status'],
  ['backfill-dry-run', 'backfill dry-run c'],
  ['backfill-work', 'backfill work'],
  ['status', 'status'],
  ['current', 'current'],
  ['explain', 'explain b'],
  ['log', 'log'],
  ['graph', 'graph'],
  ['doctor', 'doctor'],
  ['identify', 'identify'],
  ['facts', 'facts'],
  ['repair', 'repair --dry-run'],
  ['downgrade', 'downgrade b --yes'],
  ['undo', 'undo b --yes'],
  ['stamp', 'stamp b --reason again --yes'],
  ['stamp', 'stamp a --sql'],
  ['matrix', 'matrix'],
  ['revision', 'revision -m next --rev-id d'],
  ['completion', 'completion bash'],
  ['error', 'upgrade nowhere'],
  ['error', 'retry b'],
];

test('every document of a story is what its schema says', async () => {
  const database = await freshDatabase();
  const folder = project();
  const printed = async (line: string): Promise<Record<string, unknown>> => {
    const { stdout } = await run(folder, [...line.split(' '), '--json'], { DATABASE_URL: database.url });
    return JSON.parse(stdout);
  };
  for (const [name, line] of STORY)
    expect([line, faults(name, await printed(line))], line).toEqual([line, []]);
  // One that lacks a key is none; one that has more may come from a later version.
  const document = await printed('status');
  for (const key of ['state', 'pending', 'applied', 'database'])
    expect([key, faults('status', { ...document, [key]: undefined })]).not.toEqual([key, []]);
  expect(faults('status', { ...document, later: 1 })).toEqual([]);
  await database.drop();
});

test('every command has one, and the package brings them', async () => {
  const { stdout } = await run(project(), ['--help']);
  const verbs = [...stdout.matchAll(/^ {2}revgraph ([a-z-]+)/gm)].map(([, verb]) => verb as string);
  const families = ['backfill', 'catalogue'];
  const missing = verbs.filter((verb) => !names.some((name) => name === verb || name.startsWith(`${verb}-`)));
  expect(missing).toEqual([]);
  const ofNone = names.filter(
    (name) =>
      name !== 'error' && !verbs.includes(name) && !families.some((one) => name.startsWith(`${one}-`)),
  );
  expect(ofNone).toEqual([]);
  const { exports } = JSON.parse(readFileSync(join('package.json'), 'utf8'));
  expect(exports['./schemas/*.json']).toBe('./dist/schemas/*.json');
});
