import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LONGEST, MOST_FILES, ROOMS, violations } from './architecture/rules.js';
import { readHouse } from './architecture/sources.js';

/* The house, held: rooms and what may stand in them (`architecture/rules.ts`). */

const house = readHouse();

test('the house is as it was drawn', () => {
  expect(Object.keys(house).length).toBeGreaterThan(50);
  expect(violations(house)).toEqual([]);
});

describe('docs/architecture.md draws this house', () => {
  const text = readFileSync('docs/architecture.md', 'utf8');

  test('every room has a row', () => {
    const rooms = ROOMS.map((room) => room.replace(/\/.*/, '')).filter((room) => room !== 'bin');
    const missing = [...new Set(rooms)].filter(
      (room) => !text.includes(`\`lib/${room}/\``) && !text.includes(`\`lib/${room}.ts\``),
    );
    expect(missing).toEqual([]);
  });

  test('every file that is named is there, beside the last folder that its line names', () => {
    const missing = text.split('\n').flatMap((line) => {
      let folder = '';
      return [...line.matchAll(/`((?:[\w-]+\/)*)([\w-]+\.ts)?`/g)].flatMap(([, path = '', name]) => {
        if (path.startsWith('lib/') || path.startsWith('bin/')) folder = path;
        if (name === undefined) return [];
        const own = path === '' ? folder : path;
        const places = [own, `lib/${own}`, posix.join(folder, path)].map((place) => posix.join(place, name));
        return places.some((place) => existsSync(place)) ? [] : [`${line.slice(0, 60)}: ${path}${name}`];
      });
    });
    expect(missing).toEqual([]);
  });
});

/** FILE ¦ what stands in it (↵ for a new line) ¦ what the rule that it breaks says. */
const BROKEN = `
lib/graph/a.ts    ¦ import { b } from '../run/b.js';               ¦ graph may not import lib/run/b.ts
lib/plan/a.ts     ¦ import type { B } from '../run/b.js';          ¦ plan may not import types from lib/run/b.ts
lib/run/a.ts      ¦ import { type B } from '../boot/b.js';         ¦ run may not import lib/boot/b.ts
lib/graph/a.ts    ¦ import {↵  b,↵  c,↵} from '../plan/b.js';      ¦ graph may not import lib/plan/b.ts
lib/database/connection/a.ts ¦ export * from '../../run/b.js';     ¦ database/connection may not import lib/run/b.ts
lib/database/connection/a.ts ¦ import { b } from '../tables/b.js'; ¦ database/connection may not import lib/database/tables/b.ts
lib/preflight/lines/a.ts ¦ import { b } from '../refuse.js';       ¦ preflight/lines may not import lib/preflight/refuse.ts
lib/run/a.ts      ¦ const b = await import('../commands/b.js');    ¦ run may not import lib/commands/b.ts
lib/run/a.ts      ¦ import { b } from '../index.js';               ¦ run may not import lib/index.ts
lib/render/a.ts   ¦ import { b } from '../index.js';               ¦ render may not import lib/index.ts
lib/run/a.ts      ¦ import { b } from 'revgraph';                  ¦ run may not import revgraph
bin/a.ts          ¦ import { b } from '../lib/run/b.js';           ¦ bin may not import lib/run/b.ts
lib/testing/a.ts  ¦ import { b } from '../../bin/b.js';            ¦ testing may not import bin/b.ts
lib/errors/a.ts   ¦ import { b } from '../render/plan.js';         ¦ errors may not import lib/render/plan.ts
lib/matrix/a.ts   ¦ import { b } from '../commands/b.js';          ¦ matrix may not import lib/commands/b.ts
lib/attic/a.ts    ¦ const a = 1;                                   ¦ there is no room attic
lib/run/attic/a.ts ¦ const a = 1;                                  ¦ there is no room run/attic
lib/boot/a.ts     ¦ import yargs from 'yargs';                     ¦ boot may not import yargs
lib/render/a.ts   ¦ import 'chalk';                                ¦ render may not import chalk
lib/run/a.ts      ¦ const pg = await import('pg');                 ¦ run may not import pg
lib/run/a.ts      ¦ import { trace } from '@opentelemetry/api';    ¦ run may not import @opentelemetry/api
lib/graph/a.ts    ¦ import { join } from 'node:path';              ¦ graph may not import node:path
lib/graph/a.ts    ¦ import { join } from 'path';                   ¦ graph may not import path
lib/commands/a.ts ¦ import { b } from '../apply/b.js';             ¦ a verb imports ../apply/b.js with import type or import() only
lib/plan/a.ts     ¦ export async function a() {}                   ¦ no async here
lib/graph/a.ts    ¦ type A = Promise<void>;                        ¦ no Promise here
lib/run/a.ts      ¦   console.log('a');                            ¦ no console here
lib/run/a.ts      ¦ process.exit(1);                               ¦ no process.exit here
lib/boot/a.ts     ¦ process.on('SIGINT', stop);                    ¦ no process.on here
lib/run/a.ts      ¦ let cached = 1;                                ¦ no let cached here
lib/run/a.ts      ¦ const cache = new Map();                       ¦ no const cache = new Map here
lib/run/a.ts      ¦ client.query(sql);                             ¦ no .query( outside lib/database
lib/commands/a.ts ¦ await db.exec(sql);                            ¦ no .exec( outside lib/database
bin/a.ts          ¦ await session.query(sql);                      ¦ no .query( outside lib/database
lib/access/a.ts   ¦ options.onEvent?.(event);                      ¦ no onEvent?.( beside lib/listeners/listen.ts
lib/run/a.ts      ¦ onEvent(event);                                ¦ no onEvent( beside lib/listeners/listen.ts
bin/commands/a.ts ¦ invocation.exitValue = 4;                      ¦ EXIT has the values
bin/commands/a.ts ¦ const REFUSED = 4;                             ¦ EXIT has the values
lib/index.ts      ¦ export { a } from './errors/error.js';↵export default a; ¦ re-exports only
lib/run/a-utils.ts ¦ const a = 1;                                  ¦ a name that says nothing
lib/run/types.ts  ¦ const a = 1;                                   ¦ a name that says nothing
lib/run/a.ts      ¦ const a = b / 'c;                              ¦ not understood by this test
`;

