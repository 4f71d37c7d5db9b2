import type { DefElem, IndexStmt, Node, RenameStmt } from 'libpg-query';
import { atCommas, condition, inParentheses, offsetIn } from './excerpts.js';
import type { Differs, RelationName, Touch } from './touch.js';
import { alterations, constraintsOf } from './touches-alter.js';
import { rowTouches } from './touches-rows.js';
import { dotted, kindOf, named, relation, relationIn, text } from './tree.js';

/**
 * What a statement does to what there is: which objects it makes, alters, drops, reads. What the parse tree does not show
 * is left out, or `opaque`. Pure.
 *
 * @param source the text that was parsed: conditions and expressions are told as they stand there, or not at all
 */
export function touchesOf(node: Node, source?: string): readonly Touch[] {
  if ('CreateStmt' in node) return [...created(relation(node.CreateStmt.relation), node), ...tableKeys(node)];
  if ('AlterTableStmt' in node) {
    const { relation: range, cmds, objtype } = node.AlterTableStmt;
    const table = objtype === 'OBJECT_TYPE' ? null : relation(range);
    return table === null ? [] : [{ kind: 'alter', table, alterations: alterations(cmds, source) }];
  }
  if ('IndexStmt' in node) return indexed(node.IndexStmt, source);
  if ('DropStmt' in node) return dropped(node);
  if ('RenameStmt' in node) return renamed(node.RenameStmt);
  if ('AlterObjectSchemaStmt' in node) {
    const { relation: range, newschema } = node.AlterObjectSchemaStmt;
    const table = relation(range);
    return table === null
      ? []
      : [{ kind: 'rename', table, to: { schema: newschema ?? null, name: table.name } }];
  }
  if ('RefreshMatViewStmt' in node) {
    const { relation: range, concurrent, skipData } = node.RefreshMatViewStmt;
    const view = relation(range);
    return view === null
      ? []
      : [{ kind: 'refresh', view, concurrently: concurrent === true, populated: skipData !== true }];
  }
  if ('CreateExtensionStmt' in node) {
    const { extname: name, options } = node.CreateExtensionStmt;
    if (name === undefined) return [];
    const cascade = optionIn(options, 'cascade') !== undefined;
    return [{ kind: 'extension', name, version: versionIn(options), cascade, update: false }];
  }
  if ('AlterExtensionStmt' in node) {
    const { extname: name, options } = node.AlterExtensionStmt;
    if (name === undefined) return [];
    return [{ kind: 'extension', name, version: versionIn(options), cascade: false, update: true }];
  }
  return [...made(node), ...sessionTouches(node), ...needing(node), ...rowTouches(node)];
}

function optionIn(options: readonly Node[] | undefined, name: string): DefElem | undefined {
  for (const one of options ?? []) if ('DefElem' in one && one.DefElem.defname === name) return one.DefElem;
  return undefined;
}

const versionIn = (options: readonly Node[] | undefined): string | null =>
  text(optionIn(options, 'new_version')?.arg) || null;

function created(name: RelationName | null, node: Node): Touch[] {
  if (name === null || !('CreateStmt' in node)) return [];
  const { relation: range, if_not_exists } = node.CreateStmt;
  const temporary = range?.relpersistence === 't';
  const ifNotExists = if_not_exists === true;
  return [
    {
      ...{ kind: 'create', object: 'table', name, temporary, ifNotExists },
      ...{ replaces: false, populated: true, filled: false },
    },
  ];
}

function tableKeys(node: Node): Touch[] {
  if (!('CreateStmt' in node)) return [];
  const { tableElts = [], inhRelations = [] } = node.CreateStmt;
  const constraints = tableElts.flatMap((part) =>
    'Constraint' in part ? [part.Constraint] : 'ColumnDef' in part ? constraintsOf(part.ColumnDef) : [],
  );
  return [
    ...constraints.flatMap(({ contype, pktable }): Touch[] => {
      const table = contype === 'CONSTR_FOREIGN' ? relation(pktable) : null;
      return table === null ? [] : [{ kind: 'references', table }];
    }),
    ...inhRelations.flatMap((parent): Touch[] => {
      const table = relationIn(parent);
      return table === null ? [] : [{ kind: 'needs', right: 'own', table }];
    }),
  ];
}

const PLAINLY = {
  ...{ temporary: false, ifNotExists: false, replaces: false },
  ...{ populated: true, filled: false },
} as const;

/** What else can be made: it needs room in a schema, and later statements may name it. */
function made(node: Node): Touch[] {
  const make = (
    object: 'table' | 'view' | 'matview' | 'sequence' | 'type' | 'function',
    name: RelationName | null,
    about: Partial<Omit<Extract<Touch, { kind: 'create' }>, 'kind' | 'object' | 'name'>> = {},
  ): Touch[] => (name === null ? [] : [{ kind: 'create', object, name, ...PLAINLY, ...about }]);
  if ('CreateTableAsStmt' in node) {
    const { into, objtype, if_not_exists } = node.CreateTableAsStmt;
    return make(objtype === 'OBJECT_MATVIEW' ? 'matview' : 'table', relation(into?.rel), {
      temporary: into?.rel?.relpersistence === 't',
      populated: into?.skipData !== true,
      filled: into?.skipData !== true,
      ifNotExists: if_not_exists === true,
    });
  }
  if ('ViewStmt' in node)
    return make('view', relation(node.ViewStmt.view), {
      temporary: node.ViewStmt.view?.relpersistence === 't',
      replaces: node.ViewStmt.replace === true,
    });
  if ('CreateSeqStmt' in node)
    return make('sequence', relation(node.CreateSeqStmt.sequence), {
      temporary: node.CreateSeqStmt.sequence?.relpersistence === 't',
      ifNotExists: node.CreateSeqStmt.if_not_exists === true,
    });
  if ('CreateFunctionStmt' in node) return make('function', dotted(node.CreateFunctionStmt.funcname));
  if ('CreateEnumStmt' in node) return make('type', dotted(node.CreateEnumStmt.typeName));
  if ('CreateDomainStmt' in node) return make('type', dotted(node.CreateDomainStmt.domainname));
  if ('CompositeTypeStmt' in node) return make('type', relation(node.CompositeTypeStmt.typevar));
  if ('CreateSchemaStmt' in node) {
    const { schemaname } = node.CreateSchemaStmt;
    return schemaname === undefined ? [] : [{ kind: 'create-schema', schema: schemaname }];
  }
  return [];
}

