import type { Node, RangeVar } from 'libpg-query';
import type { RelationName, Touch } from '../touch.js';
import { touchesOf } from '../touches.js';
import {
  type Call,
  callsIn,
  codeOf,
  constantsIn,
  dotted,
  kindOf,
  named,
  nameIn,
  relation,
  relationIn,
  signed,
} from '../tree.js';
import { treesOf } from '../trees.js';
import { namesChanged, namesFound } from './catalog.js';
import { columnsAdded, columnsCounted, formsChanged, formsUsed } from './forms.js';
import { rightsChanged, rightsFound } from './rights.js';
import { effectsOfText } from './text.js';
import { ANYTHING, adding, type Effects, joined, on, RELATIONS, type UnseenEffect } from './unseen.js';

/** The effects of SQL that parses; of SQL that does not, what its words say. */
export async function effectsOfSql(sql: string): Promise<Effects> {
  const trees = await treesOf(sql);
  if (trees === null) return effectsOfText(sql);
  const { writes, reads } = joined(trees.map(statementEffects));
  const temporary = new Set(trees.flatMap(temporaries));
  const lasting = ({ on: kind, schema, name }: UnseenEffect): boolean =>
    schema !== 'pg_temp' &&
    !(
      schema === null &&
      (RELATIONS.has(kind) || OF_NAMES.has(kind)) &&
      temporary.has(OF_NAMES.has(kind) ? (name.split('.')[0] as string) : name)
    );
  return { writes: writes.filter(lasting), reads: reads.filter(lasting) };
}

/** A part is named with its table. */
const OF_NAMES: ReadonlySet<UnseenEffect['on']> = new Set(['catalog', 'definition']);

const temporaries = (node: Node): string[] =>
  touchesOf(node).flatMap((touch) => (touch.kind === 'create' && touch.temporary ? [touch.name.name] : []));

/** The effects of one statement. */
export function statementEffects(node: Node): Effects {
  if ('DoStmt' in node) return effectsOfText(codeOf(node));
  const touches = touchesOf(node);
  const isPlain = 'InsertStmt' in node && node.InsertStmt.onConflictClause === undefined;
  return {
    writes: [
      ...touches.flatMap((touch) => writing(touch, isPlain)),
      ...defining(node),
      ...drawing(node),
      ...formsChanged(node).flatMap((name) => on('form', name)),
      ...truncating(node),
      ...rightsChanged(node),
      ...columnsAdded(node).flatMap((name) => on('order', name)),
      ...namesChanged(node, touches),
    ],
    reads: [
      ...touches.flatMap(reading),
      ...formsUsed(touches, node).flatMap((name) => on('form', name)),
      ...columnsCounted(node).flatMap((name) => on('order', name)),
      ...namesFound(node, touches),
      ...calling(node),
      ...rightsFound(node),
      ...(OVER_ROWS.test(kindOf(node)) ? [] : EVENTS),
    ],
  };
}

