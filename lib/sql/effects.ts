import type { Node, RangeVar } from 'libpg-query';
import type { RelationName, Touch } from './touch.js';
import { touchesOf } from './touches.js';
import { codeOf, dotted, named, nameIn, nodes, relation, text } from './tree.js';
import { treesOf } from './trees.js';

/**
 * What a statement leaves behind, or looks at, that the shape of the schema does not show, or does not show all of: rows of a
 * table, the query of a view, the numbers of a sequence, a body. `properties` are owners, storage and options.
 */
export interface UnseenEffect extends RelationName {
  readonly on:
    | 'rows'
    | 'view'
    | 'sequence'
    | 'function'
    | 'rule'
    | 'policy'
    | 'rights'
    | 'properties'
    | 'publication';
  /** Rows that are only added: two that only add end in the same rows, in whatever order, unless the table numbers them. */
  readonly adds?: boolean;
}

/** What shares its names, and is read alike. */
const RELATIONS: ReadonlySet<UnseenEffect['on']> = new Set(['rows', 'view', 'sequence']);

/** What running a piece of SQL or code depends on, and what it leaves behind. */
export interface Effects {
  readonly writes: readonly UnseenEffect[];
  readonly reads: readonly UnseenEffect[];
}

/** The effects of SQL that parses; of SQL that does not, what its words say. */
export async function effectsOfSql(sql: string): Promise<Effects> {
  const trees = await treesOf(sql);
  if (trees === null) return effectsOfText(sql);
  const { writes, reads } = joined(trees.map(statementEffects));
  const temporary = new Set(trees.flatMap(temporaries));
  const lasting = ({ on: kind, schema, name }: UnseenEffect): boolean =>
    schema !== 'pg_temp' && !(RELATIONS.has(kind) && schema === null && temporary.has(name));
  return { writes: writes.filter(lasting), reads: reads.filter(lasting) };
}

const temporaries = (node: Node): string[] =>
  touchesOf(node).flatMap((touch) => (touch.kind === 'create' && touch.temporary ? [touch.name.name] : []));

export function joined(all: readonly Effects[]): Effects {
  return { writes: all.flatMap(({ writes }) => writes), reads: all.flatMap(({ reads }) => reads) };
}

/**
 * The first thing that one writes and the other reads or writes: in another order they end otherwise.
 * @param isNumbered whether a table may number its rows
 */
export function clash(
  one: Effects,
  other: Effects,
  isNumbered: (table: RelationName) => boolean,
): UnseenEffect | null {
  const meets = (some: readonly UnseenEffect[], more: readonly UnseenEffect[]): UnseenEffect | undefined =>
    some.find((effect) =>
      more.some(
        (found) =>
          isSame(effect, found) && !(effect.adds === true && found.adds === true && !isNumbered(effect)),
      ),
    );
  return (
    meets(one.writes, other.writes) ??
    meets(one.writes, other.reads) ??
    meets(other.writes, one.reads) ??
    null
  );
}

/** A name without a schema is found by the search path, so it may be in any. */
export function isSame(one: UnseenEffect, other: UnseenEffect): boolean {
  const schemas = one.schema === other.schema || one.schema === null || other.schema === null;
  const kinds = one.on === other.on || (RELATIONS.has(one.on) && RELATIONS.has(other.on));
  return kinds && one.name === other.name && schemas;
}

const on = (kind: UnseenEffect['on'], name: RelationName | null): UnseenEffect[] =>
  name === null ? [] : [{ on: kind, ...name }];

/** The effects of one statement. */
export function statementEffects(node: Node): Effects {
  if ('DoStmt' in node) return effectsOfText(codeOf(node));
  const touches = touchesOf(node);
  const isPlain = 'InsertStmt' in node && node.InsertStmt.onConflictClause === undefined;
  return {
    writes: [...touches.flatMap((touch) => writing(touch, isPlain)), ...defining(node)],
    reads: [...touches.flatMap(reading), ...calling(node), ...granting(node, false)],
  };
}

function writing(touch: Touch, isPlainInsert: boolean): UnseenEffect[] {
  switch (touch.kind) {
    case 'rows':
      if (touch.verb === 'insert' && isPlainInsert) return [{ on: 'rows', ...touch.table, adds: true }];
      return touch.verb === 'select' ? [] : on('rows', touch.table);
    case 'truncate':
      return on('rows', touch.table);
    case 'refresh':
      return on('rows', touch.view);
    case 'create':
      if (touch.object === 'view' || touch.object === 'matview') return on('view', touch.name);
      return touch.object === 'function' ? on('function', touch.name) : [];
    case 'drop':
      return touch.object === 'view' || touch.object === 'matview' ? on('view', touch.name) : [];
    case 'alter':
      return touch.alterations.flatMap((one) => {
        if (one.kind === 'type') return one.converts ? on('rows', touch.table) : [];
        return one.kind === 'owner' ? on('properties', touch.table) : [];
      });
    default:
      return [];
  }
}

function reading(touch: Touch): UnseenEffect[] {
  if (touch.kind === 'refresh') return on('rows', touch.view);
  return touch.kind === 'rows' && touch.verb === 'select' ? on('rows', touch.table) : [];
}

