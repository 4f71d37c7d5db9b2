import type { Alteration, Differs, ForeignKey, RelationName } from '../../sql/touch.js';
import type { Simulation } from './world.js';

/** What the commands of an ALTER TABLE on a table that is there ask for. */
export function askAlterations(walk: Simulation, table: RelationName, all: readonly Alteration[]): void {
  const { world } = walk;
  walk.ask({ kind: 'right', right: 'own', table });
  walk.lock(table);
  // PostgreSQL takes defaults away before it changes types, in whatever order the commands stand; new ones come last.
  for (const one of all) if (one.kind === 'drop-default') changed(walk, table, one.column);
  for (const one of all) ask(walk, table, one);
  for (const one of all) if (one.kind === 'set-default') changed(walk, table, one.column);
  if (all.some(({ kind }) => kind === 'owner')) world.rightsUnknown = true;
}

function changed({ world }: Simulation, table: RelationName, column: string): void {
  const live = world.column(table, column);
  if (live !== null) world.change(table, live, 'default');
}

function ask(walk: Simulation, table: RelationName, one: Alteration): void {
  const { world } = walk;
  switch (one.kind) {
    case 'add-column': {
      const { column, ifNotExists, rewrites, foreignKey } = one;
      if (!ifNotExists) askColumn(walk, table, column);
      if (rewrites !== null) walk.ask({ kind: 'rewrite', table, column, why: rewrites, ifNotExists });
      if (one.required && !world.isEmptied(table))
        walk.ask({ kind: 'required', table, column, ifNotExists }, !world.isDirty(table));
      if (one.repeats && !ifNotExists && !world.isEmptied(table))
        walk.ask({ kind: 'repeats', table, column }, !world.isDirty(table));
      if (foreignKey !== null) addForeignKey(walk, table, foreignKey, true);
      if (!ifNotExists) world.setColumn(table, column, null);
      return;
    }
    case 'drop-column': {
      const column = world.column(table, one.column);
      if (column !== null && !world.isEmptied(table))
        walk.ask({ kind: 'loss', how: 'column', table, column });
      world.setColumn(table, one.column, null);
      world.loseColumn(one.column);
      return;
    }
    case 'type': {
      const column = world.column(table, one.column);
      if (column === null || world.isChanged(table, column, 'type')) return;
      const defaultStands = !world.isChanged(table, column, 'default');
      const { type, converts } = one;
      walk.ask({ kind: 'type', table, column, type, converts, defaultStands });
      world.change(table, column, 'type');
      world.change(table, column, 'default');
      return;
    }
    case 'set-not-null': {
      const column = world.column(table, one.column);
      if (column === null || world.isEmptied(table)) return;
      const checked = world.isChecked(table);
      // A type change may fill what was null.
      const sure = !world.isDirty(table) && !world.isChanged(table, column, 'type');
      walk.ask({ kind: 'not-null', table, column, checked }, sure);
      return;
    }
    case 'foreign-key':
      addForeignKey(walk, table, one.key, false);
      return;
    case 'unique': {
      const { columns, primary, nullsNotDistinct } = one;
      askUnique(walk, table, { keys: [], columns, where: null, nullsNotDistinct }, null);
      // A primary key makes its columns NOT NULL.
      if (primary) for (const column of columns) ask(walk, table, { kind: 'set-not-null', column });
      return;
    }
    case 'check': {
      const { expression, valid } = one;
      const asks = expression !== null && !world.isEmptied(table) && !world.isReshaped(table);
      if (asks) walk.ask({ kind: 'check', table, expression, valid }, !world.isDirty(table));
      world.check(table);
      return;
    }
    default:
      return;
  }
}

/** A new name of a column, which another one may have. */
export function askColumn(walk: Simulation, table: RelationName, column: string): void {
  const { world } = walk;
  if (world.column(table, column) === null) return;
  walk.ask({ kind: 'column-exists', table, column }, !world.mayBeGone(column));
}

function addForeignKey(walk: Simulation, table: RelationName, key: ForeignKey, isNew: boolean): void {
  const { world } = walk;
  const live = world.live(key.target);
  const made = live === null && world.isMade(key.target);
  if (live === null && !made) return;
  const target = live ?? key.target;
  if (live !== null) {
    walk.ask({ kind: 'right', right: 'references', table: live });
    walk.lock(live);
  }
  if (world.isEmptied(table)) return;
  // A new column that stays empty refers to nothing.
  if (isNew && typeof key.filledWith !== 'string') return;
  if (made || world.isEmptied(target)) {
    const own = isNew ? key.columns : inTable(walk, table, key.columns);
    if (own === null || world.isFilled(key.target)) return;
    const question = {
      kind: 'foreign-key',
      table,
      key: { ...key, target, columns: own },
      emptied: true,
    } as const;
    walk.ask(question, !world.isDirty(table));
    return;
  }
  const columns = isNew ? key.columns : inTable(walk, table, key.columns);
  const targetColumns = key.targetColumns === null ? null : inTable(walk, target, key.targetColumns);
  if (columns === null || (targetColumns === null && key.targetColumns !== null)) return;
  const sure = !world.isDirty(table) && !world.isDirty(target);
  const named = { ...key, target, columns, targetColumns };
  walk.ask({ kind: 'foreign-key', table, key: named, emptied: false }, sure);
}

/**
 * What must differ from now on. Expressions are asked for where all names of the table are those of now; plain columns by the names
 * that they have now.
 */
export function askUnique(
  walk: Simulation,
  table: RelationName,
  differs: Differs | null,
  unless: string | null,
): void {
  const { world } = walk;
  if (differs === null || world.isEmptied(table)) return;
  const columns = differs.columns === null ? null : inTable(walk, table, differs.columns);
  if (columns === null || differs.where !== null ? world.isReshaped(table) : columns.length === 0) return;
  // Of a column that is new, or gone, nothing is there to be counted.
  if (columns === null && differs.columns !== null) return;
  const retyped = (columns ?? []).some((column) => world.isChanged(table, column, 'type'));
  const sure = !world.isDirty(table) && !retyped;
  const index = unless === null ? null : { schema: table.schema, name: unless };
  walk.ask({ kind: 'unique', table, differs: { ...differs, columns }, unless: index }, sure);
}

/** Columns by the names that they have now; null if one of them is not there. */
function inTable({ world }: Simulation, table: RelationName, columns: readonly string[]): string[] | null {
  const live = columns.map((column) => world.column(table, column)).filter((column) => column !== null);
  return live.length === columns.length ? live : null;
}
