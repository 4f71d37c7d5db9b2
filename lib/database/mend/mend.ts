import { subjectOf } from '../../fingerprint/fact.js';
import { mendColumn } from './column.js';

/** How an object differs, by its facts. */
export interface Mendable {
  readonly object: string;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly renamed: string | null;
}

/** Statements that bring an object back to what its revision made of it. */
export interface Mend {
  readonly object: string;
  /** Empty where facts don't tell enough, or where rows would be lost. */
  readonly sql: readonly string[];
  /** Why there are none, or what to think of before they are run; null where there is nothing to say. */
  readonly note: string | null;
}

/** What stands around the objects that differ. */
export interface Around {
  /** Whether a relation is a table, by its name in a fact (`public.item`): columns of views are not altered. */
  readonly isTable: (name: string) => boolean;
  /** Whether a sequence is an object of its own, and not one of a column. */
  readonly isSequence: (name: string) => boolean;
  /** Tables of which a table has columns. */
  readonly parentsOf: (table: string) => readonly string[];
  /** The name of something that no revision knows, and that is all that a column, or a table, is missing. */
  readonly twinOf: (object: string) => string | null;
}

/** The order in which objects can be made: what stands on another comes later. */
const KINDS = [
  'schema',
  'extension',
  'enum',
  'sequence',
  'table',
  'column',
  'constraint',
  'index',
  'trigger',
  'row security',
];

/**
 * Statements that mend differences, in an order in which they can be run. Only statements that lose nothing: what should not be
 * there and may hold rows is left to a person, and so is what may be there under another name.
 */
export function mends(differences: readonly Mendable[], around: Around): Mend[] {
  const rank = ({ object, missing }: Mendable): number => {
    const kind = KINDS.findIndex((one) => object.startsWith(`${one} `));
    const isForeignKey = missing.some((fact) => /: FOREIGN KEY /.test(fact));
    return kind === -1 ? KINDS.length : kind + (isForeignKey ? KINDS.length : 0);
  };
  const gone = new Set(differences.flatMap(({ object, missing }) => (missing.length > 0 ? [object] : [])));
  const inherits = (object: string): boolean => {
    const [table, column] = split(object.replace(/^column /, ''));
    return around.parentsOf(table).some((parent) => gone.has(`column ${parent}.${column}`));
  };
  return [...differences]
    .sort((a, b) => rank(a) - rank(b) || (a.object < b.object ? -1 : 1))
    .map((one) => {
      const twin = one.missing.length > 0 && one.unexpected.length === 0 ? around.twinOf(one.object) : null;
      const answer =
        twin !== null
          ? { note: `${twin} is the same under another name: rename it, if it is this one` }
          : one.object.startsWith('column ') && inherits(one.object)
            ? { note: 'it comes with that of the parent' }
            : mend(one, around);
      return { object: one.object, sql: [], note: null, ...answer };
    });
}

type Answer = Partial<Pick<Mend, 'sql' | 'note'>>;

const LOSES = 'it may hold rows, so it is not dropped here';
const UNKNOWN = 'facts do not hold its definition: take it from the revision that made it';

function mend(one: Mendable, { isTable, isSequence }: Around): Answer {
  const [, kind = '', name = ''] = /^((?:[a-z]+ )+)(.*)$/.exec(one.object) ?? [];
  const wanted = one.missing[0]?.slice(one.object.length + 2);
  const found = one.unexpected[0]?.slice(one.object.length + 2);
  const [table = '', part = ''] = split(name);
  switch (kind.trim()) {
    case 'index':
      return index(name, wanted, found, one.renamed);
    case 'constraint':
      return isTable(table) ? constraint(table, part, wanted, found, one.renamed) : { note: UNKNOWN };
    case 'column':
      return isTable(table) ? mendColumn(table, part, wanted, found, isSequence) : { note: UNKNOWN };
    case 'trigger':
      return one.renamed === null
        ? trigger(table, part, wanted, found)
        : { sql: [`ALTER TRIGGER ${nameOf(one.renamed)} ON ${table} RENAME TO ${part}`] };
    case 'policy':
      return one.renamed === null
        ? { note: UNKNOWN }
        : { sql: [`ALTER POLICY ${nameOf(one.renamed)} ON ${table} RENAME TO ${part}`] };
    case 'table':
      return wanted === undefined && one.missing.length === 0
        ? { note: LOSES }
        : { sql: [`CREATE TABLE ${name} ()`], note: 'its rows are not brought back' };
    case 'schema':
      return one.missing.length > 0 ? { sql: [`CREATE SCHEMA ${name}`] } : { note: LOSES };
    case 'extension':
      return one.missing.length > 0
        ? { sql: [`CREATE EXTENSION ${name}`] }
        : { note: 'other objects may need it' };
    case 'enum':
      return enumeration(name, wanted, found);
    case 'row security':
      return rowSecurity(name, wanted);
    case 'sequence':
      return wanted !== undefined && found === undefined
        ? {
            sql: [`CREATE SEQUENCE ${name} AS ${wanted}`],
            note: 'its numbers begin again, behind the largest that columns with this default hold',
          }
        : { note: UNKNOWN };
    default:
      return { note: UNKNOWN };
  }
}

