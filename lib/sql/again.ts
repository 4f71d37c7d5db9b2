import type { Node } from 'libpg-query';
import { touchesOf } from './touches.js';
import { calls, kindOf } from './tree.js';
import { treesOf } from './trees.js';

/**
 * What running SQL once more does, as far as its statements tell: `harmless` = every statement only sets what is set already, or
 * changes nothing (rights, comments, settings, `SELECT 1`) · `guarded` = every statement is harmless or says what to do where it
 * has been before (IF NOT EXISTS, IF EXISTS, OR REPLACE, ON CONFLICT DO NOTHING) · `matters` = anything else
 */
export async function runAgain(sql: string): Promise<'harmless' | 'guarded' | 'matters'> {
  const statements = await treesOf(sql);
  if (statements === null) return 'matters';
  if (statements.every(isHarmless)) return 'harmless';
  return statements.every((node) => isHarmless(node) || isGuarded(node)) ? 'guarded' : 'matters';
}

const HARMLESS =
  /^(Comment|SecLabel|Grant|GrantRole|AlterDefaultPrivileges|AlterOwner|VariableSet|VariableShow|Vacuum|Reindex|CheckPoint|Load|Listen|Unlisten|Notify|Explain)Stmt$/;
/** Give a number away, or set one. */
const NUMBERING = /^(nextval|setval)$/;

function isHarmless(node: Node): boolean {
  if (!('SelectStmt' in node)) return HARMLESS.test(kindOf(node));
  if (node.SelectStmt.intoClause !== undefined || calls(node).some((name) => NUMBERING.test(name)))
    return false;
  return touchesOf(node).every(
    (touch) => touch.kind === 'search-path' || (touch.kind === 'rows' && touch.verb === 'select'),
  );
}

/** Commands of an ALTER TABLE that end in the same again. */
const SETS =
  /^AT_(ColumnDefault|SetNotNull|DropNotNull|ChangeOwner|SetRelOptions|EnableRowSecurity|ForceRowSecurity)$/;

function isGuarded(node: Node): boolean {
  if ('AlterTableStmt' in node)
    return (node.AlterTableStmt.cmds ?? []).every((one) => {
      const command = 'AlterTableCmd' in one ? one.AlterTableCmd : {};
      return command.missing_ok === true || SETS.test(command.subtype ?? '');
    });
  if ('DropStmt' in node) return node.DropStmt.missing_ok === true;
  if ('InsertStmt' in node)
    return node.InsertStmt.onConflictClause?.action === 'ONCONFLICT_NOTHING' && !writesMore(node);
  if ('AlterEnumStmt' in node) return node.AlterEnumStmt.skipIfNewValExists === true;
  const [statement] = Object.values(node) as { if_not_exists?: boolean; replace?: boolean }[];
  return statement?.if_not_exists === true || statement?.replace === true;
}

/** Beside the rows that it may find there, by a WITH. */
const writesMore = (node: Node): boolean =>
  touchesOf(node).filter((touch) => touch.kind === 'rows' && touch.verb !== 'select').length > 1;
