import type { TableRight } from '../../database/catalog/live-relations.js';
import { asTyped } from '../../database/literal.js';

/** Statements as people read them in a checklist. They are shown, never run. */
export const WORDING = {
  createExtension: (name: string) => `CREATE EXTENSION ${name}`,
  updateExtension: (name: string) => `ALTER EXTENSION ${name} UPDATE`,
  createInSchema: (schema: string) => `CREATE in schema ${schema}`,
  createInDatabase: (database: string) => `CREATE in the database ${database}`,
  dropSchema: (schema: string) => `DROP SCHEMA ${schema}`,
  dropTable: (table: string) => `DROP TABLE ${table}`,
  truncate: (table: string) => `TRUNCATE ${table}`,
  deleteAll: (table: string) => `DELETE FROM ${table}`,
  dropColumn: (table: string, column: string) => `ALTER TABLE ${table} DROP COLUMN ${column}`,
  addColumn: (table: string, column: string) => `ALTER TABLE ${table} ADD COLUMN ${column}`,
  unique: (table: string, columns: string, where: string | null) =>
    `UNIQUE (${columns}) on ${table}${where === null ? '' : ` WHERE ${where.replace(/\s+/g, ' ')}`}`,
  check: (table: string, expression: string) => `CHECK (${expression}) on ${table}`,
  setNotNull: (table: string, column: string) => `ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL`,
  dropDefault: (table: string, column: string) => `ALTER TABLE ${table} ALTER COLUMN ${column} DROP DEFAULT`,
  type: (table: string, column: string, type: string) =>
    `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE ${type}`,
  index: (name: string | null, table: string) => `CREATE INDEX${name === null ? '' : ` ${name}`} on ${table}`,
  uniqueIndex: (view: string) => `CREATE UNIQUE INDEX ON ${view} (…)`,
  onlyIndex: 'CREATE INDEX ON ONLY the table',
  /** @param on the names of what is granted on, one within the other */
  grant: (rights: string, kind: 'DATABASE' | 'SCHEMA' | 'TABLE', on: readonly string[], user: string) =>
    `GRANT ${rights} ON ${kind === 'TABLE' ? '' : `${kind} `}${on.map(asTyped).join('.')} TO ${asTyped(user)};`,
  endPrepared: 'End it with COMMIT PREPARED or ROLLBACK PREPARED.',
} as const;

/** Rights by the words with which they are granted; those of owners by what only they may do. */
export const RIGHT_WORDS: Readonly<Record<TableRight, string>> = {
  select: 'SELECT',
  insert: 'INSERT',
  update: 'UPDATE',
  delete: 'DELETE',
  truncate: 'TRUNCATE',
  references: 'REFERENCES',
  trigger: 'TRIGGER',
  refresh: 'REFRESH',
  own: 'ALTER',
  drop: 'DROP',
};