function indexed(index: IndexStmt, source: string | undefined): Touch[] {
  const {
    idxname,
    relation: range,
    unique,
    whereClause,
    indexParams = [],
    concurrent,
    if_not_exists,
  } = index;
  const table = relation(range);
  if (table === null) return [];
  const plain = indexParams.every((part) => 'IndexElem' in part && part.IndexElem.name !== undefined);
  return [
    {
      kind: 'index',
      table,
      name: idxname ?? null,
      unique: unique === true && whereClause === undefined && plain,
      differs: unique === true && source !== undefined ? differing(index, source) : null,
      concurrently: concurrent === true,
      ifNotExists: if_not_exists === true,
    },
  ];
}

function differing(
  { relation: range, indexParams = [], whereClause, nulls_not_distinct }: IndexStmt,
  source: string,
): Differs | null {
  const elements = indexParams.flatMap((part) => ('IndexElem' in part ? [part.IndexElem] : []));
  const written = inParentheses(source, offsetIn(source, range?.location ?? 0));
  const where = whereClause === undefined ? null : condition(source);
  const parts = written === null ? [] : atCommas(written.text);
  if (parts.length !== elements.length || (whereClause !== undefined && where === null)) return null;
  const keys = elements.map(({ name }, i) => {
    const part = parts[i] as string;
    // Behind an expression its order, operators or collation may stand.
    if (name !== undefined) return quote(name);
    const inside = inParentheses(part, 0);
    return inside === null ? null : part.startsWith('(') ? inside.text : part.slice(0, inside.end);
  });
  if (keys.includes(null)) return null;
  const names = elements.map(({ name }) => name);
  return {
    keys: keys as string[],
    columns: names.includes(undefined) ? null : (names as string[]),
    where,
    nullsNotDistinct: nulls_not_distinct === true,
  };
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function dropped(node: Node): Touch[] {
  if (!('DropStmt' in node)) return [];
  const { objects = [], removeType, behavior } = node.DropStmt;
  if (removeType === 'OBJECT_SCHEMA')
    return objects.map((object) => ({ kind: 'drop-schema', schema: text(object) }));
  const object = (
    { OBJECT_TABLE: 'table', OBJECT_VIEW: 'view', OBJECT_MATVIEW: 'matview', OBJECT_INDEX: 'index' } as const
  )[removeType as string];
  // With a type go the columns that have it.
  if (object === undefined) return behavior === 'DROP_CASCADE' ? [{ kind: 'cascade' }] : [];
  return objects.flatMap((one): Touch[] => {
    const name = named(one);
    return name === null ? [] : [{ kind: 'drop', object, name }];
  });
}

function renamed({ renameType, relationType, relation: range, subname, newname }: RenameStmt): Touch[] {
  const table = relation(range);
  if (table === null || newname === undefined) return [];
  if (/^OBJECT_(TABLE|VIEW|MATVIEW|INDEX|SEQUENCE)$/.test(renameType ?? ''))
    return [{ kind: 'rename', table, to: { schema: table.schema, name: newname } }];
  if (renameType === 'OBJECT_COLUMN' && relationType !== 'OBJECT_TYPE' && subname !== undefined)
    return [{ kind: 'rename-column', table, column: subname, to: newname }];
  return [{ kind: 'needs', right: 'own', table }];
}

function sessionTouches(node: Node): Touch[] {
  if ('VariableSetStmt' in node) {
    const { name } = node.VariableSetStmt;
    if (name === 'search_path') return [{ kind: 'search-path' }];
    return name === 'role' || name === 'session_authorization' ? [{ kind: 'rights' }] : [];
  }
  const rights =
    /^(Grant|GrantRole|AlterOwner|ReassignOwned|AlterRole|AlterDefaultPrivileges|CreateRole|DropOwned)Stmt$/;
  return rights.test(kindOf(node)) ? [{ kind: 'rights' }] : [];
}

/** Statements that need a right on a table and leave its shape and rows as they are. */
function needing(node: Node): Touch[] {
  const needs = (right: 'own' | 'trigger', table: RelationName | null): Touch[] =>
    table === null ? [] : [{ kind: 'needs', right, table }];
  if ('CreateTrigStmt' in node) return needs('trigger', relation(node.CreateTrigStmt.relation));
  if ('CreatePolicyStmt' in node) return needs('own', relation(node.CreatePolicyStmt.table));
  if ('RuleStmt' in node) return needs('own', relation(node.RuleStmt.relation));
  if ('AlterSeqStmt' in node) return needs('own', relation(node.AlterSeqStmt.sequence));
  if (!('CommentStmt' in node)) return [];
  const { objtype, object } = node.CommentStmt;
  if (objtype === 'OBJECT_TABLE' || objtype === 'OBJECT_VIEW' || objtype === 'OBJECT_MATVIEW')
    return needs('own', named(object));
  const isColumn = objtype === 'OBJECT_COLUMN' && object !== undefined && 'List' in object;
  return isColumn ? needs('own', dotted(object.List.items?.slice(0, -1))) : [];
}
