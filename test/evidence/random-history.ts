import type { Choose } from '../fingerprint/worlds.js';

/*
 * Revisions as products have them, each of several statements, and what DBAs do by hand.
 */

export interface RandomRevision {
  readonly id: string;
  readonly revises: readonly string[];
  readonly statements: readonly string[];
}

const isRows = (statement: string): boolean => /^(?:INSERT|UPDATE)\b/.test(statement);

/** Whether a statement writes rows, and nothing else. */
export const writesRows = isRows;

const DEFAULTS = ['1', '2', '7'];

/** A graph of a few lines: every revision on top of the last one of its line, or a merge of both. */
export function randomHistory(size: number, choose: Choose): RandomRevision[] {
  const revisions: RandomRevision[] = [];
  const lines: string[] = [];
  let names = 0;
  const fresh = (letter: string): string => `${letter}${names++}`;
  const pick = <T>(list: readonly T[]): T | undefined => list[choose(list.length || 1)];
  /** Tables and what is on them, by the line that made them: only that line changes them, until it is merged. */
  const tables: { name: string; line: number; columns: string[]; parts: { drop: string }[] }[] = [];

  const statementOf = (line: number): string[] => {
    const mine = tables.filter((table) => table.line === line || table.line === -1);
    const table = pick(mine);
    const create = (): string[] => {
      const name = fresh('t');
      tables.push({ name, line, columns: ['v'], parts: [] });
      return [
        `CREATE TABLE ${name} (id int PRIMARY KEY, v int DEFAULT ${pick(DEFAULTS)}, s varchar(${5 + choose(9)}));`,
      ];
    };
    if (table === undefined) return create();
    const on = table.name;
    const actions: (() => string[])[] = [
      create,
      () => {
        const column = fresh('c');
        table.columns.push(column);
        return [`ALTER TABLE ${on} ADD COLUMN ${column} int DEFAULT ${pick(DEFAULTS)};`];
      },
      () => {
        const index = fresh('i');
        table.parts.push({ drop: `DROP INDEX ${index};` });
        return [`CREATE INDEX ${index} ON ${on} (${pick(['id', 'v', 's'])});`];
      },
      () => {
        const constraint = fresh('k');
        table.parts.push({ drop: `ALTER TABLE ${on} DROP CONSTRAINT ${constraint};` });
        return [
          `ALTER TABLE ${on} ADD CONSTRAINT ${constraint} ${pick(['UNIQUE (id, v)', 'CHECK (v > -9)'])};`,
        ];
      },
      () => [`ALTER TABLE ${on} ALTER ${pick(table.columns) ?? 'id'} SET DEFAULT ${pick(DEFAULTS)};`],
      () => {
        const column = table.columns.length > 1 ? table.columns.pop() : undefined;
        return column === undefined ? create() : [`ALTER TABLE ${on} DROP COLUMN ${column};`];
      },
      () => {
        const part = table.parts.pop();
        return part === undefined ? create() : [part.drop];
      },
      () => [`INSERT INTO ${on} (id) VALUES (${names++});`],
      () => [`UPDATE ${on} SET s = 'x';`],
      () => {
        const f = fresh('f');
        return [`CREATE FUNCTION ${f}() RETURNS int LANGUAGE sql AS 'SELECT ${choose(9)}';`];
      },
      () => [`CREATE VIEW ${fresh('w')} AS SELECT id FROM ${on};`],
      () => [`COMMENT ON TABLE ${on} IS 'x${choose(9)}';`],
      () => {
        const type = fresh('e');
        return [`CREATE TYPE ${type} AS ENUM ('a', 'b');`];
      },
    ];
    return (actions[choose(actions.length)] as () => string[])();
  };

  for (let n = 0; n < size; n++) {
    const id = `r${n}`;
    const isFork = lines.length === 1 && n > 1 && choose(4) === 0;
    const isMerge = lines.length === 2 && choose(3) === 0;
    const line = lines.length === 2 && !isMerge ? choose(2) : 0;
    const revises = isMerge ? [...lines] : n === 0 ? [] : [lines[line] as string];
    // At a fork what is there belongs to the first line; the other makes its own. A merge has all of it.
    if (isFork) {
      for (const table of tables) table.line = 0;
      lines.push(lines[0] as string);
    }
    if (isMerge) {
      lines.splice(0, 2, id);
      for (const table of tables) table.line = -1;
    }
    const at = isFork ? 1 : line;
    const statements = Array.from({ length: n === 0 ? 4 : choose(6) }, () =>
      statementOf(isMerge ? -1 : at),
    ).flat();
    if (isMerge) for (const table of tables) table.line = lines.length === 1 ? -1 : table.line;
    if (!isMerge) {
      if (lines.length === 0) lines.push(id);
      else lines[at] = id;
    }
    if (lines.length === 1) for (const table of tables) table.line = -1;
    revisions.push({ id, revises, statements });
  }
  return revisions;
}

/** A change by hand of something that a fact is about; null where this kind of thing is left alone. */
export function byHand(fact: string, choose: Choose): string | null {
  const [, kind = '', name = '', definition = ''] = /^((?:[a-z]+ )+)(.*?)(?:: (.*))?$/.exec(fact) ?? [];
  const [, table = '', part = ''] = /^(.*)\.([^.]+)$/.exec(name) ?? [];
  switch (kind.trim()) {
    case 'index':
      return choose(3) > 0 ? `DROP INDEX ${name}` : `ALTER INDEX ${name} RENAME TO by_hand_${choose(99)}`;
    case 'constraint':
      return choose(2) === 0 && !/PRIMARY/.test(definition)
        ? `ALTER TABLE ${table} DROP CONSTRAINT ${part}`
        : `ALTER TABLE ${table} RENAME CONSTRAINT ${part} TO by_hand_${choose(99)}`;
    case 'column':
      if (/\.w\d+$/.test(table) || part === 'id') return null;
      return [
        `ALTER TABLE ${table} ALTER ${part} SET DEFAULT ${/varchar|char/.test(definition) ? "'z'" : '99'}`,
        `ALTER TABLE ${table} DROP COLUMN ${part} CASCADE`,
        /^int/.test(definition)
          ? `ALTER TABLE ${table} ALTER ${part} TYPE bigint`
          : `ALTER TABLE ${table} ALTER ${part} TYPE text`,
      ][choose(3)] as string;
    case 'function':
      return choose(2) === 0
        ? `DROP FUNCTION ${name}`
        : `CREATE OR REPLACE FUNCTION ${name} RETURNS int LANGUAGE sql AS 'SELECT 77'`;
    case 'view':
      return `DROP VIEW ${name}`;
    case 'table':
      return choose(4) === 0 ? `DROP TABLE ${name} CASCADE` : null;
    default:
      return null;
  }
}
