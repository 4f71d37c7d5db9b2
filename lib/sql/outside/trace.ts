import type { Node, RangeVar } from 'libpg-query';

/** A name as a statement has it. */
export interface StatementName {
  readonly schema: string | null;
  readonly name: string;
}

/**
 * What a statement that PostgreSQL refuses in a transaction leaves behind: by it a later run judges whether it was finished by one
 * that heard no answer. Names are found by the search path, as the statement finds them.
 */
export type Trace =
  /** An index that is built concurrently; without a name, PostgreSQL gives it one. Unfinished, it is there and invalid. */
  | { readonly kind: 'index'; readonly name: string | null; readonly table: StatementName }
  /** An index that is gone when it is finished. */
  | { readonly kind: 'no index'; readonly index: StatementName }
  /** Indexes that are rebuilt beside the old ones. Null: of more than one table. */
  | { readonly kind: 'reindex'; readonly relation: StatementName | null }
  | { readonly kind: 'detached'; readonly parent: StatementName; readonly partition: StatementName }
  /** What belongs to no schema: there when it is finished, or gone. */
  | {
      readonly kind: 'database' | 'tablespace' | 'subscription';
      readonly name: string;
      readonly there: boolean;
    }
  /** It does the same when it runs again: VACUUM, CLUSTER, ALTER SYSTEM. */
  | { readonly kind: 'same again' };

/** The trace of a statement that can't run in a transaction; null where nothing tells. */
export function traceOf(node: Node): Trace | null {
  if ('IndexStmt' in node) {
    const { idxname, relation } = node.IndexStmt;
    return relation === undefined ? null : { kind: 'index', name: idxname || null, table: nameOf(relation) };
  }
  if ('DropStmt' in node) {
    const index = listed(node.DropStmt.objects?.[0]);
    return index === null ? null : { kind: 'no index', index };
  }
  if ('ReindexStmt' in node) {
    const { relation } = node.ReindexStmt;
    return { kind: 'reindex', relation: relation === undefined ? null : nameOf(relation) };
  }
  if ('AlterTableStmt' in node) return detachedOf(node.AlterTableStmt.relation, node.AlterTableStmt.cmds);
  if (SAME_AGAIN.some((one) => one in node)) return { kind: 'same again' };
  return sharedOf(node);
}

const SAME_AGAIN = ['VacuumStmt', 'ClusterStmt', 'AlterSystemStmt', 'AlterDatabaseStmt'];

function sharedOf(node: Node): Trace | null {
  const trace = (
    kind: 'database' | 'tablespace' | 'subscription',
    name: string | undefined,
    there: boolean,
  ) => (name === undefined ? null : ({ kind, name, there } as const));
  if ('CreatedbStmt' in node) return trace('database', node.CreatedbStmt.dbname, true);
  if ('DropdbStmt' in node) return trace('database', node.DropdbStmt.dbname, false);
  if ('CreateTableSpaceStmt' in node)
    return trace('tablespace', node.CreateTableSpaceStmt.tablespacename, true);
  if ('DropTableSpaceStmt' in node) return trace('tablespace', node.DropTableSpaceStmt.tablespacename, false);
  if ('CreateSubscriptionStmt' in node)
    return trace('subscription', node.CreateSubscriptionStmt.subname, true);
  if ('DropSubscriptionStmt' in node) return trace('subscription', node.DropSubscriptionStmt.subname, false);
  if (!('AlterSubscriptionStmt' in node)) return null;
  // To add a publication twice, or to drop it twice, fails.
  return /_(ADD|DROP)_PUBLICATION$/.test(node.AlterSubscriptionStmt.kind ?? '')
    ? null
    : { kind: 'same again' };
}

function detachedOf(parent: RangeVar | undefined, commands: readonly Node[] | undefined): Trace | null {
  const command = commands?.[0];
  const def = command !== undefined && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
  const partition = def !== undefined && 'PartitionCmd' in def ? def.PartitionCmd.name : undefined;
  if (parent === undefined || partition === undefined) return null;
  return { kind: 'detached', parent: nameOf(parent), partition: nameOf(partition) };
}

const nameOf = ({ schemaname, relname }: RangeVar): StatementName => ({
  schema: schemaname || null,
  name: relname ?? '',
});

function listed(node: Node | undefined): StatementName | null {
  if (node === undefined || !('List' in node)) return null;
  const names = (node.List.items ?? []).map((item) => ('String' in item ? (item.String.sval ?? '') : ''));
  const name = names.at(-1);
  return name === undefined ? null : { schema: names.at(-2) ?? null, name };
}
