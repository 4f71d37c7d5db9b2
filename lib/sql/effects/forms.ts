import type { Node, RangeVar } from 'libpg-query';
import type { RelationName, Touch, Verb } from '../touch.js';
import { callsIn, constantsIn, dotted, kindOf, nameIn, nodes, relation, text } from '../tree.js';
import { ANY, ANYTHING } from './unseen.js';

/*
 * What decides how rows come to be: defaults, types, triggers, rules, the name of the table itself. Facts show such a thing, but not
 * whether rows were written before it or after it.
 */

/** A table, and the kinds of statements over rows that it is about; null = all. */
export interface RowForm extends RelationName {
  readonly verbs: readonly FormVerb[] | null;
}

/** `conflict`: an INSERT that looks at unique constraints; `whole`: what takes all columns that there are, as `to_jsonb(t)` does. */
export type FormVerb = Verb | 'conflict' | 'whole';

/** Commands of ALTER TABLE: what rows that are there keep, and rows to come do not have, or are changed by. */
const COMMANDS: readonly (readonly [command: RegExp, verbs: readonly FormVerb[] | null])[] = [
  [/^AT_((?:Cooked)?ColumnDefault|(?:Add|Set|Drop)Identity)$/, ['insert']],
  [/^AT_DropConstraint$/, ['conflict']],
  [/^AT_(Add|Drop)Column$/, ['whole']],
  [
    /^AT_(AlterColumnType|(?:Set|Drop)Expression|(?:Enable|Disable)(?:Always|Replica)?(?:Trig|Rule)\w*|(?:Add|Drop)Inherit|AttachPartition|DetachPartition\w*)$/,
    null,
  ],
];

/** Tables of which a statement changes how their rows come to be. */
export function formsChanged(node: Node): RowForm[] {
  const found: (RowForm | null)[] = keysThatChange(node);
  const add = (name: RelationName | null, verbs: RowForm['verbs']): void => {
    if (name !== null) found.push({ ...name, verbs });
  };
  if ('CreateTrigStmt' in node)
    add(relation(node.CreateTrigStmt.relation), verbsOf(node.CreateTrigStmt.events ?? 0));
  else if ('RuleStmt' in node) add(relation(node.RuleStmt.relation), null);
  else if ('AlterObjectSchemaStmt' in node) add(relation(node.AlterObjectSchemaStmt.relation), null);
  else if ('AlterDomainStmt' in node) add(ANYTHING, ['insert']);
  // RENAME VALUE: rows may keep the label as text.
  else if ('AlterEnumStmt' in node && node.AlterEnumStmt.oldVal) add(ANYTHING, null);
  else if ('RenameStmt' in node) {
    const { relation: range, newname, renameType } = node.RenameStmt;
    const name = relation(range);
    add(name, null);
    if (renameType === 'OBJECT_TABLE' && newname !== undefined && name !== null)
      add({ ...name, name: newname }, null);
  } else if ('AlterTableStmt' in node) {
    const { cmds = [], relation: range } = node.AlterTableStmt;
    for (const one of cmds)
      for (const [command, verbs] of COMMANDS)
        if ('AlterTableCmd' in one && command.test(one.AlterTableCmd.subtype ?? ''))
          add(relation(range), verbs);
  } else if ('AlterSeqStmt' in node)
    for (const name of tablesNumbered(relation(node.AlterSeqStmt.sequence))) add(name, ['insert']);
  else if ('DropStmt' in node) {
    const { objects = [], removeType } = node.DropStmt;
    for (const one of objects)
      if (/^OBJECT_(TRIGGER|RULE)$/.test(removeType ?? '') && 'List' in one)
        add(dotted(one.List.items?.slice(0, -1)), null);
      else if (removeType === 'OBJECT_TABLE' && 'List' in one) add(dotted(one.List.items), null);
      // It may have been unique, and its name does not say of what.
      else if (removeType === 'OBJECT_INDEX') add(ANYTHING, ['conflict']);
  }
  for (const { called, args } of callsIn(node))
    if (called?.name === 'setval')
      for (const sequence of constantsIn(args))
        for (const name of tablesNumbered(nameIn(sequence))) add(name, ['insert']);
  return found.filter((form) => form !== null);
}

