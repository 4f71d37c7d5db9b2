import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { folderWith, sql } from '../support/project.js';
import { expectUnderstood, wordsOf } from '../support/understood.js';

/* What coding agents are told: every command is one, and every file that is named is there. */

const SKILL = readFileSync('skills/revgraph/SKILL.md', 'utf8');
const commands = [...SKILL.matchAll(/^revgraph .*$|`(revgraph [^`]*)`/gm)].map(([whole, inline]) =>
  (inline ?? whole).replace(/\s+#.*$/, ''),
);

test('there are some', () => {
  expect(commands.length).toBeGreaterThan(15);
});

describe.each([...new Set(commands)])('%s', (line) => {
  test('is understood', async () => {
    const folder = folderWith({
      'revisions/3f2a9c41d0be_first.sql': sql('3f2a9c41d0be', { upgrade: 'CREATE TABLE t ();' }),
    });
    await expectUnderstood(folder, wordsOf(line.replace(/^revgraph /, '')));
  });
});

test.each(['llms.txt', 'skills/revgraph/SKILL.md'])('%s names files that are there', (file) => {
  const text = readFileSync(file, 'utf8');
  const named = [...text.matchAll(/\]\(([\w./-]+)\)|`(docs\/\w+\.md)`/g)].map(
    ([, link, code]) => link ?? code ?? '',
  );
  expect(named.length).toBeGreaterThan(0);
  for (const path of named) expect([path, existsSync(path)]).toEqual([path, true]);
});
