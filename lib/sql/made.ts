import type { Node } from 'libpg-query';
import type { RelationName } from './touch.js';
import { constraintsOf } from './touches-alter.js';
import { codeOf, dotted, nameIn, relation } from './tree.js';
import { treesOf } from './trees.js';

/**
 * An object that a statement makes, whether or not it was there before: OR REPLACE, IF NOT EXISTS, or behind a DROP. `parts` are
 * the columns, constraints and the like that come with it; null: all of them.
 */
export interface MadeObject extends RelationName {
  readonly of: 'relation' | 'function' | 'index' | 'sequence' | 'type' | 'part' | 'schema' | 'extension';
  readonly parts: readonly string[] | null;
}

/** What SQL makes; of SQL that does not parse, what its words say. */
export async function madeBySql(sql: string): Promise<readonly MadeObject[]> {
  const trees = await treesOf(sql);
  return trees === null ? madeByText(sql) : trees.flatMap(madeBy);
}

const make = (
  of: MadeObject['of'],
  name: RelationName | null,
  parts: MadeObject['parts'] = null,
): MadeObject[] => (name === null || name.name === '' ? [] : [{ of, ...name, parts }]);

/** What one statement makes. */
export function madeBy(node: Node): readonly MadeObject[] {
  if ('DoStmt' in node) return madeByText(codeOf(node));
  if ('CreateStmt' in node) return make('relation', relation(node.CreateStmt.relation), columns(node));
  if ('ViewStmt' in node) return make('relation', relation(node.ViewStmt.view));
  if ('CreateTableAsStmt' in node) return make('relation', relation(node.CreateTableAsStmt.into?.rel));
  if ('CreateFunctionStmt' in node) return make('function', dotted(node.CreateFunctionStmt.funcname));
  if ('CreateSeqStmt' in node) return make('sequence', relation(node.CreateSeqStmt.sequence));
  if ('CreateEnumStmt' in node) return make('type', dotted(node.CreateEnumStmt.typeName));
  if ('CreateDomainStmt' in node) return make('type', dotted(node.CreateDomainStmt.domainname));
  if ('CreateRangeStmt' in node) return make('type', dotted(node.CreateRangeStmt.typeName));
  if ('CompositeTypeStmt' in node) return make('type', relation(node.CompositeTypeStmt.typevar));
  if ('CreateSchemaStmt' in node)
    return make('schema', { schema: null, name: node.CreateSchemaStmt.schemaname ?? '' });
  if ('CreateExtensionStmt' in node)
    return make('extension', { schema: null, name: node.CreateExtensionStmt.extname ?? '' });
  if ('IndexStmt' in node)
    return make('index', {
      schema: relation(node.IndexStmt.relation)?.schema ?? null,
      name: node.IndexStmt.idxname ?? '',
    });
  return partsOf(node);
}

/** Columns, constraints, triggers, policies and rules stand on a relation. */
function partsOf(node: Node): readonly MadeObject[] {
  if ('CreateTrigStmt' in node)
    return make('part', relation(node.CreateTrigStmt.relation), [node.CreateTrigStmt.trigname ?? '']);
  if ('CreatePolicyStmt' in node)
    return make('part', relation(node.CreatePolicyStmt.table), [node.CreatePolicyStmt.policy_name ?? '']);
  if ('RuleStmt' in node)
    return make('part', relation(node.RuleStmt.relation), [node.RuleStmt.rulename ?? '']);
  if (!('AlterTableStmt' in node)) return [];
  const { relation: range, cmds = [] } = node.AlterTableStmt;
  const added = cmds.flatMap((one) => {
    const { subtype, def } = 'AlterTableCmd' in one ? one.AlterTableCmd : {};
    if (subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def)
      return [def.ColumnDef.colname ?? '', ...named(constraintsOf(def.ColumnDef))];
    const constraint = subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def;
    return constraint ? named([def.Constraint]) : [];
  });
  return added.length === 0 ? [] : make('part', relation(range), added);
}

const named = (constraints: readonly { conname?: string }[]): string[] =>
  constraints.flatMap(({ conname }) => conname ?? []);

/** The columns and named constraints of a new table; constraints without a name get one that begins with the table's. */
function columns(node: Node): readonly string[] | null {
  if (!('CreateStmt' in node)) return null;
  const { tableElts = [], relation: range } = node.CreateStmt;
  const parts = tableElts.flatMap((part) => {
    if ('ColumnDef' in part) return [part.ColumnDef.colname ?? '', ...named(constraintsOf(part.ColumnDef))];
    return 'Constraint' in part ? named([part.Constraint]) : [];
  });
  const isListed = tableElts.every((part) => 'ColumnDef' in part || 'Constraint' in part);
  return isListed ? [...parts, `${range?.relname ?? ''}_*`] : null;
}

const WORDS: Readonly<Record<string, MadeObject['of']>> = {
  table: 'relation',
  view: 'relation',
  function: 'function',
  procedure: 'function',
  index: 'index',
  sequence: 'sequence',
  type: 'type',
  domain: 'type',
  schema: 'schema',
  extension: 'extension',
};
const NAME = String.raw`((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)`;
const CREATE = new RegExp(
  String.raw`\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:UNIQUE|MATERIALIZED|UNLOGGED)\s+)?(TABLE|VIEW|FUNCTION|PROCEDURE|INDEX|SEQUENCE|TYPE|DOMAIN|SCHEMA|EXTENSION)\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?${NAME}`,
  'gi',
);
const ADD = new RegExp(
  String.raw`\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?${NAME}\s+ADD\s+(?:COLUMN\s+|CONSTRAINT\s+)?(?:IF\s+NOT\s+EXISTS\s+)?${NAME}`,
  'gi',
);

/** What the words of code make, in DO blocks and programs. */
export function madeByText(code: string): readonly MadeObject[] {
  const created = [...code.matchAll(CREATE)].flatMap(([, word = '', name = '']) =>
    make(WORDS[word.toLowerCase()] as MadeObject['of'], nameIn(name)),
  );
  const added = [...code.matchAll(ADD)].flatMap(([, table = '', part = '']) =>
    make('part', nameIn(table), [nameIn(part)?.name ?? '']),
  );
  return [...created, ...added];
}
