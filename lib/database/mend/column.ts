/** What a column is, by the text of its fact. */
interface Column {
  readonly type: string;
  readonly collation: string;
  readonly notNull: boolean;
  readonly identity: string;
  readonly generated: string | undefined;
  readonly virtual: boolean;
  readonly standard: string | undefined;
}

const COLUMN =
  /^(.*?)( collate (?:"(?:[^"]|"")*"|[^ ."]+)(?:\.(?:"(?:[^"]|"")*"|[^ ."]+))?)?( not null)?( generated (?:always|by default) as identity)?(?: generated as (.*?)( virtual)?)?(?: default (.*))?$/s;

function read(definition: string): Column {
  const [, type = '', collation = '', notNull, identity = '', generated, virtual, standard] =
    COLUMN.exec(definition) ?? [];
  return {
    type,
    collation,
    notNull: notNull !== undefined,
    identity,
    generated,
    virtual: virtual !== undefined,
    standard,
  };
}

const OWNED = /^nextval\('((?:[^']|'')+)'::regclass\)$/;

/** Statements that make a column what its revision made it; nothing that drops one. */
export function mendColumn(
  table: string,
  name: string,
  wanted: string | undefined,
  found: string | undefined,
  isSequence: (name: string) => boolean,
): { sql?: readonly string[]; note?: string } {
  if (wanted === undefined) return { note: 'it may hold values, so it is not dropped here' };
  return found === undefined
    ? added(table, name, read(wanted))
    : changed(table, name, read(wanted), read(found), isSequence);
}

const sequenceOf = (standard: string | undefined): string | undefined =>
  OWNED.exec(standard ?? '')?.[1]?.replaceAll("''", "'");

function added(table: string, name: string, column: Column): { sql: readonly string[]; note: string } {
  const { type, collation, notNull, identity, generated, virtual, standard } = column;
  const sequence = sequenceOf(standard);
  const parts = [
    `ALTER TABLE ${table} ADD COLUMN ${name} ${type}`,
    collation.trim().replace(/^collate/, 'COLLATE'),
    notNull ? 'NOT NULL' : '',
    identity.trim().toUpperCase(),
    generated === undefined ? '' : `GENERATED ALWAYS AS (${generated}) ${virtual ? 'VIRTUAL' : 'STORED'}`,
    standard === undefined ? '' : `DEFAULT ${standard}`,
  ];
  const add = parts.filter((part) => part !== '').join(' ');
  const sql =
    sequence === undefined
      ? [add]
      : [
          `CREATE SEQUENCE IF NOT EXISTS ${sequence}`,
          add,
          `ALTER SEQUENCE ${sequence} OWNED BY ${table}.${name}`,
        ];
  return { sql, note: 'its values are not brought back' };
}

function changed(
  table: string,
  name: string,
  wanted: Column,
  found: Column,
  isSequence: (name: string) => boolean,
): { sql: readonly string[]; note?: string } {
  const isSame = (key: keyof Column): boolean => wanted[key] === found[key];
  if (!isSame('identity') || !isSame('generated') || !isSame('virtual'))
    return { sql: [], note: 'identity and generated columns are not changed here' };
  const alter = `ALTER TABLE ${table} ALTER COLUMN ${name}`;
  const retyped = !isSame('type') || !isSame('collation');
  const collation = wanted.collation.trim().replace(/^collate/, ' COLLATE');
  const sequence = isSame('standard') ? undefined : sequenceOf(wanted.standard);
  const numbers = sequence === undefined ? [] : numbering(table, name, sequence, isSequence(sequence));
  const standard = isSame('standard') ? [] : [...numbers, standardOf(alter, wanted.standard)];
  // A default of the old type may not fit the new one.
  const drop =
    retyped && found.standard !== undefined && standard.length > 0 ? [`${alter} DROP DEFAULT`] : [];
  return {
    sql: [
      ...drop,
      ...(retyped
        ? [
            unchanged(table, name, wanted.type, found.type),
            `${alter} TYPE ${wanted.type}${collation} USING ${name}::${wanted.type}`,
          ]
        : []),
      ...standard.filter((one) => !drop.includes(one)),
      ...(isSame('notNull') ? [] : [`${alter} ${wanted.notNull ? 'SET' : 'DROP'} NOT NULL`]),
    ],
    ...(retyped ? { note: 'values that would not stay what they are make it fail' } : {}),
  };
}

/** A sequence that was dropped is made again, and no number is given out a second time. */
function numbering(table: string, name: string, sequence: string, isOwn: boolean): string[] {
  const text = `'${sequence.replaceAll("'", "''")}'`;
  return [
    ...(isOwn
      ? []
      : [
          `CREATE SEQUENCE IF NOT EXISTS ${sequence}`,
          `ALTER SEQUENCE ${sequence} OWNED BY ${table}.${name}`,
        ]),
    `SELECT pg_catalog.setval(${text}, most) FROM (SELECT max(${name}) AS most FROM ${table}) AS held WHERE most >= (SELECT last_value + is_called::int FROM ${sequence})`,
  ];
}

const WITHOUT_EQUALITY = /^(json|xml|point|polygon|path|circle|box|line|lseg)\b/;

/** A cast cuts off what does not fit: fails where a value would not come back as it is. */
function unchanged(table: string, name: string, wanted: string, found: string): string {
  // 1.5 and 1.50 are one value in two texts; some types can only be compared as text.
  const as = WITHOUT_EQUALITY.test(found) ? '::text' : '';
  const back = `${name}::${wanted}::${found}${as}`;
  const there = `SELECT FROM ${table} WHERE ${back} IS DISTINCT FROM ${name}${as}`;
  const reason = `values of ${table}.${name} do not fit ${wanted}`.replaceAll("'", "''");
  return `DO $mend$ BEGIN IF EXISTS (${there}) THEN RAISE EXCEPTION USING MESSAGE = '${reason}'; END IF; END $mend$`;
}

const standardOf = (alter: string, standard: string | undefined): string =>
  standard === undefined ? `${alter} DROP DEFAULT` : `${alter} SET DEFAULT ${standard}`;