/** CASCADE empties tables that no text names; numbers begin again with RESTART IDENTITY. */
function truncating(node: Node): UnseenEffect[] {
  if (!('TruncateStmt' in node)) return [];
  const { behavior, restart_seqs, relations = [] } = node.TruncateStmt;
  const all = behavior === 'DROP_CASCADE' ? on('rows', ANYTHING) : [];
  const tables = relations.flatMap((one) => relationIn(one) ?? []);
  return [
    ...all,
    ...(restart_seqs === true
      ? tables.map((name) => ({ on: 'form' as const, ...name, verbs: ['insert'] }))
      : []),
  ];
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

/** Every definition is one for event triggers, whatever it is of. */
const EVENTS = on('events', ANYTHING);

/** What a statement gives another definition that is not, or not wholly, a fact. */
function defining(node: Node): UnseenEffect[] {
  if ('DropStmt' in node) {
    const { objects = [], removeType } = node.DropStmt;
    if (/^OBJECT_(FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)$/.test(removeType ?? ''))
      return objects.flatMap((one) => on('function', signed(one)));
    if (removeType === 'OBJECT_EVENT_TRIGGER') return EVENTS;
    if (removeType === 'OBJECT_PUBLICATION') return objects.flatMap((one) => on('publication', named(one)));
    const part = removeType === 'OBJECT_RULE' ? 'rule' : removeType === 'OBJECT_POLICY' ? 'policy' : null;
    return part === null ? [] : objects.flatMap((one) => on(part, named(one)));
  }
  if ('CommentStmt' in node) return on('comment', signed(node.CommentStmt.object));
  if ('AlterEnumStmt' in node) return on('values', dotted(node.AlterEnumStmt.typeName));
  if ('CreateEventTrigStmt' in node || 'AlterEventTrigStmt' in node) return EVENTS;
  if ('AlterFunctionStmt' in node) {
    const name = dotted(node.AlterFunctionStmt.func?.objname);
    return [...on('function', name), ...on('properties', name)];
  }
  // A body that is parsed has no text to be compared.
  if ('CreateFunctionStmt' in node && node.CreateFunctionStmt.sql_body !== undefined)
    return on('properties', dotted(node.CreateFunctionStmt.funcname));
  if ('RuleStmt' in node) return on('rule', partOf(node.RuleStmt.relation, node.RuleStmt.rulename));
  if ('CreatePolicyStmt' in node)
    return on('policy', partOf(node.CreatePolicyStmt.table, node.CreatePolicyStmt.policy_name));
  if ('AlterPolicyStmt' in node)
    return on('policy', partOf(node.AlterPolicyStmt.table, node.AlterPolicyStmt.policy_name));
  if ('CreatePublicationStmt' in node) return publication(node.CreatePublicationStmt.pubname);
  if ('AlterPublicationStmt' in node) {
    const { pubname, action } = node.AlterPublicationStmt;
    return action === 'AP_AddObjects' ? adding(publication(pubname)) : publication(pubname);
  }
  if ('AlterOwnerStmt' in node) return on('properties', signed(node.AlterOwnerStmt.object));
  if ('DefineStmt' in node) return on('function', dotted(node.DefineStmt.defnames));
  if ('AlterSeqStmt' in node) return on('sequence', relation(node.AlterSeqStmt.sequence));
  if ('AlterTableStmt' in node) return properties(node);
  if ('CopyStmt' in node && node.CopyStmt.is_from === true)
    return on('rows', relation(node.CopyStmt.relation));
  return [];
}

const publication = (name: string | undefined): UnseenEffect[] =>
  name === undefined ? [] : on('publication', { schema: null, name });

const partOf = (table: RangeVar | undefined, part: string | undefined): RelationName | null =>
  part === undefined ? null : { schema: table?.relname ?? null, name: part };

const PROPERTY =
  /^AT_(SetRelOptions|ResetRelOptions|ReplaceRelOptions|ReplicaIdentity|SetStatistics|SetOptions|ResetOptions|SetStorage|SetCompression|SetLogged|SetUnLogged|ClusterOn|DropCluster|SetTableSpace)$/;

function properties(node: Node): UnseenEffect[] {
  if (!('AlterTableStmt' in node)) return [];
  const { relation: range, cmds = [] } = node.AlterTableStmt;
  const hidden = cmds.some((one) => 'AlterTableCmd' in one && PROPERTY.test(one.AlterTableCmd.subtype ?? ''));
  return hidden ? on('properties', relation(range)) : [];
}

/** `setval('numbers', …)`, and `nextval('numbers')` where it is called, not where it is made a default. */
function drawing(node: Node): UnseenEffect[] {
  if (!OVER_ROWS.test(kindOf(node))) return [];
  return callsIn(node).flatMap(numbersIn);
}

/** The sequence of a call of `setval` or `nextval`, where its name stands there. */
export function numbersIn({ called, args }: Call): UnseenEffect[] {
  if (!/^(setval|nextval)$/.test(called?.name ?? '')) return [];
  return constantsIn(args).flatMap((name) => on('sequence', nameIn(name)));
}

const OVER_ROWS = /^(Select|Insert|Update|Delete|Merge|Call|CreateTableAs)Stmt$/;

/** Functions that statements over rows call; the body of a view or function is looked at when it is used. */
function calling(node: Node): UnseenEffect[] {
  // ADD COLUMN … DEFAULT f(), TYPE … USING f(x), an index of what f(x) was for each row
  if (!OVER_ROWS.test(kindOf(node)) && !('AlterTableStmt' in node || 'IndexStmt' in node)) return [];
  return callsIn(node).flatMap(({ called }) => on('function', called));
}
