/*
 * Measures revgraph beside a floor and beside its peers, and writes docs/performance.md with a plot of each part. Uses dist/.
 * REVGRAPH_PEERS names a folder with the peers of npm in its node_modules; a peer that is not there is named as missing.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asked, withDatabase } from './databases.mjs';
import { compare, wallTime } from './pairs.mjs';
import { peersFor } from './peers/commands.mjs';
import { history, writeHistory } from './peers/files.mjs';
import { bars } from './plot.mjs';
import { withServer } from './with-server.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REVGRAPH = join(ROOT, 'dist', 'bin', 'revgraph.js');
const READ_FILES = join(ROOT, 'bench', 'read-files.mjs');
const IN_PROCESS = join(ROOT, 'bench', 'in-process.mjs');
const DOCS = join(ROOT, 'docs');

/** Folders with histories of several lengths, gone afterwards. */
async function withHistories(lengths, use) {
  const root = mkdtempSync(join(tmpdir(), 'revgraph-bench-'));
  try {
    const at = (length) => join(root, String(length));
    for (const length of lengths) writeHistory(at(length), history(length));
    return await use(at);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function starts(at) {
  const parts = [
    {
      title: 'Start-up: `revgraph --version` over `node -e 0`',
      rows: await compare({
        'node -e 0': () => wallTime({ args: ['-e', '0'] }),
        revgraph: () => wallTime({ args: [REVGRAPH, '--version'] }),
      }),
    },
  ];
  for (const count of [10, 1_000, 10_000]) {
    const files = join(at(count), 'revgraph');
    parts.push({
      title: `Lists: \`revgraph heads\` over ${count} files, beside a bare process that opens and reads each of them`,
      rows: await compare({
        'bare read': () => wallTime({ args: [READ_FILES, files] }),
        revgraph: () => wallTime({ args: [REVGRAPH, 'heads', '--revisions', files] }),
      }),
    });
  }
  return parts;
}

/** Every round has a new database for each. */
async function fromEmpty(server, at, count, rounds, only = null) {
  const { commands: all, missing } = peersFor(at(count));
  const commands = Object.fromEntries(Object.entries(all).filter(([name]) => only?.includes(name) ?? true));
  const contenders = Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [
      name,
      () => withDatabase(server, (url) => wallTime(command(url)), 'template0'),
    ]),
  );
  return {
    title: `${count} small revisions from empty, each in a transaction of its own, beside \`psql -f\` with the same commits`,
    rows: await compare(contenders, { rounds, warmUp: rounds > 3 ? 1 : 0 }),
    missing,
  };
}

async function nothingToDo(server, at, count) {
  const { commands, missing, bare } = peersFor(at(count));
  const urls = {};
  // A thousand revisions take the last one minutes.
  const { psql: _, sqitch: __, ...tools } = commands;
  for (const name of [...Object.keys(tools), 'bare']) {
    await asked(server, `CREATE DATABASE current_${name.replaceAll('-', '_')}`);
    urls[name] = server.replace(/\/postgres$/, `/current_${name.replaceAll('-', '_')}`);
    if (name !== 'bare') wallTime(tools[name](urls[name]));
  }
  const floor = bare ?? ((url) => ({ args: [IN_PROCESS, 'bare', url] }));
  const contenders = {
    'connect, ask once': () => wallTime(floor(urls.bare)),
    ...Object.fromEntries(
      Object.entries(tools).map(([name, command]) => [name, () => wallTime(command(urls[name]))]),
    ),
  };
  return {
    title: `Nothing to do at ${count} revisions, beside a bare Node process that connects and asks once`,
    rows: await compare(contenders),
    missing,
  };
}

/** Ratios that one process finds by itself. */
async function inProcess(server, at) {
  return withDatabase(server, async (url) => {
    wallTime({ args: [REVGRAPH, 'upgrade', '--revisions', join(at(200), 'revgraph'), '--url', url] });
    const { boot } = await import(pathToFileURL(join(ROOT, 'dist', 'lib', 'index.js')).href);
    const { default: pg } = await import('pg');
    const timed = async (action) => {
      const begun = performance.now();
      await action();
      return performance.now() - begun;
    };
    return {
      title:
        '`boot()` on a current database of 200 revisions, in a process that runs, beside connecting and one query',
      rows: await compare(
        {
          'connect, ask once': () =>
            timed(async () => {
              const client = new pg.Client({ connectionString: url });
              await client.connect();
              await client.query('SELECT 1');
              await client.end();
            }),
          'boot()': () => timed(() => boot({ database: url, revisions: join(at(200), 'revgraph') })),
        },
        { rounds: 25, warmUp: 5 },
      ),
    };
  });
}