/** What a statement gives another definition that is not, or not wholly, a fact. */
function defining(node: Node): UnseenEffect[] {
  if ('DropStmt' in node) {
    const { objects = [], removeType } = node.DropStmt;
    if (/^OBJECT_(FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)$/.test(removeType ?? ''))
      return objects.flatMap((one) => on('function', signed(one)));
    if (removeType === 'OBJECT_PUBLICATION') return objects.flatMap((one) => on('publication', named(one)));
    const part = removeType === 'OBJECT_RULE' ? 'rule' : removeType === 'OBJECT_POLICY' ? 'policy' : null;
    return part === null ? [] : objects.flatMap((one) => on(part, named(one)));
  }
  if ('AlterFunctionStmt' in node) return on('function', dotted(node.AlterFunctionStmt.func?.objname));
  if ('RuleStmt' in node) return on('rule', partOf(node.RuleStmt.relation, node.RuleStmt.rulename));
  if ('CreatePolicyStmt' in node)
    return on('policy', partOf(node.CreatePolicyStmt.table, node.CreatePolicyStmt.policy_name));
  if ('AlterPolicyStmt' in node)
    return on('policy', partOf(node.AlterPolicyStmt.table, node.AlterPolicyStmt.policy_name));
  if ('CreatePublicationStmt' in node) return publication(node.CreatePublicationStmt.pubname);
  if ('AlterPublicationStmt' in node) return publication(node.AlterPublicationStmt.pubname);
  if ('AlterSeqStmt' in node) return on('sequence', relation(node.AlterSeqStmt.sequence));
  if ('AlterTableStmt' in node) return properties(node);
  if ('CopyStmt' in node && node.CopyStmt.is_from === true)
    return on('rows', relation(node.CopyStmt.relation));
  if ('SelectStmt' in node) return numbered(node);
  return granting(node, true);
}

const publication = (name: string | undefined): UnseenEffect[] =>
  name === undefined ? [] : on('publication', { schema: null, name });

const partOf = (table: RangeVar | undefined, part: string | undefined): RelationName | null =>
  part === undefined ? null : { schema: table?.relname ?? null, name: part };

/** `f(int)` as an object that is dropped. */
const signed = (node: Node): RelationName | null =>
  'ObjectWithArgs' in node ? dotted(node.ObjectWithArgs.objname) : named(node);

const PROPERTY =
  /^AT_(SetRelOptions|ResetRelOptions|ReplaceRelOptions|ReplicaIdentity|SetStatistics|SetOptions|ResetOptions|SetStorage|SetCompression|SetLogged|SetUnLogged|ClusterOn|DropCluster|SetTableSpace)$/;

function properties(node: Node): UnseenEffect[] {
  if (!('AlterTableStmt' in node)) return [];
  const { relation: range, cmds = [] } = node.AlterTableStmt;
  const hidden = cmds.some((one) => 'AlterTableCmd' in one && PROPERTY.test(one.AlterTableCmd.subtype ?? ''));
  return hidden ? on('properties', relation(range)) : [];
}

/** `setval('numbers', …)` at the top of a SELECT. */
function numbered(node: Node): UnseenEffect[] {
  const found: UnseenEffect[] = [];
  for (const [kind, call] of nodes(node)) {
    if (kind !== 'FuncCall' || text((call.funcname as Node[]).at(-1)) !== 'setval') continue;
    for (const [inner, value] of nodes(call.args)) {
      const { sval } = (inner === 'A_Const' ? value : {}) as { sval?: { sval?: string } };
      if (sval?.sval !== undefined) found.push(...on('sequence', nameIn(sval.sval)));
    }
  }
  return found;
}

/** Functions that statements over rows call; the body of a view or function is looked at when it is used. */
function calling(node: Node): UnseenEffect[] {
  if (!/^(Select|Insert|Update|Delete|Merge|Call|CreateTableAs)Stmt$/.test(Object.keys(node)[0] ?? ''))
    return [];
  const found: UnseenEffect[] = [];
  for (const [kind, value] of nodes(node))
    if (kind === 'FuncCall') found.push(...on('function', dotted(value.funcname as Node[])));
  return found;
}

/** GRANTs add up in any order; a REVOKE takes away what was given before. */
function granting(node: Node, revokes: boolean): UnseenEffect[] {
  if (!('GrantStmt' in node) || (node.GrantStmt.is_grant !== true) !== revokes) return [];
  const { objects = [] } = node.GrantStmt;
  return objects.flatMap((one) => on('rights', 'RangeVar' in one ? relation(one.RangeVar) : signed(one)));
}

const NAME = String.raw`\s+((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)`;
const WRITTEN: readonly (readonly [UnseenEffect['on'], RegExp])[] = [
  [
    'rows',
    new RegExp(
      String.raw`\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?|REFRESH\s+MATERIALIZED\s+VIEW(?:\s+CONCURRENTLY)?)${NAME}`,
      'gi',
    ),
  ],
  ['view', new RegExp(String.raw`\bVIEW(?:\s+IF\s+(?:NOT\s+)?EXISTS)?${NAME}`, 'gi')],
  ['function', new RegExp(String.raw`\b(?:FUNCTION|PROCEDURE)(?:\s+IF\s+EXISTS)?${NAME}`, 'gi')],
  // What the tables of code are called: `db.update('item', …)`, `batches({ table: 'item' })`.
  ['rows', /\bdb\s*\.\s*\w+\(\s*['"`]([\w.]+)['"`]/g],
  ['rows', /\btable\s*:\s*['"`]([\w.]+)['"`]/g],
];
const READ = new RegExp(String.raw`\b(?:FROM|JOIN|USING)${NAME}`, 'gi');

/** The effects that the words of code name, in DO blocks and programs: more rather than less. */
export function effectsOfText(code: string): Effects {
  const found = (kind: UnseenEffect['on'], pattern: RegExp): UnseenEffect[] =>
    [...code.matchAll(pattern)].flatMap(([, name = '']) => on(kind, nameIn(name)));
  return {
    writes: WRITTEN.flatMap(([kind, pattern]) => found(kind, pattern)),
    reads: found('rows', READ),
  };
}
