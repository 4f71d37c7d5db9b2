import type { Node } from 'libpg-query';
import { dotted, kindOf, nodes, relationIn, signed, text } from '../tree.js';
import { ANY, adding, made, on, type UnseenEffect } from './unseen.js';

/*
 * Who may do what. GRANTs add up in any order; a REVOKE takes away what was given before. What is made gets what was given for all that
 * is made later, and nothing of what was given on all that there was.
 */

/** The rights that a statement changes for whoever gives or takes some too. */
export function rightsChanged(node: Node): UnseenEffect[] {
  if ('AlterDefaultPrivilegesStmt' in node)
    return on('rights', made(node.AlterDefaultPrivilegesStmt.action?.objtype ?? ''));
  // What goes takes its rights along; made again it has others.
  if ('DropStmt' in node)
    return adding((node.DropStmt.objects ?? []).flatMap((one) => on('rights', signed(one))));
  if (!('GrantStmt' in node)) return [];
  const { objtype = 'OBJECT_TABLE', is_grant } = node.GrantStmt;
  const later = isOnAll(node) ? adding(on('rights', made(objtype))) : [];
  return is_grant === true ? later : [...later, ...grantedOn(node)];
}

/** The rights that a statement builds upon. */
export function rightsFound(node: Node): UnseenEffect[] {
  if ('GrantStmt' in node) return node.GrantStmt.is_grant === true ? grantedOn(node) : [];
  const kind = MADE_BY[kindOf(node)];
  const kinds = [...(kind === undefined ? [] : [kind]), ...(numbersRows(node) ? ['OBJECT_SEQUENCE'] : [])];
  return kinds.flatMap((one) => on('rights', made(one)));
}

const MADE_BY: Readonly<Record<string, string>> = {
  CreateStmt: 'OBJECT_TABLE',
  CreateTableAsStmt: 'OBJECT_TABLE',
  ViewStmt: 'OBJECT_TABLE',
  CreateSeqStmt: 'OBJECT_SEQUENCE',
  CreateFunctionStmt: 'OBJECT_FUNCTION',
  CreateEnumStmt: 'OBJECT_TYPE',
  CreateDomainStmt: 'OBJECT_TYPE',
  CreateRangeStmt: 'OBJECT_TYPE',
  CompositeTypeStmt: 'OBJECT_TYPE',
};

/** A serial column, or one that is an identity, makes a sequence. */
function numbersRows(node: Node): boolean {
  if (!('CreateStmt' in node || 'AlterTableStmt' in node)) return false;
  for (const [, { contype, typeName }] of nodes(node)) {
    const type = dotted((typeName as { names?: Node[] } | undefined)?.names)?.name ?? '';
    if (contype === 'CONSTR_IDENTITY' || /serial\d?$/.test(type)) return true;
  }
  return false;
}

const isOnAll = (node: Node): boolean =>
  'GrantStmt' in node && node.GrantStmt.targtype === 'ACL_TARGET_ALL_IN_SCHEMA';

function grantedOn(node: Node): UnseenEffect[] {
  if (!('GrantStmt' in node)) return [];
  const { objects = [] } = node.GrantStmt;
  return objects.flatMap((one) =>
    on('rights', isOnAll(node) ? { schema: text(one), name: ANY } : (relationIn(one) ?? signed(one))),
  );
}
