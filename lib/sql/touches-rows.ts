import type { Node, RangeVar } from 'libpg-query';
import type { Touch, Verb } from './touch.js';
import { type Call, callsIn, kindOf, nodes, relation, relationIn } from './tree.js';

/** Called at the top of a statement, these change nothing that later statements look at. */
const HARMLESS: ReadonlySet<string> = new Set([
  'set_config',
  'setval',
  'nextval',
  'pg_sleep',
  'now',
  'count',
  'max',
  'min',
  'sum',
  'coalesce',
  'version',
]);

const WRITES: Readonly<Record<string, Verb>> = {
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
};

/** Rows that a statement reads and writes, wherever in it; and whether it calls code for what that does. */
export function rowTouches(node: Node): Touch[] {
  // A new cast may let pass what is held to fail.
  if ('DoStmt' in node || 'CallStmt' in node || 'ExecuteStmt' in node || 'CreateCastStmt' in node)
    return [{ kind: 'opaque' }];
  if ('TruncateStmt' in node)
    return (node.TruncateStmt.relations ?? []).flatMap((range): Touch[] => {
      const table = relationIn(range);
      return table === null ? [] : [{ kind: 'truncate', table }];
    });
  const query = queryOf(node);
  if (query === null) return [];
  return [...rows(query), ...('SelectStmt' in node ? selected(node) : [])];
}

/** A view is made without a look at the rows. */
function queryOf(node: Node): Node | null {
  if ('CreateTableAsStmt' in node) return node.CreateTableAsStmt.query ?? null;
  const isQuery = /^(Select|Insert|Update|Delete|Merge)Stmt$/.test(kindOf(node));
  return isQuery ? node : null;
}

function rows(query: Node): Touch[] {
  const named = new Set<string>();
  const found: Touch[] = [];
  const touch = (verb: Verb, range: unknown, all = false): void => {
    const table = relation(range as RangeVar | undefined);
    if (table !== null) found.push({ kind: 'rows', verb, table, all });
  };
  for (const [kind, value] of nodes(query)) {
    const verb = WRITES[kind];
    if (kind === 'CommonTableExpr') named.add(String(value.ctename));
    else if (kind === 'RangeVar') touch('select', value);
    else if (kind === 'MergeStmt')
      for (const write of ['insert', 'update', 'delete'] as const) {
        if (merges(value, write)) touch(write, value.relation);
      }
    else if (verb !== undefined) {
      touch(verb, value.relation, verb === 'delete' && value.whereClause === undefined);
      const { action } = (value.onConflictClause ?? {}) as { action?: string };
      if (action === 'ONCONFLICT_UPDATE') touch('update', value.relation);
    }
  }
  return found.filter(
    (one) => !(one.kind === 'rows' && one.table.schema === null && named.has(one.table.name)),
  );
}

function merges(merge: Record<string, unknown>, write: string): boolean {
  const command = `CMD_${write.toUpperCase()}`;
  const clauses = (merge.mergeWhenClauses ?? []) as { MergeWhenClause?: { commandType?: string } }[];
  return clauses.some(({ MergeWhenClause: clause }) => clause?.commandType === command);
}

function selected(node: Node): Touch[] {
  const called = callsIn(node);
  const path = called.some(setsSearchPath);
  const opaque = called.some((call) => !HARMLESS.has(call.called?.name ?? ''));
  return [
    ...(path ? [{ kind: 'search-path' } as const] : []),
    ...(opaque ? [{ kind: 'opaque' } as const] : []),
  ];
}

function setsSearchPath({ called, args: [first] }: Call): boolean {
  if (called?.name !== 'set_config' || first === undefined) return false;
  return 'A_Const' in first && first.A_Const.sval?.sval === 'search_path';
}
