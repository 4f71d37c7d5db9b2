import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onOneLine, printable } from '../../lib/errors/printable.js';
import { defineRevision, script } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';

/* What files and databases say may hold whatever a terminal obeys: it is written out, whichever command shows it. */

const EVIL = 'evil \u001b]0;pwned\u0007\u001b[31mRED\u001b[2J\u009b\u2028\u202e';
/** What is left of it. */
const WRITTEN = 'evil \\x1b]0;pwned\\x07\\x1b[31mRED\\x1b[2J\\x9b\\u{2028}\\u{202e}';
const OBEYED = /(?![\n])[\p{Cc}\u2028\u2029\u202a-\u202e]/u;

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.query(`CREATE TABLE "t${EVIL}" (id int)`);
});
afterAll(() => database.drop());

const FILES = {
  'revisions/a.sql': sql('a', {
    upgrade: `DO $$ BEGIN RAISE NOTICE '${EVIL}'; END $$;`,
    downgrade: 'SELECT 1;',
  }).replace(/^-- .*/, `-- ${EVIL.replace('\u2028', '')}`),
  'revisions/b\u001b[31m.sql': sql('b', {
    revises: 'a',
    header: `-- @irreversible "${EVIL}"`,
    upgrade: 'SELECT 1;',
  }),
};

describe('on the command line', () => {
  test.each([
    ['heads'],
    ['history'],
    ['show', 'a', 'b'],
    ['bases'],
    ['status'],
    ['upgrade', '--dry-run'],
    ['preflight'],
    ['upgrade'],
    ['log'],
    ['explain', 'b'],
    ['downgrade', 'base'],
    ['undo', 'b'],
    ['heads', '--revisions', `/nope${EVIL}`],
    ['upgrade', EVIL],
    ['check'],
  ])('%s %s', async (...args) => {
    const folder = folderWith(FILES);
    const { stdout, stderr } = await run(folder, [...args, '--url', database.url]);
    expect(stdout + stderr).not.toMatch(OBEYED);
    expect((stdout + stderr).length).toBeGreaterThan(10);
  });

  test('it is legible, and --json has it as it is', async () => {
    const folder = folderWith({
      'revisions/a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }).replace(
        /^-- .*/,
        '-- one \u001b[2J two',
      ),
    });
    expect((await run(folder, ['heads'])).stdout).toBe('a (head)  one \\x1b[2J two\n');
    const { stdout } = await run(folder, ['heads', '--json']);
    expect(JSON.parse(stdout).heads[0].message).toBe('one \u001b[2J two');
  });

  test('our own colours are let through, and nothing else', async () => {
    const folder = folderWith({
      'revisions/a.sql': sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }).replace(
        /^-- .*/,
        '-- x \u001b[8mhidden',
      ),
    });
    const { stdout } = await run(folder, ['heads', '--color']);
    expect(stdout).toContain('\u001b[33ma\u001b[39m');
    expect(stdout).toContain('\\x1b[8mhidden');
  });
});

test('whatever the text, nothing is left that a terminal obeys, and what it does not obey stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}]/u);
      if (!/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u.test(text)) expect(shown).toBe(text);
      expect(onOneLine(text)).not.toMatch(/[\r\n\u2028\u2029\u0085\v\f]/);
    }),
    { numRuns: 2_000 },
  );
  expect(printable(EVIL)).toBe(WRITTEN);
});

const hasPsql = spawnSync('psql', ['--version']).status === 0;

test.each(['\r', '\n', '\u0085', '\u2028', '\v', '\f', '\r\n'])(
  'a message ends no comment of a script, whatever line end it has (%j)',
  async (end) => {
    const mark = join(temporaryFolder(), 'pwned');
    const revisions = [
      defineRevision({
        revision: 'a',
        message: `x${end}\\! touch ${mark}`,
        upgrade: 'CREATE TABLE script_a ()',
      }),
    ];
    const { text } = await script({ revisions, direction: 'upgrade', target: 'base:heads' });
    const comments = text.split(/[\r\n\u0085\u2028\u2029\v\f]/).filter((line) => line.includes('touch'));
    for (const line of comments) expect(line).toMatch(/^-- /);
    // Where there is a psql it is asked.
    if (!hasPsql) return;
    const file = join(temporaryFolder(), 's.sql');
    writeFileSync(file, text);
    const fresh = await freshDatabase();
    const { status, stderr } = spawnSync('psql', ['-qXv', 'ON_ERROR_STOP=1', '-f', file, fresh.url], {
      encoding: 'utf8',
    });
    await fresh.drop();
    expect([status, stderr.includes('ERROR')]).toEqual([0, false]);
    expect(spawnSync('ls', [mark]).status).not.toBe(0);
  },
);
