import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './median.mjs';
import { SHAPES } from './shapes.mjs';

const FILES = 10_000;
const LIMIT = 3;
const ROUNDS = 9;
const WARM_UP = 2;

const COMMAND_LINE = fileURLToPath(new URL('../dist/bin/revgraph.js', import.meta.url));
const BARE = fileURLToPath(new URL('read-files.mjs', import.meta.url));

/** A file of some 3 KB, header first. */
const textOf = ({ id, revises }) => `-- Add the table of ${id}
--
-- @revision ${id}
${revises.length === 0 ? '' : `-- @revises ${revises.join(', ')}\n`}-- @requires postgres >=14

-- @upgrade
CREATE TABLE ${id} (
${Array.from({ length: 60 }, (_, n) => `  column_${n} text NOT NULL DEFAULT 'nothing',`).join('\n')}
  id bigint PRIMARY KEY
);
-- @downgrade
DROP TABLE ${id};
`;

function withFiles(use) {
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-bench-'));
  try {
    for (const node of SHAPES.braid(FILES)) writeFileSync(join(folder, `${node.id}_table.sql`), textOf(node));
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Wall time of a Node process in milliseconds. */
function wallTime(args, expected) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0 || !stdout.includes(expected))
    throw new Error(`${args.join(' ')} failed: ${stderr}${stdout}`);
  return time;
}

export function startRatio() {
  return withFiles((folder) => {
    const rounds = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const heads = wallTime([COMMAND_LINE, 'heads', '--revisions', folder], 'r009999');
      const bare = wallTime([BARE, folder], `${FILES}`);
      if (round >= 0) rounds.push({ heads, bare, ratio: heads / bare });
    }
    const middle = (key) => median(rounds.map((round) => round[key]));
    const detail = `${middle('heads').toFixed(0)} ms over ${middle('bare').toFixed(0)} ms`;
    return { what: 'revgraph heads', ratio: middle('ratio'), limit: LIMIT, detail };
  });
}
