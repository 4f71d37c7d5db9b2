import type { Graph } from '../../lib/graph/graph.js';
import type { Choose } from './worlds.js';

/*
 * Random statements for each revision of a graph, such that every valid order runs and ends in the same schema: what a
 * revision changes was last changed by an ancestor; what changes a table as a whole needs all that ever happened to it.
 */

interface Part {
  readonly by: number;
  /** The statement that takes it away. */
  readonly drop: string;
}

interface Column {
  readonly by: number;
  readonly type: string;
}

interface Table {
  readonly name: string;
  /** Who made it, renamed it, or made it anew. */
  readonly by: number;
  readonly touched: Set<number>;
  readonly columns: Map<string, Column>;
  readonly gone: Map<string, Column>;
  readonly parts: Map<string, Part>;
  readonly views: Set<string>;
  comment: number | null;
}

interface Enumeration {
  readonly name: string;
  by: number;
  labels: number;
}

const TYPES = ['text', 'varchar(10)', "varchar(20) DEFAULT 'x'", 'text NOT NULL', 'char(3)'];
/** How a column gets another type, whatever it was. */
const retype = (table: string, column: string, type: string): string => {
  const [base, ...more] = type.split(/ (?=DEFAULT|NOT)/);
  const at = `ALTER TABLE ${table} ALTER ${column}`;
  const sets = more.map((one) => `${at} SET ${one};`);
  return `${at} DROP DEFAULT; ${at} DROP NOT NULL; ${at} TYPE ${base}; ${sets.join(' ')}`;
};

