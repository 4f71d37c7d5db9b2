import { afterEach, beforeEach, expect } from 'vitest';
import { defineRevision, type Revision, type RevisionDefinition, script } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from './databases.js';

/** A revision that makes a table of its name, or of these (`makes`), and takes them away. */
export function tableRevision(
  revision: string,
  revises: readonly string[] = [],
  // A member that is undefined takes that part away.
  {
    makes = [revision],
    ...more
  }: {
    readonly [K in keyof RevisionDefinition]?: RevisionDefinition[K] | undefined;
  } & { readonly makes?: readonly string[] } = {},
): Revision {
  return defineRevision({
    revision,
    revises,
    upgrade: makes.map((one) => `CREATE TABLE t_${one} (id int)`).join(';\n'),
    downgrade: makes.map((one) => `DROP TABLE t_${one}`).join(';\n'),
    ...more,
  } as RevisionDefinition);
}

/** A database for each test of a file, and what tests of histories ask of it. */
export function databasePerTest() {
  let current: TestDatabase;
  beforeEach(async () => {
    current = await freshDatabase();
  });
  afterEach(() => current.drop());
  const database: Omit<TestDatabase, 'drop'> = {
    get url() {
      return current.url;
    },
    get name() {
      return current.name;
    },
    query: (sql, values) => current.query(sql, values),
  };
  const column = async (sql: string) => (await current.query(sql)).map(({ found }) => found);
  return {
    database,
    /** The table that another tool has, with a row, or none. */
    alembic: (row?: string) =>
      current.query(
        `CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)${row === undefined ? '' : `; INSERT INTO alembic_version VALUES ('${row}')`}`,
      ),
    /** Upgrades by the script that `--sql` prints. */
    byScript: async (revisions: readonly Revision[], target = 'head') =>
      current.query((await script({ revisions, database: current.url, direction: 'upgrade', target })).text),
    on: <R extends readonly Revision[] | string>(revisions: R) => ({ revisions, database: current.url }),
    /** Of the version table. */
    rows: () => column('SELECT revision AS found FROM revgraph_version ORDER BY 1'),
    /** Those that revisions made. */
    tables: () => column("SELECT tablename AS found FROM pg_tables WHERE tablename LIKE 't\\_%' ORDER BY 1"),
  };
}

/** Ids of the steps of a result. */
export const ran = ({ steps }: { steps: readonly { revision: string }[] }): string[] =>
  steps.map(({ revision }) => revision);

/** An error of this code. */
export const refusedAs = (code: string) => expect.objectContaining({ code });