/** Tables whose rows a statement writes, or makes others of. */
export function formsUsed(touches: readonly Touch[], node: Node): RowForm[] {
  const found: (RowForm | null)[] = touches.flatMap((touch) =>
    touch.kind === 'rows' ? [{ ...touch.table, verbs: [touch.verb] }] : [],
  );
  const also = (name: RelationName | null, verbs: RowForm['verbs']): void => {
    if (name !== null) found.push({ ...name, verbs });
  };
  if ('CopyStmt' in node) also(relation(node.CopyStmt.relation), ['insert']);
  if ('InsertStmt' in node && node.InsertStmt.onConflictClause !== undefined)
    also(relation(node.InsertStmt.relation), ['conflict']);
  for (const name of tablesTakenWhole(node)) also(name, ['whole']);
  // The columns of another table, with their defaults.
  for (const [kind, value] of 'CreateStmt' in node ? nodes(node) : [])
    if (kind === 'TableLikeClause') also(relation(value.relation as Parameters<typeof relation>[0]), null);
  return found.filter((form) => form !== null);
}

const TAKES = /^(Select|Insert|Update|Delete|Merge|CreateTableAs|View)Stmt$/;

/** Tables of which a statement takes whole rows: `SELECT *`, `to_jsonb(t)`, `t::text`, NATURAL JOIN; of NEW and OLD any. */
export function tablesTakenWhole(node: Node): RelationName[] {
  if (!TAKES.test(kindOf(node))) return [];
  const tables: { called: string; name: RelationName }[] = [];
  const taken = new Set<string>();
  for (const [kind, value] of nodes(node)) {
    // What a statement writes stands in it without its kind.
    const range = (kind === 'RangeVar' ? value : value.relation) as RangeVar | undefined;
    const name = relation(range);
    if (name !== null) tables.push({ called: range?.alias?.aliasname ?? name.name, name });
    if (kind === 'JoinExpr' && value.isNatural === true) taken.add(ANY);
    else if (kind === 'ColumnRef') {
      const fields = value.fields as Node[];
      const last = fields.at(-1) as Node;
      if ('A_Star' in last) taken.add(text(fields.at(-2)) || ANY);
      else if (fields.length === 1) taken.add(text(last));
    }
  }
  const found = tables.filter(({ called }) => taken.has(ANY) || taken.has(called)).map(({ name }) => name);
  return taken.has('new') || taken.has('old') ? [...found, ANYTHING] : found;
}

/** The bits of `CREATE TRIGGER … BEFORE INSERT OR UPDATE`. */
const verbsOf = (events: number): FormVerb[] => [
  ...((events & 4) === 0 ? [] : (['insert'] as const)),
  ...((events & 8) === 0 ? [] : (['delete'] as const)),
  ...((events & 16) === 0 ? [] : (['update'] as const)),
];

/** Tables to which a statement adds columns: they come to stand behind those that are there. */
export function columnsAdded(node: Node): RelationName[] {
  if (!('AlterTableStmt' in node)) return [];
  const { cmds = [], relation: range } = node.AlterTableStmt;
  const name = relation(range);
  const adds = cmds.some((one) => 'AlterTableCmd' in one && one.AlterTableCmd.subtype === 'AT_AddColumn');
  return adds && name !== null ? [name] : [];
}

/** Tables of which a statement writes or takes the columns by their order, whose names it does not say. */
export function columnsCounted(node: Node): RelationName[] {
  const found: (RelationName | null)[] = tablesTakenWhole(node);
  for (const [kind, value] of nodes(node)) {
    const {
      relation: range,
      cols,
      attlist,
      is_from,
    } = value as Partial<Record<'cols' | 'attlist' | 'is_from', unknown>> & {
      relation?: Parameters<typeof relation>[0];
    };
    if (kind === 'InsertStmt' && cols === undefined) found.push(relation(range));
    if (kind === 'CopyStmt' && is_from === true && attlist === undefined) found.push(relation(range));
  }
  return found.filter((name) => name !== null);
}

/** Tables to which foreign keys come that change rows with them, when a row of theirs goes or gets another key. */
export function keysThatChange(node: Node): RowForm[] {
  if (!('AlterTableStmt' in node || 'CreateStmt' in node)) return [];
  const found: RowForm[] = [];
  for (const [kind, value] of nodes(node)) {
    if (kind !== 'Constraint' || value.contype !== 'CONSTR_FOREIGN') continue;
    const name = relation(value.pktable as Parameters<typeof relation>[0]);
    const acts = (action: unknown): boolean => /^[cnd]$/.test(String(action));
    if (name !== null && acts(value.fk_del_action)) found.push({ ...name, verbs: ['delete'] });
    if (name !== null && acts(value.fk_upd_action)) found.push({ ...name, verbs: ['update'] });
  }
  return found;
}

/** A sequence of a column is named after its table, as far as nobody says otherwise: `item_id_seq`. */
function tablesNumbered(sequence: RelationName | null): RelationName[] {
  if (sequence === null || !sequence.name.endsWith('_seq')) return [];
  const parts = sequence.name.split('_').slice(0, -2);
  return parts.map((_, i) => ({ schema: sequence.schema, name: parts.slice(0, i + 1).join('_') }));
}