/** The second start on an embedded database, beside opening the same directory with nothing else. */
async function embedded(at) {
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-bench-'));
  try {
    const directory = join(folder, 'db');
    const upgrade = {
      args: [REVGRAPH, 'upgrade', '--revisions', join(at(10), 'revgraph'), '--url', `pglite:${directory}`],
    };
    wallTime(upgrade);
    return {
      title: 'Embedded: `revgraph upgrade` with nothing to do, beside opening the same directory with PGlite',
      rows: await compare({
        'open, ask once': () => wallTime({ args: [IN_PROCESS, 'pglite', directory] }),
        revgraph: () => wallTime(upgrade),
      }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One file of many statements, and one of one large statement. */
async function bigFiles(server) {
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-bench-'));
  const row = (n) => `(${n}, '${'some text of a row that goes on for a while '.repeat(3)}${n}')`;
  const rows = Array.from({ length: 100_000 }, (_, n) => row(n));
  const bodies = {
    '100,000 INSERTs (17 MB)': rows.map((values) => `INSERT INTO big VALUES ${values};`).join('\n'),
    'one INSERT of 100,000 rows': `INSERT INTO big VALUES\n${rows.join(',\n')};`,
  };
  const parts = [];
  try {
    for (const [what, body] of Object.entries(bodies)) {
      const sql = `CREATE TABLE big (id int PRIMARY KEY, v text);\n${body}\n`;
      const revisions = join(folder, what.replace(/\W+/g, '-'));
      mkdirSync(revisions);
      writeFileSync(
        join(revisions, 'big.sql'),
        `-- big\n--\n-- @revision big\n\n-- @upgrade\n${sql}-- @downgrade\nDROP TABLE big;\n`,
      );
      writeFileSync(join(folder, 'big.sql'), `BEGIN;\n${sql}COMMIT;\n`);
      const on = (command) => () => withDatabase(server, (url) => wallTime(command(url)), 'template0');
      parts.push({
        title: `A large file: ${what}, beside \`psql -f\``,
        rows: await compare(
          {
            psql: on((url) => ({ program: 'psql', args: [url, '-qXf', join(folder, 'big.sql')] })),
            revgraph: on((url) => ({ args: [REVGRAPH, 'upgrade', '--revisions', revisions, '--url', url] })),
          },
          { rounds: 3, warmUp: 0 },
        ),
      });
    }
    return parts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measures everything and writes it down. @returns what was measured */
export async function measurePerformance() {
  const parts = [];
  let version = '';
  await withServer((server) =>
    withHistories([10, 200, 1_000, 2_000, 10_000], async (at) => {
      [{ version }] = await asked(server, 'SELECT version()');
      parts.push(...(await starts(at)));
      parts.push(await fromEmpty(server, at, 200, 7));
      parts.push(await fromEmpty(server, at, 2_000, 3, ['psql', 'revgraph', 'dbmate', 'postgrator', 'knex']));
      parts.push(await nothingToDo(server, at, 1_000));
      parts.push(await inProcess(server, at));
      parts.push(await embedded(at));
      parts.push(...(await bigFiles(server)));
    }),
  );
  write(parts, version);
  return parts;
}

function write(parts, version) {
  const plots = join(DOCS, 'performance');
  rmSync(plots, { recursive: true, force: true });
  mkdirSync(plots, { recursive: true });
  const missing = [...new Set(parts.flatMap(({ missing: names = [] }) => names))];
  const sections = parts.map(({ title, rows }, n) => {
    const file = `${String(n + 1).padStart(2, '0')}.svg`;
    writeFileSync(join(plots, file), bars(rows));
    const lines = rows.map(
      ({ name, ratio, ms, floor, once }) =>
        `| ${name}${once ? ' (measured once)' : ''} | ${ratio.toFixed(2)} | ${ms.toFixed(0)} ms over ${floor.toFixed(0)} ms |`,
    );
    return [
      `## ${title}`,
      '',
      `![${title.replaceAll('`', '')}](performance/${file})`,
      '',
      '| | ratio | median |',
      '|---|---|---|',
      ...lines,
      '',
    ];
  });
  const text = [
    '# Performance',
    '',
    'Written by `npm run bench`. Every ratio is the median of ratios that were measured in turn, round by round, in one run on one',
    'machine: a time by itself says more about the machine than about the code. Whole processes, but where it says otherwise.',
    '',
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, ${version.split(' on ')[0]}.`,
    ...(missing.length === 0 ? [] : ['', `Not installed, and so not measured: ${missing.join(', ')}.`]),
    '',
    ...sections.flat(),
  ];
  writeFileSync(join(DOCS, 'performance.md'), `${text.join('\n').trimEnd()}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { title, rows } of await measurePerformance()) {
    console.log(title);
    for (const { name, ratio, ms } of rows)
      console.log(`  ${name.padEnd(20)} ${ratio.toFixed(2).padStart(6)} ×   ${ms.toFixed(0)} ms`);
  }
