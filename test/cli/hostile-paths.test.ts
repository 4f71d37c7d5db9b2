import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { folderWith, sql } from '../support/project.js';

/* Paths that lead nowhere, everywhere, or to more than can be read: refused at once, by name. */

const first = { 'revisions/a.sql': sql('a', { upgrade: 'SELECT 1;' }) };

/** On a machine that does other things too. */
const SOON_MS = 5_000;

test.each([
  ['a file system that makes no folders', 'pglite:/proc/nope/x', /\/proc\/nope\/x could not be written/],
  ['one that holds something else', 'pglite:/proc/self', /holds other files, and is no embedded database/],
  ['the root', 'pglite:/', /holds other files/],
  ['a link to it', 'pglite:link', /holds other files/],
  ['a device', 'pglite:/dev/null', /could not be written/],
  ['a file', 'pglite:revisions/a.sql', /could not be written/],
])('an embedded database in %s', async (_, url, says) => {
  const folder = folderWith(first);
  symlinkSync('/', join(folder, 'link'));
  const begun = performance.now();
  const { exitValue, stderr } = await run(folder, ['upgrade', '--url', url]);
  expect([exitValue, stderr]).toEqual([2, expect.stringMatching(says)]);
  expect(performance.now() - begun).toBeLessThan(SOON_MS);
});

test.each([
  ['a link to the root', (at: string) => symlinkSync('/', join(at, 'r')), 2, /root of the file system/],
  [
    'a link to it within the folder',
    (at: string) => {
      mkdirSync(join(at, 'r'));
      symlinkSync('/', join(at, 'r', 'all'));
    },
    3,
    /root of the file system/,
  ],
  [
    'a file of 3 GiB without a header',
    (at: string) => {
      mkdirSync(join(at, 'r'));
      writeFileSync(join(at, 'r', 'x.sql'), '');
      truncateSync(join(at, 'r', 'x.sql'), 3 * 2 ** 30);
    },
    3,
    /does not end within the first 16 MB/,
  ],
  [
    'a comment that is nested 100,000 deep and never ends',
    (at: string) => {
      mkdirSync(join(at, 'r'));
      writeFileSync(join(at, 'r', 'x.sql'), sql('x', { upgrade: `${'/*'.repeat(100_000)}\nSELECT 1;` }));
    },
    3,
    /unterminated/,
  ],
  [
    'a pipe that nobody writes to',
    (at: string) => {
      mkdirSync(join(at, 'r'));
      execFileSync('mkfifo', [join(at, 'r', 'x.sql')]);
    },
    2,
    /has no revisions/,
  ],
])('revisions: %s', async (_, make, exit, says) => {
  const folder = folderWith(first);
  make(folder);
  const begun = performance.now();
  const { exitValue, stdout, stderr } = await run(folder, ['check', '--revisions', 'r']);
  expect([exitValue, stdout + stderr]).toEqual([exit, expect.stringMatching(says)]);
  expect(performance.now() - begun).toBeLessThan(SOON_MS);
});