/** What looks like a breach and is none. */
const SOUND = `
comments            ¦ // import { b } from '../boot/b.js';↵/* console.log */↵/**↵let it be */
strings             ¦ const text = "console.log(1)";↵const more = \`↵let us import('../boot/b.js') \${1} console\`;
regular expressions ¦ const quote = /['"\`]/;↵const next = [/[/'"]/, /console/];
types of neighbours ¦ import type { B } from './b.js';↵type C = typeof import('../plan/b.js');
words inside words  ¦ const consoles = updates;↵  let inner = 1;
expressions         ¦ const at = /a/.exec(text);↵const found = TOKEN.exec(text);
constants           ¦ const WORDS: ReadonlySet<string> = new Set(['a']);
`;

const table = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split('¦').map((cell, i) => (i === 1 ? cell.replace(/ /, '') : cell).trimEnd()))
    .map((cells) => cells.map((cell) => cell.replaceAll('↵', '\n')));

describe('every rule is able to fail', () => {
  test.each(table(BROKEN))('%s: %s', (file = '', text = '', found = '') => {
    expect(violations({ [file]: text })).toEqual([expect.stringContaining(found.trim())]);
  });

  test('an import ring, of types too', () => {
    const a = "import { b } from './b.js';";
    const ring = ['import ring: lib/run/a.ts → lib/run/b.ts'];
    const b = "const a = await import('./a.js');";
    expect(violations({ 'lib/run/a.ts': a, 'lib/run/b.ts': b })).toEqual(ring);
    expect(violations({ 'lib/run/a.ts': a, 'lib/run/b.ts': "import type { A } from './a.js';" })).toEqual(
      ring,
    );
  });

  test('a room that has grown too full', () => {
    const files = (n: number) =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`lib/run/a${i}.ts`, '']));
    expect(violations(files(MOST_FILES))).toEqual([]);
    expect(violations(files(MOST_FILES + 1))).toEqual([expect.stringContaining('21 files')]);
  });

  test('a name that two types have', () => {
    const twice = { 'lib/run/a.ts': 'export interface A {}', 'lib/plan/b.ts': 'export type A = string;' };
    expect(violations(twice)).toEqual(['the type A is declared in lib/run/a.ts and lib/plan/b.ts']);
    expect(violations({ ...twice, 'lib/plan/b.ts': "export type { A } from './c.js';" })).toEqual([]);
  });

  test('a file that has grown too long', () => {
    expect(violations({ 'lib/run/a.ts': '\n'.repeat(LONGEST) })).toEqual([]);
    expect(violations({ 'lib/run/a.ts': '\n'.repeat(LONGEST + 1) })).toEqual([
      expect.stringContaining('251'),
    ]);
  });

  test.each(table(SOUND))('and is not broken by %s', (_, text = '') => {
    expect(violations({ 'lib/run/a.ts': `${text}\n` })).toEqual([]);
  });
});
