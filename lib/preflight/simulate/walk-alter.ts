import type { Alteration, ForeignKey, RelationName } from '../../sql/touch.js';
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
      if (rewrites !== null) walk.ask({ kind: 'rewrite', table, column, why: rewrites, ifNotExists });
      if (one.required && !world.isEmptied(table))
        walk.ask({ kind: 'required', table, column, ifNotExists }, !world.isDirty(table));
      if (foreignKey !== null) addForeignKey(walk, table, foreignKey, true);
      if (!ifNotExists) world.setColumn(table, column, null);
      return;
    }
    case 'drop-column': {
      const column = world.column(table, one.column);
      if (column !== null && !world.isEmptied(table))
        walk.ask({ kind: 'loss', how: 'column', table, column });
      world.setColumn(table, one.column, null);
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
    case 'check':
      world.check(table);
      return;
    default:
      return;
  }
}

function addForeignKey(walk: Simulation, table: RelationName, key: ForeignKey, isNew: boolean): void {
  const { world } = walk;
  const target = world.live(key.target);
  if (target === null) return;
  walk.ask({ kind: 'right', right: 'references', table: target });
  walk.lock(target);
  if (world.isEmptied(table) || world.isEmptied(target)) return;
  // A new column that stays empty refers to nothing.
  if (isNew && typeof key.filledWith !== 'string') return;
  const columns = isNew ? key.columns : inTable(walk, table, key.columns);
  const targetColumns = key.targetColumns === null ? null : inTable(walk, target, key.targetColumns);
  if (columns === null || (targetColumns === null && key.targetColumns !== null)) return;
  const sure = !world.isDirty(table) && !world.isDirty(target);
  walk.ask({ kind: 'foreign-key', table, key: { ...key, target, columns, targetColumns } }, sure);
}

/** Columns by the names that they have now; null if one of them is not there. */
function inTable({ world }: Simulation, table: RelationName, columns: readonly string[]): string[] | null {
  const live = columns.map((column) => world.column(table, column)).filter((column) => column !== null);
  return live.length === columns.length ? live : null;
}
