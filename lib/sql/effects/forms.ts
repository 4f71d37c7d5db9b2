import type { Node } from 'libpg-query';
import type { RelationName, Touch } from '../touch.js';
import { dotted, nodes, relation } from '../tree.js';

/*
 * What decides how rows come to be: defaults, types, triggers, rules, the name of the table itself. Facts show such a thing, but not
 * whether rows were written before it or after it.
 */

/** Of ALTER TABLE: what rows that are there keep, and rows to come do not have, or are changed by. */
const FORM =
  /^AT_(ColumnDefault|CookedColumnDefault|AlterColumnType|DropConstraint|(?:Add|Set|Drop)Identity|(?:Set|Drop)Expression|(?:Enable|Disable)(?:Always|Replica)?(?:Trig|Rule)\w*|(?:Add|Drop)Inherit|AttachPartition|DetachPartition\w*)$/;

/** Tables of which a statement changes how their rows come to be. */
export function formsChanged(node: Node): RelationName[] {
  const found: (RelationName | null)[] = referenced(node);
  if ('CreateTrigStmt' in node) found.push(relation(node.CreateTrigStmt.relation));
  else if ('RuleStmt' in node) found.push(relation(node.RuleStmt.relation));
  else if ('AlterObjectSchemaStmt' in node) found.push(relation(node.AlterObjectSchemaStmt.relation));
  else if ('RenameStmt' in node) {
    const { relation: range, newname, renameType } = node.RenameStmt;
    const name = relation(range);
    found.push(name);
    if (renameType === 'OBJECT_TABLE' && newname !== undefined && name !== null)
      found.push({ ...name, name: newname });
  } else if ('AlterTableStmt' in node) {
    const { cmds = [], relation: range } = node.AlterTableStmt;
    if (cmds.some((one) => 'AlterTableCmd' in one && FORM.test(one.AlterTableCmd.subtype ?? '')))
      found.push(relation(range));
  } else if ('AlterSeqStmt' in node) found.push(...tablesNumbered(relation(node.AlterSeqStmt.sequence)));
  else if ('DropStmt' in node) {
    const { objects = [], removeType } = node.DropStmt;
    for (const one of objects)
      if (/^OBJECT_(TRIGGER|RULE)$/.test(removeType ?? '') && 'List' in one)
        found.push(dotted(one.List.items?.slice(0, -1)));
      else if (removeType === 'OBJECT_TABLE' && 'List' in one) found.push(dotted(one.List.items));
  }
  return found.filter((name) => name !== null);
}

/** Tables whose rows a statement writes, or makes others of. */
export function formsUsed(touches: readonly Touch[], node: Node): RelationName[] {
  const copied = 'CopyStmt' in node ? [relation(node.CopyStmt.relation)] : [];
  const rows = touches.flatMap((touch) => (touch.kind === 'rows' ? [touch.table] : []));
  return [...rows, ...copied].filter((name) => name !== null);
}

/** Tables to which a statement adds columns: they come to stand behind those that are there. */
export function columnsAdded(node: Node): RelationName[] {
  if (!('AlterTableStmt' in node)) return [];
  const { cmds = [], relation: range } = node.AlterTableStmt;
  const name = relation(range);
  const adds = cmds.some((one) => 'AlterTableCmd' in one && one.AlterTableCmd.subtype === 'AT_AddColumn');
  return adds && name !== null ? [name] : [];
}

/** Tables into which a statement writes by the order of their columns, whose names it does not say. */
export function columnsCounted(node: Node): RelationName[] {
  const found: (RelationName | null)[] = [];
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

/** A table to which foreign keys come that change rows with it, when a row of it goes or gets another key. */
function referenced(node: Node): (RelationName | null)[] {
  if (!('AlterTableStmt' in node || 'CreateStmt' in node)) return [];
  const found: (RelationName | null)[] = [];
  for (const [kind, value] of nodes(node)) {
    if (kind !== 'Constraint' || value.contype !== 'CONSTR_FOREIGN') continue;
    if (/[cnd]/.test(`${value.fk_del_action}${value.fk_upd_action}`))
      found.push(relation(value.pktable as Parameters<typeof relation>[0]));
  }
  return found;
}

/** A sequence of a column is named after its table, as far as nobody says otherwise: `item_id_seq`. */
function tablesNumbered(sequence: RelationName | null): RelationName[] {
  if (sequence === null || !sequence.name.endsWith('_seq')) return [];
  const parts = sequence.name.split('_').slice(0, -2);
  return parts.map((_, i) => ({ schema: sequence.schema, name: parts.slice(0, i + 1).join('_') }));
}
