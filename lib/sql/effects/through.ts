import type { Node, RangeVar } from 'libpg-query';
import { type Call, callsIn, dotted, functionBody, nodes, relation } from '../tree.js';
import { treesOf } from '../trees.js';
import { numbersIn, statementEffects } from './statement.js';
import { effectsOfText } from './text.js';
import { type Effects, joined, on, type UnseenEffect } from './unseen.js';

/** What using an object does beside: reading a view reads its tables, calling a function runs its body, writing rows runs triggers. */
export interface Passage {
  readonly from: UnseenEffect;
  readonly to: Effects;
}

/** The passages that SQL makes; none of SQL that does not parse. */
export async function passagesOf(sql: string): Promise<readonly Passage[]> {
  return (await treesOf(sql))?.flatMap(passagesIn) ?? [];
}

function passagesIn(node: Node): Passage[] {
  if ('ViewStmt' in node) return queried(relation(node.ViewStmt.view), node.ViewStmt.query);
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
  if ('CreateStmt' in node) return computed(node.CreateStmt.relation, node);
  if ('AlterTableStmt' in node) return computed(node.AlterTableStmt.relation, node);
  if (!('RuleStmt' in node)) return [];
  const table = relation(node.RuleStmt.relation);
  const to = joined((node.RuleStmt.actions ?? []).map(statementEffects));
  return table === null ? [] : [{ from: { on: 'rows', ...table }, to }];
}

/** Rows of a table get what its defaults call. */
function computed(range: RangeVar | undefined, node: Node): Passage[] {
  const table = relation(range);
  const found: Call[] = [];
  for (const [kind, value] of nodes(node))
    if (kind === 'Constraint' && /^CONSTR_(DEFAULT|GENERATED)$/.test(String(value.contype)))
      found.push(...callsIn(value.raw_expr));
    else if (kind === 'AlterTableCmd' && value.subtype === 'AT_ColumnDefault')
      found.push(...callsIn(value.def));
  const reads = found.flatMap(({ called }) => on('function', called));
  if (table === null || reads.length === 0) return [];
  return [{ from: { on: 'rows', ...table }, to: { writes: found.flatMap(numbersIn), reads } }];
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
