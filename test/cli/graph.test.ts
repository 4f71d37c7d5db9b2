import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const files = {
  'revgraph.config.json': JSON.stringify({ releases: { '1.0.0': 'a' } }),
  'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
  'revisions/b.sql': sql('b', { revises: 'a', upgrade: 'CREATE TABLE b (id int);' }),
  'revisions/c.sql': sql('c', { revises: 'a', upgrade: 'CREATE TABLE c (id int);' }),
  'revisions/m.sql': sql('m', { revises: 'b, c', upgrade: 'SELECT 1;' }),
};

test('without a database, the graph alone', async () => {
  const folder = folderWith(files);
  const drawn = await run(folder, ['history', '--graph']);
  expect([drawn.exitValue, drawn.stderr]).toEqual([0, '']);
  expect(drawn.stdout.split('\n').map((line) => line.split('  ')[0])).toEqual(
    expect.arrayContaining(['|\\', '|/']),
  );
  expect((await run(folder, ['graph'])).stdout).toBe(drawn.stdout);
});

test('with a database, where it stands; and what an upgrade would run', async () => {
  const folder = folderWith(files);
  const url = ['--url', database.url];
  await run(folder, ['upgrade', 'b', ...url]);
  const drawn = await run(folder, ['graph', 'heads', ...url]);
  const [m, , b, c] = drawn.stdout.split('\n');
  expect([m, b, c]).toEqual([
    expect.stringMatching(/^o {2}m \(head\) \(planned\)/),
    expect.stringMatching(/^\* \| {2}b \(current\)/),
    expect.stringMatching(/^\| o {2}c \(planned\)/),
  ]);
  expect(drawn.stderr).toContain('* applied  o pending');
  const { stdout } = await run(folder, ['graph', 'heads', '--json', ...url]);
  expect(JSON.parse(stdout)).toMatchObject({
    nodes: [
      { revision: 'a', state: 'applied', releases: ['1.0.0'] },
      { revision: 'b', state: 'applied', isCurrent: true },
      { revision: 'c', state: 'pending', isPlanned: true },
      { revision: 'm', isHead: true },
    ],
    edges: expect.arrayContaining([{ from: 'b', to: 'm', kind: 'revises' }]),
    target: ['heads'],
    databases: [{ state: 'behind', current: ['b'], applied: ['a', 'b'], release: null }],
  });
});

test('a file is written, with the facts and the ledger of several databases', async () => {
  const folder = folderWith(files);
  const other = await freshDatabase();
  try {
    await run(folder, ['upgrade', 'a', '--url', database.url]);
    await run(folder, ['upgrade', '--url', other.url]);
    const args = ['--url', database.url, '--beside', other.url, '--format', 'html', '-o', 'graph.html'];
    const wrote = await run(folder, ['graph', ...args]);
    expect([wrote.exitValue, wrote.stdout, wrote.stderr]).toEqual([0, '', 'Wrote graph.html.\n']);
    const html = readFileSync(join(folder, 'graph.html'), 'utf8');
    const data = JSON.parse(
      /<script type="application\/json" id="data">(.*)<\/script>/.exec(html)?.[1] ?? '',
    );
    expect(data.databases).toMatchObject([
      { applied: ['a'], entries: [{ revision: 'a', outcome: 'done' }] },
      { applied: ['a', 'b', 'c', 'm'] },
    ]);
    expect(html).not.toMatch(/password|https?:\/\/(?!www\.w3\.org)/);
  } finally {
    await other.drop();
  }
});

test('a database of the environment that is not there is told of, and one that was named is an error', async () => {
  const folder = folderWith(files);
  const gone = 'postgresql://u:secret@127.0.0.1:1/x';
  const drawn = await run(folder, ['history', '--graph'], { DATABASE_URL: gone });
  expect([drawn.exitValue, drawn.stderr]).toEqual([0, expect.stringMatching(/^Without the database: /)]);
  const named = await run(folder, ['history', '--graph', '--url', gone]);
  expect([named.exitValue, named.stdout]).toEqual([1, '']);
  expect(drawn.stderr + named.stderr).not.toContain('secret');
});

test('a file that can not be written is an error, and other formats go to standard output', async () => {
  const folder = folderWith(files);
  const failed = await run(folder, ['graph', '--format', 'svg', '-o', 'no/such/graph.svg']);
  expect([failed.exitValue, failed.stderr]).toEqual([2, expect.stringContaining('no/such/graph.svg')]);
  expect((await run(folder, ['graph', '--format', 'mermaid'])).stdout).toMatch(/^flowchart TD\n/);
  expect((await run(folder, ['graph', '--format', 'dot'])).stdout).toMatch(/^digraph revisions \{\n/);
  expect((await run(folder, ['graph', 'nosuch', '--url', database.url])).exitValue).toBe(2);
});