/** `public.item.price` → `public.item` and `price`. */
function split(name: string): [string, string] {
  const [, table = '', part = ''] = /^(.*)\.("(?:[^"]|"")*"|[^."]+)$/.exec(name) ?? [];
  return [table, part];
}

const nameOf = (fact: string): string => split(subjectOf(fact).replace(/^(?:[a-z]+ )+/, ''))[1];

function index(name: string, wanted?: string, found?: string, renamed?: string | null): Answer {
  const [schema, own] = split(name);
  if (renamed != null) return { sql: [`ALTER INDEX ${schema}.${nameOf(renamed)} RENAME TO ${own}`] };
  if (found !== undefined && found === `${wanted} INVALID`) return { sql: [`REINDEX INDEX ${name}`] };
  return {
    sql: [
      ...(found === undefined ? [] : [`DROP INDEX ${name}`]),
      ...(wanted === undefined ? [] : [everywhere(wanted)]),
    ],
  };
}

/** Of a partitioned table: the server prints ONLY for what has parts, and without those it is invalid. */
const everywhere = (definition: string): string =>
  definition.replace(/^(CREATE (?:UNIQUE )?INDEX \S+ ON )ONLY /, '$1');

function constraint(
  table: string,
  own: string,
  wanted?: string,
  found?: string,
  renamed?: string | null,
): Answer {
  const alter = `ALTER TABLE ${table}`;
  if (renamed != null) return { sql: [`${alter} RENAME CONSTRAINT ${nameOf(renamed)} TO ${own}`] };
  return {
    sql: [
      ...(found === undefined ? [] : [`${alter} DROP CONSTRAINT ${own}`]),
      ...(wanted === undefined ? [] : [`${alter} ADD CONSTRAINT ${own} ${wanted}`]),
    ],
  };
}

const FIRES = / (DISABLED|ON REPLICA|ALWAYS)$/;
const FIRING: Readonly<Record<string, string>> = {
  '': 'ENABLE',
  DISABLED: 'DISABLE',
  'ON REPLICA': 'ENABLE REPLICA',
  ALWAYS: 'ENABLE ALWAYS',
};

function trigger(table: string, own: string, wanted?: string, found?: string): Answer {
  const bare = (definition?: string): string | undefined => definition?.replace(FIRES, '');
  const state = (definition?: string): string => FIRES.exec(definition ?? '')?.[1] ?? '';
  const set =
    state(wanted) === (bare(wanted) === bare(found) ? state(found) : '')
      ? []
      : [`ALTER TABLE ${table} ${FIRING[state(wanted)]} TRIGGER ${own}`];
  if (bare(wanted) === bare(found)) return { sql: set };
  const drop = found === undefined ? [] : [`DROP TRIGGER ${own} ON ${table}`];
  return { sql: [...drop, ...(wanted === undefined ? [] : [bare(wanted) as string, ...set])] };
}

function enumeration(name: string, wanted?: string, found?: string): Answer {
  if (wanted === undefined) return { note: LOSES };
  if (found === undefined) return { sql: [`CREATE TYPE ${name} AS ENUM (${wanted})`] };
  const labels = (text: string): string[] => text.match(/'(?:[^']|'')*'/g) ?? [];
  const [should, is] = [labels(wanted), labels(found)];
  if (is.some((label, i) => should[i] !== label))
    return { note: 'a label can be added, and neither moved nor dropped' };
  return { sql: should.slice(is.length).map((label) => `ALTER TYPE ${name} ADD VALUE ${label}`) };
}

function rowSecurity(table: string, wanted?: string): Answer {
  const alter = `ALTER TABLE ${table}`;
  if (wanted === undefined) return { sql: [`${alter} DISABLE ROW LEVEL SECURITY`] };
  const force = `${alter} ${wanted === 'forced' ? '' : 'NO '}FORCE ROW LEVEL SECURITY`;
  return { sql: [`${alter} ENABLE ROW LEVEL SECURITY`, force] };
}
