import type { DefElem, Node } from 'libpg-query';
import { type Trace, traceOf } from './trace.js';

export type Transactional = 'inside' | 'outside' | 'control';

/** What a parse tree says about a statement, see {@link Statement}. */
export interface Classification {
  readonly node: string;
  readonly transactional: Transactional;
  readonly reason: string | null;
  readonly setting: boolean;
  readonly savepoint: boolean;
  readonly extension: string | null;
  readonly trace: Trace | null;
}

/**
 * Decides by the parse tree whether a statement may run in a transaction: the callers of
 * PreventInTransactionBlock in PostgreSQL 14 to 18. What depends on the database (REINDEX or CLUSTER of a
 * partitioned table, a procedure that commits) can't be seen here and needs `@transaction none`.
 */
export function classify(node: Node): Classification {
  const outside = outsideReason(node);
  const control = outside === null ? controlReason(node) : null;
  return {
    node: Object.keys(node)[0] ?? '',
    transactional: outside !== null ? 'outside' : control !== null ? 'control' : 'inside',
    reason: outside ?? control,
    setting: isSetting(node),
    savepoint: isSavepoint(node),
    extension: 'CreateExtensionStmt' in node ? (node.CreateExtensionStmt.extname ?? null) : null,
    trace: outside === null ? null : traceOf(node),
  };
}

function outsideReason(node: Node): string | null {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent ? 'CREATE INDEX CONCURRENTLY' : null;
  if ('DropStmt' in node) return node.DropStmt.concurrent ? 'DROP INDEX CONCURRENTLY' : null;
  if ('ReindexStmt' in node) return reindexReason(node.ReindexStmt.kind, node.ReindexStmt.params);
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd ? 'VACUUM' : null;
  if ('ClusterStmt' in node) return node.ClusterStmt.relation ? null : 'CLUSTER of all tables';
  if ('CreatedbStmt' in node) return 'CREATE DATABASE';
  if ('DropdbStmt' in node) return 'DROP DATABASE';
  if ('CreateTableSpaceStmt' in node) return 'CREATE TABLESPACE';
  if ('DropTableSpaceStmt' in node) return 'DROP TABLESPACE';
  if ('AlterSystemStmt' in node) return 'ALTER SYSTEM';
  if ('AlterDatabaseStmt' in node) {
    return option(node.AlterDatabaseStmt.options, 'tablespace') ? 'ALTER DATABASE … SET TABLESPACE' : null;
  }
  if ('AlterTableStmt' in node) {
    return (node.AlterTableStmt.cmds ?? []).some(detachesConcurrently)
      ? 'DETACH PARTITION CONCURRENTLY'
      : null;
  }
  return subscriptionReason(node);
}

function reindexReason(kind: string | undefined, params: Node[] | undefined): string | null {
  const whole = /^REINDEX_OBJECT_(SCHEMA|DATABASE|SYSTEM)$/.exec(kind ?? '')?.[1];
  if (whole !== undefined) return `REINDEX ${whole}`;
  return isOn(params, 'concurrently', false) ? 'REINDEX CONCURRENTLY' : null;
}

/** Subscriptions open connections and make slots on another server, which no rollback takes back. */
function subscriptionReason(node: Node): string | null {
  if ('DropSubscriptionStmt' in node) return 'DROP SUBSCRIPTION';
  if ('CreateSubscriptionStmt' in node) {
    const { options } = node.CreateSubscriptionStmt;
    const slot = isOn(options, 'create_slot', isOn(options, 'connect', true));
    return slot ? 'CREATE SUBSCRIPTION that makes its slot' : null;
  }
  if (!('AlterSubscriptionStmt' in node)) return null;
  const { kind, options } = node.AlterSubscriptionStmt;
  if (kind === 'ALTER_SUBSCRIPTION_REFRESH') return 'ALTER SUBSCRIPTION … REFRESH PUBLICATION';
  if (kind === 'ALTER_SUBSCRIPTION_OPTIONS') {
    const slot = option(options, 'failover') ?? option(options, 'two_phase');
    return slot ? `ALTER SUBSCRIPTION … SET (${slot.defname})` : null;
  }
  const publications = kind?.endsWith('_PUBLICATION') && isOn(options, 'refresh', true);
  return publications ? 'ALTER SUBSCRIPTION … PUBLICATION with refresh' : null;
}

function controlReason(node: Node): string | null {
  // It would release the advisory lock of the run, and with it let a second run in.
  if ('DiscardStmt' in node) return node.DiscardStmt.target === 'DISCARD_ALL' ? 'DISCARD ALL' : null;
  if (!('TransactionStmt' in node) || isSavepoint(node)) return null;
  const kind = node.TransactionStmt.kind ?? '';
  const words = kind.replace('TRANS_STMT_', '').replaceAll('_', ' ');
  return words === 'START' || words === 'PREPARE' ? `${words} TRANSACTION` : words;
}

function isSavepoint(node: Node): boolean {
  if (!('TransactionStmt' in node)) return false;
  const kind = node.TransactionStmt.kind;
  return (
    kind === 'TRANS_STMT_SAVEPOINT' || kind === 'TRANS_STMT_RELEASE' || kind === 'TRANS_STMT_ROLLBACK_TO'
  );
}

function isSetting(node: Node): boolean {
  if ('VariableShowStmt' in node) return true;
  if (!('VariableSetStmt' in node)) return false;
  // SET LOCAL and SET TRANSACTION say nothing outside a transaction: there they would be a mistake.
  return node.VariableSetStmt.is_local !== true && node.VariableSetStmt.kind !== 'VAR_SET_MULTI';
}

function detachesConcurrently(command: Node): boolean {
  if (!('AlterTableCmd' in command) || command.AlterTableCmd.subtype !== 'AT_DetachPartition') return false;
  const { def } = command.AlterTableCmd;
  return def !== undefined && 'PartitionCmd' in def && def.PartitionCmd.concurrent === true;
}

function option(options: readonly Node[] | undefined, name: string): DefElem | undefined {
  for (const one of options ?? []) if ('DefElem' in one && one.DefElem.defname === name) return one.DefElem;
  return undefined;
}

/** PostgreSQL's defGetBoolean: named without a value is true. */
function isOn(options: readonly Node[] | undefined, name: string, otherwise: boolean): boolean {
  const found = option(options, name);
  if (found === undefined) return otherwise;
  const { arg } = found;
  if (arg === undefined) return true;
  if ('Boolean' in arg) return arg.Boolean.boolval === true;
  if ('Integer' in arg) return (arg.Integer.ival ?? 0) !== 0;
  return !/^(false|off)$/i.test(wordOf(arg));
}

/** `false` is a keyword and comes as a string; `off` is none and comes as the name of a type. */
function wordOf(arg: Node): string {
  if ('String' in arg) return arg.String.sval ?? '';
  const name = 'TypeName' in arg ? arg.TypeName.names?.at(-1) : undefined;
  return name !== undefined && 'String' in name ? (name.String.sval ?? '') : '';
}
