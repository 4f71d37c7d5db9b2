import type { AlterTableCmd, ColumnDef, Constraint, Node } from 'libpg-query';
import { inParentheses, offsetIn } from './excerpts.js';
import type { Alteration, ForeignKey } from './touch.js';
import { calls, relation, text, typeName } from './tree.js';

/** Volatile functions: a new column with one of these as its default rewrites the table. */
const VOLATILE: ReadonlySet<string> = new Set([
  'random',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
  'gen_random_bytes',
  'clock_timestamp',
  'timeofday',
  'nextval',
]);
const SERIAL = /^(small|big)?serial[248]?$/;

/** What the commands of an ALTER TABLE do. */
export function alterations(commands: readonly Node[] | undefined, source?: string): Alteration[] {
  return (commands ?? []).flatMap((node) => ('AlterTableCmd' in node ? one(node.AlterTableCmd, source) : []));
}

function one({ subtype, name, def, missing_ok }: AlterTableCmd, source: string | undefined): Alteration[] {
  const column = name ?? '';
  switch (subtype) {
    case 'AT_AddColumn':
      return def !== undefined && 'ColumnDef' in def ? [added(def.ColumnDef, missing_ok === true)] : [];
    case 'AT_DropColumn':
      return [{ kind: 'drop-column', column }];
    case 'AT_ColumnDefault':
      return [{ kind: def === undefined ? 'drop-default' : 'set-default', column }];
    case 'AT_SetNotNull':
      return [{ kind: 'set-not-null', column }];
    case 'AT_AlterColumnType': {
      const definition = def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined;
      const type = typeName(definition?.typeName);
      return type === null ? [] : [{ kind: 'type', column, type, converts: converts(definition, column) }];
    }
    case 'AT_AddConstraint':
      return def !== undefined && 'Constraint' in def ? [constrained(def.Constraint, source)] : [];
    case 'AT_ValidateConstraint':
      return [{ kind: 'check', expression: null, valid: true }];
    case 'AT_ChangeOwner':
      return [{ kind: 'owner' }];
    default:
      return [{ kind: 'other' }];
  }
}

/** `USING column` and `USING column::text` leave the conversion to the types. */
function converts(definition: ColumnDef | undefined, column: string): boolean {
  let using = definition?.raw_default;
  if (using === undefined) return false;
  while ('TypeCast' in using && using.TypeCast.arg !== undefined) using = using.TypeCast.arg;
  return !('ColumnRef' in using && text(using.ColumnRef.fields?.at(-1)) === column);
}

function constrained(constraint: Constraint, source: string | undefined): Alteration {
  switch (constraint.contype) {
    case 'CONSTR_FOREIGN': {
      const key = foreignKey(constraint, (constraint.fk_attrs ?? []).map(text));
      return key === null ? { kind: 'other' } : { kind: 'foreign-key', key };
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return {
        kind: 'unique',
        columns: (constraint.keys ?? []).map(text),
        primary: constraint.contype === 'CONSTR_PRIMARY',
        nullsNotDistinct: constraint.nulls_not_distinct === true,
      };
    case 'CONSTR_CHECK':
      return { kind: 'check', expression: checkIn(constraint, source), valid: isValid(constraint) };
    case 'CONSTR_NOTNULL':
      return { kind: 'check', expression: null, valid: isValid(constraint) };
    default:
      return { kind: 'other' };
  }
}

/** NOT ENFORCED (PostgreSQL 18) looks at no row. */
const isValid = ({ skip_validation, is_enforced }: Constraint): boolean =>
  skip_validation !== true && is_enforced !== false;

/** The expression of a check as it stands. */
function checkIn({ location }: Constraint, source: string | undefined): string | null {
  if (source === undefined || location === undefined) return null;
  const from = offsetIn(source, location);
  // Behind its name, if it has one, stands the word CHECK.
  return inParentheses(source, from)?.text ?? null;
}

/** A foreign key that is told by a constraint; null if its table is not named. */
export function foreignKey(constraint: Constraint, columns: readonly string[]): ForeignKey | null {
  const target = relation(constraint.pktable);
  if (target === null) return null;
  const targetColumns = constraint.pk_attrs === undefined ? null : constraint.pk_attrs.map(text);
  const full = constraint.fk_matchtype === 'f';
  return { columns, target, targetColumns, valid: isValid(constraint), full };
}

function added(definition: ColumnDef, ifNotExists: boolean): Alteration {
  const column = definition.colname ?? '';
  const constraints = constraintsOf(definition);
  const foreign = constraints.find(({ contype }) => contype === 'CONSTR_FOREIGN');
  const key = foreign === undefined ? null : foreignKey(foreign, [column]);
  const filledWith = filling(definition, constraints);
  return {
    kind: 'add-column',
    column,
    ifNotExists,
    rewrites: rewriting(definition, constraints),
    required: filledWith === null && constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL'),
    repeats:
      typeof filledWith === 'string' &&
      constraints.some(({ contype }) => contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY'),
    foreignKey: key === null ? null : { ...key, filledWith },
  };
}

/** The constraints that stand with a column. */
export function constraintsOf({ constraints }: ColumnDef): Constraint[] {
  return (constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
}

function rewriting({ typeName: type }: ColumnDef, constraints: readonly Constraint[]): string | null {
  const name = typeName(type)?.name ?? '';
  if (SERIAL.test(name)) return `${name} numbers every row`;
  for (const { contype, raw_expr, generated_kind } of constraints) {
    if (contype === 'CONSTR_IDENTITY') return 'an identity numbers every row';
    if (contype === 'CONSTR_GENERATED' && generated_kind !== 'v')
      return 'a generated column is computed for every row';
    const volatile =
      contype === 'CONSTR_DEFAULT' ? calls(raw_expr).find((call) => VOLATILE.has(call)) : undefined;
    if (volatile !== undefined) return `${volatile}() gives every row a different value`;
  }
  return null;
}

/** What the rows that are there get in the new column. */
function filling(
  { typeName: type }: ColumnDef,
  constraints: readonly Constraint[],
): string | null | undefined {
  if (SERIAL.test(typeName(type)?.name ?? '')) return undefined;
  const given = constraints.find(({ contype }) =>
    /^CONSTR_(DEFAULT|GENERATED|IDENTITY)$/.test(contype ?? ''),
  );
  if (given === undefined) return null;
  const value = given.contype === 'CONSTR_DEFAULT' ? given.raw_expr : undefined;
  if (value === undefined || !('A_Const' in value)) return undefined;
  const { ival, sval, isnull } = value.A_Const;
  if (isnull === true) return null;
  return ival !== undefined ? String(ival.ival ?? 0) : sval?.sval;
}
