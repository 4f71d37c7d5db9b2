import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from '../support/project.js';

/**
 * Writes a folder of revisions of every kind of step: statements, code, nothing, two lines and their merge, and, if wanted, steps
 * outside a transaction.
 * @returns the folder
 */
export function chaosFolder(under: string, count: number, outside = true): string {
  const folder = join(under, `revisions-${count}${outside ? '' : '-inside'}`);
  mkdirSync(folder);
  for (let n = 1; n <= count; n++) {
    const [name, text] = fileOf(n, count, outside);
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const id = (n: number): string => `r${String(n).padStart(2, '0')}`;

/** The third of four stands on the first, beside the second; the fourth joins them. */
function parentsOf(n: number): string[] {
  if (n === 1) return [];
  if (n % 4 === 3) return [id(n - 2)];
  if (n % 4 === 0) return [id(n - 2), id(n - 1)];
  return [id(n - 1)];
}

function fileOf(n: number, count: number, outside: boolean): [name: string, text: string] {
  const revises = parentsOf(n).join(', ');
  const header = revises === '' ? {} : { revises };
  const own = id(n);
  if (n % 4 === 0 && n < count) return [`${own}.sql`, sql(own, header)];
  if (n % 6 === 5) return [`${own}.mjs`, code(own, revises)];
  const table = `CREATE TABLE t${n} (n int PRIMARY KEY, text text);\nINSERT INTO t${n} SELECT g, 'row ' || g FROM generate_series(1, 100) g;`;
  if (!outside || n % 6 !== 1)
    return [`${own}.sql`, sql(own, { ...header, upgrade: table, downgrade: `DROP TABLE t${n};` })];
  return [
    `${own}.sql`,
    sql(own, {
      ...header,
      header: '-- @transaction none',
      upgrade: `${table}\nCREATE INDEX CONCURRENTLY t${n}_text ON t${n} (text);\nINSERT INTO t${n} VALUES (0, 'behind it');`,
      downgrade: `DROP TABLE t${n};`,
    }),
  ];
}

const code = (own: string, revises: string): string => `/**
 * Revision ${own} of a test
 *
 * @revision ${own}
 * @revises ${revises}
 */
export async function upgrade({ db }) {
  await db.query('CREATE TABLE of_code_${own} (n int)');
  for (let n = 0; n < 3; n++) await db.query('INSERT INTO of_code_${own} VALUES ($1)', [n]);
}
export async function downgrade({ db }) {
  await db.query('DROP TABLE of_code_${own}');
}
`;
