import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/*
 * One history in the format of each tool. Small steps as they are written: a table, a column and an index, rows.
 */

/** @returns `{ id, previous, up, down }` of each step */
export function history(count) {
  const idOf = (n) => `r${String(n).padStart(5, '0')}`;
  return Array.from({ length: count }, (_, i) => {
    const n = i + 1;
    const table = `t${n - (i % 3)}`;
    const [up, down] = [
      [`CREATE TABLE ${table} (id int PRIMARY KEY, name text NOT NULL);`, `DROP TABLE ${table};`],
      [
        `ALTER TABLE ${table} ADD COLUMN extra text;\nCREATE INDEX ix${n} ON ${table} (name);`,
        `ALTER TABLE ${table} DROP COLUMN extra;`,
      ],
      [`INSERT INTO ${table} VALUES (1, 'a'), (2, 'b');`, `DELETE FROM ${table};`],
    ][i % 3];
    return { id: idOf(n), previous: n === 1 ? null : idOf(n - 1), up, down };
  });
}

const write = (file, text) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

/** @param folder where the files of all tools go, each in a folder of its own */
export function writeHistory(folder, steps) {
  const at = (...path) => join(folder, ...path);
  write(at('psql.sql'), steps.map(({ up }) => `BEGIN;\n${up}\nCOMMIT;\n`).join(''));
  write(at('steps.json'), JSON.stringify(steps));
  for (const [i, { id, previous, up, down }] of steps.entries()) {
    const parent = previous === null ? '' : `-- @revises ${previous}\n`;
    write(
      at('revgraph', `${id}_step.sql`),
      `-- step ${id}\n--\n-- @revision ${id}\n${parent}\n-- @upgrade\n${up}\n-- @downgrade\n${down}\n`,
    );
    write(
      at('dbmate', `${20200101000000 + i}_step.sql`),
      `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`,
    );
    write(at('postgrator', `${String(i + 1).padStart(5, '0')}.do.step.sql`), `${up}\n`);
    write(
      at('node-pg-migrate', `${1_600_000_000_000 + i}_step.sql`),
      `-- Up Migration\n${up}\n-- Down Migration\n${down}\n`,
    );
    write(at('drizzle', `${id}.sql`), up);
    write(
      at('alembic', 'versions', `${id}_step.py`),
      `"""step"""\nfrom alembic import op\nrevision = "${id}"\ndown_revision = ${previous === null ? 'None' : `"${previous}"`}\n\ndef upgrade():\n    op.execute("""${up}""")\n\ndef downgrade():\n    op.execute("""${down}""")\n`,
    );
    write(at('sqitch', 'deploy', `${id}.sql`), `BEGIN;\n${up}\nCOMMIT;\n`);
  }
  write(
    at('drizzle', 'meta', '_journal.json'),
    JSON.stringify({
      version: '7',
      dialect: 'postgresql',
      entries: steps.map(({ id }, idx) => ({
        idx,
        version: '7',
        when: 1_600_000_000_000 + idx,
        tag: id,
        breakpoints: false,
      })),
    }),
  );
  write(
    at('alembic', 'env.py'),
    'import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\nengine = create_engine(os.environ["URL"].replace("postgresql://", "postgresql+psycopg2://"))\nwith engine.connect() as connection:\n    context.configure(connection=connection, transaction_per_migration=True)\n    with context.begin_transaction():\n        context.run_migrations()\n',
  );
  write(at('alembic.ini'), '[alembic]\nscript_location = alembic\n');
  write(
    at('sqitch', 'sqitch.conf'),
    '[core]\n\tengine = pg\n[user]\n\tname = bench\n\temail = bench@example.org\n',
  );
  write(
    at('sqitch', 'sqitch.plan'),
    `%syntax-version=1.0.0\n%project=bench\n\n${steps
      .map(
        ({ id, previous }) =>
          `${id}${previous === null ? '' : ` [${previous}]`} 2020-01-01T00:00:00Z bench <bench@example.org> # step`,
      )
      .join('\n')}\n`,
  );
}
