import type { Node } from 'libpg-query';
import type { RelationName } from '../touch.js';
import { type Call, callsIn, dotted, functionBody, nodes, relation, relationIn } from '../tree.js';
import { treesOf } from '../trees.js';
import { keysThatChange } from './forms.js';
import { numbersIn, statementEffects } from './statement.js';
import { effectsOfText } from './text.js';
import { adding, type Effects, joined, on, type UnseenEffect } from './unseen.js';

/**
 * What using an object does beside: reading a view reads its tables, calling a function runs its body, writing rows runs triggers.
 * One from rows is taken by whatever writes them, unless it says whether that adds rows.
 */
export interface Passage {
  readonly from: UnseenEffect;
  readonly to: Effects;
}

/** The passages that SQL makes; none of SQL that does not parse. */
export async function passagesOf(sql: string): Promise<readonly Passage[]> {
  return (await treesOf(sql))?.flatMap(passagesIn) ?? [];
}

function passagesIn(node: Node): Passage[] {
  if ('ViewStmt' in node) {
    const name = relation(node.ViewStmt.view);
    return [...queried(name, node.ViewStmt.query), ...writtenThrough(name, node.ViewStmt.query)];
  }
  if ('CreateTableAsStmt' in node)
    return queried(relation(node.CreateTableAsStmt.into?.rel), node.CreateTableAsStmt.query);
  if ('CreateFunctionStmt' in node) {
    const name = dotted(node.CreateFunctionStmt.funcname);
    return name === null ? [] : [{ from: { on: 'function', ...name }, to: bodyOf(node) }];
  }
  if ('CreateTrigStmt' in node) {
    const table = relation(node.CreateTrigStmt.relation);
    const called = dotted(node.CreateTrigStmt.funcname);
    if (table === null || called === null) return [];
    return [{ from: { on: 'rows', ...table }, to: { writes: [], reads: [{ on: 'function', ...called }] } }];
  }
  if ('CreateStmt' in node || 'AlterTableStmt' in node) {
    const table = relation(('CreateStmt' in node ? node.CreateStmt : node.AlterTableStmt).relation);
    return table === null
      ? []
      : [...computed(table, node), ...cascading(table, node), ...inherited(table, node)];
  }
  if (!('RuleStmt' in node)) return [];
  const table = relation(node.RuleStmt.relation);
  const to = joined((node.RuleStmt.actions ?? []).map(statementEffects));
  return table === null ? [] : [{ from: { on: 'rows', ...table }, to }];
}

/** Rows of a table get what its defaults call. */
function computed(table: RelationName, node: Node): Passage[] {
  const found: Call[] = [];
  for (const [kind, value] of nodes(node))
    if (kind === 'Constraint' && /^CONSTR_(DEFAULT|GENERATED)$/.test(String(value.contype)))
      found.push(...callsIn(value.raw_expr));
    else if (kind === 'AlterTableCmd' && value.subtype === 'AT_ColumnDefault')
      found.push(...callsIn(value.def));
  const reads = found.flatMap(({ called }) => on('function', called));
  if (reads.length === 0) return [];
  return [{ from: { on: 'rows', ...table }, to: { writes: found.flatMap(numbersIn), reads } }];
}

/** Rows that change with those that they refer to. */
function cascading(table: RelationName, node: Node): Passage[] {
  return keysThatChange(node).map(({ verbs: _, ...name }) => ({
    from: { on: 'rows', ...name, adds: false },
    to: {
      writes: on('rows', table),
      reads: on('form', table).map((one) => ({ ...one, verbs: ['update', 'delete'] })),
    },
  }));
}

/** The rows of a table that inherits, and those of a partition, are rows of its parent too. */
function inherited(table: RelationName, node: Node): Passage[] {
  const pairs: (readonly [parent: RelationName | null, child: RelationName | null])[] = [];
  if ('CreateStmt' in node)
    for (const parent of node.CreateStmt.inhRelations ?? []) pairs.push([relationIn(parent), table]);
  if ('AlterTableStmt' in node)
    for (const one of node.AlterTableStmt.cmds ?? []) {
      const { subtype, def } = 'AlterTableCmd' in one ? one.AlterTableCmd : {};
      if (subtype === 'AT_AddInherit') pairs.push([relationIn(def), table]);
      if (subtype === 'AT_AttachPartition' && def !== undefined && 'PartitionCmd' in def)
        pairs.push([table, relation(def.PartitionCmd.name)]);
    }
  return pairs.flatMap(([parent, child]): Passage[] =>
    parent === null || child === null
      ? []
      : [
          ...sharing(parent, child),
          { from: { on: 'form', ...child }, to: { writes: [], reads: on('form', parent) } },
        ],
  );
}

/** Whoever reads or writes the rows of one does it to those of the other, as these come to be. */
function sharing(one: RelationName, other: RelationName): Passage[] {
  const rows = on('rows', other);
  return [
    { from: { on: 'form', ...one }, to: { writes: [], reads: on('form', other) } },
    { from: { on: 'view', ...one }, to: { writes: [], reads: rows } },
    { from: { on: 'rows', ...one, adds: false }, to: { writes: rows, reads: [] } },
    { from: { on: 'rows', ...one, adds: true }, to: { writes: adding(rows), reads: [] } },
  ];
}

/** A view over rows takes rows itself. */
function writtenThrough(name: RelationName | null, query: Node | undefined): Passage[] {
  if (name === null || query === undefined) return [];
  return statementEffects(query).reads.flatMap(({ on: kind, schema, name: table }) =>
    kind === 'rows' ? sharing(name, { schema, name: table }) : [],
  );
}

function queried(name: ReturnType<typeof relation>, query: Node | undefined): Passage[] {
  if (name === null || query === undefined) return [];
  return [{ from: { on: 'view', ...name }, to: { writes: [], reads: statementEffects(query).reads } }];
}

const CALL = /([A-Za-z_][\w$]*)\s*\(/g;

/** A body is text, in whatever language: what its words name, and what it may call. */
function bodyOf(node: Node): Effects {
  const body = functionBody(node);
  const called = [...body.matchAll(CALL)].map(
    ([, name = '']): UnseenEffect => ({ on: 'function', schema: null, name: name.toLowerCase() }),
  );
  const { writes, reads } = effectsOfText(body);
  return { writes, reads: [...reads, ...called] };
}