/** Statements per revision, in the graph's order. Some have none: they only write rows. */
export function randomDdl(graph: Graph, choose: Choose): string[] {
  const tables: Table[] = [];
  const dropped: Table[] = [];
  const enums: Enumeration[] = [];
  let names = 0;
  const fresh = (letter: string): string => `${letter}${names++}`;
  const pick = <T>(list: readonly T[]): T | undefined => list[choose(list.length || 1)];

  return graph.ids.map((_, n) => {
    const below = graph.closure([n]);
    const mine = (by: number): boolean => below[by] === 1;
    const reachable = (): Table[] => tables.filter((table) => mine(table.by));
    const whole = (): Table[] => tables.filter((table) => [...table.touched].every(mine));

    const create = (name: string, touched: Iterable<number>): string => {
      const columns = new Map([['c', { by: n, type: 'text' }]]);
      const [gone, parts, views] = [new Map<string, Column>(), new Map<string, Part>(), new Set<string>()];
      tables.push({
        name,
        by: n,
        touched: new Set([...touched, n]),
        columns,
        gone,
        parts,
        views,
        comment: n,
      });
      return `CREATE TABLE ${name} (id int PRIMARY KEY, c text);`;
    };
    const take = (table: Table): void => void tables.splice(tables.indexOf(table), 1);

    const actions: Record<string, () => string | undefined> = {
      create: () => create(fresh('t'), []),
      recreate: () => {
        const table = pick(dropped.filter(({ touched }) => [...touched].every(mine)));
        if (table === undefined) return undefined;
        dropped.splice(dropped.indexOf(table), 1);
        return create(table.name, table.touched);
      },
      drop: () => {
        const table = pick(whole().filter(({ views }) => views.size === 0));
        if (table === undefined) return undefined;
        take(table);
        table.touched.add(n);
        dropped.push(table);
        return `DROP TABLE ${table.name};`;
      },
      rename: () => {
        const table = pick(whole());
        if (table === undefined) return undefined;
        take(table);
        const name = fresh('t');
        const parts = new Map(
          [...table.parts].map(([part, { drop }]) => [
            part,
            { by: n, drop: drop.replace(`TABLE ${table.name} `, `TABLE ${name} `) },
          ]),
        );
        const columns = new Map([...table.columns].map(([column, { type }]) => [column, { by: n, type }]));
        tables.push({ ...table, name, by: n, touched: table.touched.add(n), parts, columns });
        return `ALTER TABLE ${table.name} RENAME TO ${name};`;
      },
      addColumn: () => {
        const table = pick(reachable());
        const [name, type] = [fresh('c'), TYPES[choose(TYPES.length)] as string];
        table?.columns.set(name, { by: n, type });
        return table && touch(table, `ALTER TABLE ${table.name} ADD COLUMN ${name} ${type};`);
      },
      changeColumn: () => {
        const table = pick(reachable());
        const [name] = pick([...(table?.columns ?? [])].filter(([, { by }]) => mine(by))) ?? [];
        if (table === undefined || name === undefined) return undefined;
        const type = TYPES[choose(TYPES.length)] as string;
        table.columns.set(name, { by: n, type });
        return touch(table, retype(table.name, name, type));
      },
      dropColumn: () => {
        const table = pick(reachable());
        const [name, column] = pick([...(table?.columns ?? [])].filter(([, { by }]) => mine(by))) ?? [];
        if (table === undefined || name === undefined || column === undefined) return undefined;
        table.columns.delete(name);
        table.gone.set(name, { ...column, by: n });
        return touch(table, `ALTER TABLE ${table.name} DROP COLUMN ${name};`);
      },
      recreateColumn: () => {
        const table = pick(reachable());
        const [name, column] = pick([...(table?.gone ?? [])].filter(([, { by }]) => mine(by))) ?? [];
        if (table === undefined || name === undefined || column === undefined) return undefined;
        table.gone.delete(name);
        table.columns.set(name, { ...column, by: n });
        return touch(table, `ALTER TABLE ${table.name} ADD COLUMN ${name} ${column.type};`);
      },
      renameColumn: () => {
        const table = pick(reachable());
        const [name, column] = pick([...(table?.columns ?? [])].filter(([, { by }]) => mine(by))) ?? [];
        if (table === undefined || name === undefined || column === undefined) return undefined;
        const now = fresh('c');
        table.columns.delete(name);
        table.columns.set(now, { ...column, by: n });
        return touch(table, `ALTER TABLE ${table.name} RENAME COLUMN ${name} TO ${now};`);
      },
      addConstraint: () => {
        const table = pick(reachable());
        const name = fresh('k');
        const definition = pick([
          `CHECK (id > ${choose(9)})`,
          'UNIQUE (id)',
          'CHECK (id IN (1, 2)) NOT VALID',
        ]);
        table?.parts.set(name, { by: n, drop: `ALTER TABLE ${table.name} DROP CONSTRAINT ${name};` });
        return table && touch(table, `ALTER TABLE ${table.name} ADD CONSTRAINT ${name} ${definition};`);
      },
      addIndex: () => {
        const table = pick(reachable());
        const name = fresh('i');
        table?.parts.set(name, { by: n, drop: `DROP INDEX ${name};` });
        return (
          table && touch(table, `CREATE INDEX ${name} ON ${table.name} (abs(id)) WHERE id > ${choose(9)};`)
        );
      },
      dropPart: () => {
        const table = pick(reachable());
        const [name, part] = pick([...(table?.parts ?? [])].filter(([, { by }]) => mine(by))) ?? [];
        if (table === undefined || name === undefined || part === undefined) return undefined;
        table.parts.delete(name);
        return touch(table, part.drop);
      },
      view: () => {
        const table = pick(reachable());
        const name = fresh('v');
        table?.views.add(name);
        return table && touch(table, `CREATE VIEW ${name} AS SELECT id, id + 1 AS next FROM ${table.name};`);
      },
      dropView: () => {
        const table = pick(whole());
        const name = pick([...(table?.views ?? [])]);
        if (table === undefined || name === undefined) return undefined;
        table.views.delete(name);
        return touch(table, `DROP VIEW ${name};`);
      },
      comment: () => {
        const table = pick(reachable().filter(({ comment }) => comment === null || mine(comment)));
        if (table === undefined) return undefined;
        table.comment = n;
        return touch(table, `COMMENT ON TABLE ${table.name} IS ${pick(["'one'", "'two'", 'NULL'])};`);
      },
      enumeration: () => {
        const name = fresh('e');
        enums.push({ name, by: n, labels: 1 });
        return `CREATE TYPE ${name} AS ENUM ('l0');`;
      },
      label: () => {
        const one = pick(enums.filter(({ by }) => mine(by)));
        if (one === undefined) return undefined;
        one.by = n;
        return `ALTER TYPE ${one.name} ADD VALUE 'l${one.labels++}';`;
      },
      function: () => `CREATE FUNCTION ${fresh('f')}(a int) RETURNS int LANGUAGE sql AS 'SELECT a';`,
    };
    const touch = (table: Table, statement: string): string => {
      table.touched.add(n);
      return statement;
    };

    const kinds = Object.keys(actions);
    const statements = n === 0 ? [create(fresh('t'), [])] : [];
    for (let k = choose(5); k > 0; k--) {
      const statement = actions[kinds[choose(kinds.length)] as string]?.();
      if (statement !== undefined) statements.push(statement);
    }
    return statements.join('\n');
  });
}
