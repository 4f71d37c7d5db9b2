import { describe, expect, test } from 'vitest';
import { CONFIGURABLE } from '../../lib/config/schema.js';
import * as revgraph from '../../lib/index.js';
import type { Options } from '../../lib/options/option.js';
import { folderWith, sql } from '../support/project.js';
import { optionsReference } from './reference.js';

/* One table of options: what it says is what functions take, and what the reference prints. */

const PURE = new Set([
  'buildGraph',
  'defineConfig',
  'defineRevision',
  'historyRange',
  'isRevgraphError',
  'loadProject',
  'losses',
  'matrixOptions',
  'planDowngrade',
  'planRevision',
  'planStamp',
  'planUndo',
  'planUpgrade',
  'readConfig',
  'readRevisionFolder',
  'withTargets',
  'writeWhole',
  'RevgraphError',
]);

const functions = Object.entries(revgraph)
  .filter(([name, value]) => typeof value === 'function' && !PURE.has(name))
  .map(([name]) => name);

const call = (name: string, options: unknown): Promise<unknown> => {
  const called = (revgraph as unknown as Record<string, (given: unknown) => unknown>)[name]?.(options);
  // readiness answers later, with what is wrong in it.
  if (name !== 'readiness') return called as Promise<unknown>;
  return (called as revgraph.Readiness).check().then(({ error }) => Promise.reject(error));
};

test('every function that takes options is in the table, and nothing else', () => {
  expect(functions.sort()).toEqual(Object.keys(revgraph.OPTIONS).sort());
});

describe.each(functions)('%s', (name) => {
  test('refuses an option of none, with the one that was meant', async () => {
    const group: Options = revgraph.OPTIONS[name as keyof typeof revgraph.OPTIONS];
    const known = Object.keys(group).find((option) => option.length > 6) as string;
    const typo = known.slice(0, 3) + known.slice(4);
    await expect(call(name, { revisions: [], database: 'pglite:memory', [typo]: 1 })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(new RegExp(`${typo} is no option; did you mean ${known}`)),
    });
  });

  test('refuses what is no object', async () => {
    if (name === 'readiness') return;
    await expect(call(name, 'here')).rejects.toMatchObject({ code: 'usage' });
  });
});

test.each(['revision', 'merge', 'buildCatalogue', 'checkCatalogue'])('%s needs a folder', async (name) => {
  await expect(call(name, { revisions: [], message: 'm' })).rejects.toMatchObject({
    code: 'usage',
    message: `The options of ${name}() are wrong: revisions must be a string.`,
  });
});

test('the example of a mistyped option', async () => {
  const given = { revisions: [], database: 'pglite:memory', lockTimoutMs: 5 };
  await expect(revgraph.upgrade(given)).rejects.toThrow(
    'lockTimoutMs is no option; did you mean lockTimeoutMs?',
  );
});

test.each([
  [{ lockTimeoutMs: '5' }, 'lockTimeoutMs must be a number of milliseconds'],
  [{ lockTimeoutMs: -1 }, 'lockTimeoutMs must be a number of milliseconds'],
  [{ lock: 'rows' }, 'lock must be advisory, transaction, row or off'],
  [{ dryRun: 'yes' }, 'dryRun must be true or false'],
  [{ target: [1] }, 'target must be a string or a list of strings'],
  [{ schema: '' }, 'schema must be a name of 1 to 63 bytes'],
  [{ schema: 'x'.repeat(64) }, 'schema must be a name of 1 to 63 bytes'],
  [{ signal: {} }, 'signal must be an AbortSignal'],
  [{ onEvent: 'log' }, 'onEvent must be a function'],
  [{ logger: () => {} }, 'logger must be a logger with functions debug, info, warn, error'],
  [{ logger: null }, 'logger must be a logger with functions debug, info, warn, error'],
  [{ expect: { databas: 'a' } }, 'expect Unrecognized key(s) in object: .databas.'],
  [{ backup: {} }, 'backup names neither a file nor a command'],
  [{ revisions: undefined }, 'revisions is missing'],
])('a value of another type is refused: %j', async (wrong, message) => {
  const given = { revisions: [], database: 'pglite:memory', ...wrong };
  await expect(revgraph.upgrade(given as never)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(message.replace(/[()]/g, '\\$&')),
  });
});

test('options of another function are passed over; former names and words still count', async () => {
  const revisions = folderWith({ 'a.sql': sql('a', {}) });
  const found = await revgraph.heads({ revisions, lockWaitMs: 5 } as never);
  expect(found.map(({ revision }) => revision)).toEqual(['a']);
  const shown = await revgraph.show({ revisions, targets: ['a'] } as never);
  expect(shown.map(({ revision }) => revision)).toEqual(['a']);
});

test('a configuration takes what the table says', () => {
  expect(Object.keys(CONFIGURABLE).sort()).toEqual([
    '$schema',
    'application',
    'backup',
    'checks',
    'compatible',
    'connectRetryMs',
    'connectTimeoutMs',
    'destructive',
    'edited',
    'expect',
    'hooks',
    'keepDowngrades',
    'lines',
    'lock',
    'lockRetries',
    'lockTimeoutMs',
    'lockWaitMs',
    'minimum',
    'missed',
    'preflight',
    'releases',
    'revisions',
    'role',
    'runsOn',
    'schema',
    'silenceTimeoutMs',
    'statementTimeoutMs',
    'unknownRows',
    'url',
    'versionTable',
  ]);
});

test('the reference is that of the table', async () => {
  await expect(optionsReference()).toMatchFileSnapshot('../../docs/options.md');
});
