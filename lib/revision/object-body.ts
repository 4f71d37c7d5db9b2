import { runStatement } from '../database/connection/session.js';
import { assertScannable, splitStatements } from '../sql/statements.js';
import { makeCheck, readCheck } from './check.js';
import { type Counted, checksumCode, checksumSections } from './checksum.js';
import type { Header } from './header/assemble.js';
import type { Check, RevisionBody, RevisionFunction } from './revision.js';
import type { RawSection } from './sections.js';
import { normalised } from './text.js';

type Part = string | RevisionFunction | undefined;

/**
 * The body of an object. With SQL in both directions it is the body of a `.sql` file. With a function in either, it is that of a
 * code file, and SQL in the other direction becomes a function that runs its statements in turn.
 *
 * @throws RevgraphError `statement_unparsable` or `statement_refused` if the SQL can't be split into tokens
 */
export async function readObjectBody(definition: RevisionDefinition, header: Header): Promise<RevisionBody> {
  const { revision, upgrade, downgrade, probe } = definition;
  const parts = {
    precheck: checksOf(definition.precheck, revision),
    verify: checksOf(definition.verify, revision),
    probe: probe === undefined ? null : { sql: probe, line: 1 },
  };
  const checksum = await checksumObject(definition, header);
  if (typeof upgrade === 'function' || typeof downgrade === 'function') {
    const code = { upgrade: asFunction(upgrade), downgrade: asFunction(downgrade) };
    return { kind: 'code', ...code, ...parts, checksum };
  }
  const section = (sql: string | undefined) => (sql === undefined ? null : { sql, line: 1 });
  return {
    kind: 'sql',
    upgrade: section(upgrade),
    downgrade: section(downgrade),
    batches: [],
    ...parts,
    checksum,
  };
}

function checksOf(checks: RevisionDefinition['verify'], file: string): Check[] {
  return [checks ?? []].flat().flatMap((check) => {
    const parts = readCheck(check);
    return typeof parts === 'string' ? [] : [makeCheck({ ...parts, line: 1 }, file)];
  });
}

function asFunction(part: Part): RevisionFunction | null {
  if (part === undefined) return null;
  if (typeof part === 'function') return part;
  return async ({ db, revision }) => {
    for (const { sql } of await splitStatements(part, { file: revision, line: 1 }))
      await runStatement(db, sql);
  };
}

/** SQL counts by its tokens, as in a file, so that the same revision has one checksum in either form. */
async function checksumObject(definition: RevisionDefinition, header: Header): Promise<string> {
  const { upgrade, downgrade } = definition;
  const sections: Counted[] = [];
  const add = async (name: RawSection['name'], value: string, sql: string): Promise<void> => {
    const text = normalised(sql);
    await assertScannable(text, { file: definition.revision, line: 1 });
    sections.push({ name, value, sql: text });
  };
  for (const name of ['precheck', 'verify'] as const) {
    for (const { sql, expect } of checksOf(definition[name], definition.revision)) {
      await add(name, `"-" expect ${expect}`, sql);
    }
  }
  if (definition.probe !== undefined) await add('probe', '', definition.probe);
  if (typeof upgrade === 'string') await add('upgrade', '', upgrade);
  if (typeof downgrade === 'string') await add('downgrade', '', downgrade);
  const sql = checksumSections(sections, header.transaction);
  const code = [upgrade, downgrade].filter((part) => typeof part === 'function').map(String);
  return code.length === 0 ? sql : checksumCode([sql, ...code].join('\n'), header.transaction);
}

/** A check of {@link RevisionDefinition}. `expect` is compared as text. Default `true`; `none`: no rows. */
export interface CheckDefinition {
  readonly title: string;
  readonly sql: string;
  readonly expect?: string | number | boolean | undefined;
  /** Only for `verify`: the later revision that makes the check obsolete. */
  readonly until?: string | undefined;
}

/** A revision as an object, for bundled services and tests. The keys correspond to the tags of a revision file. */
export interface RevisionDefinition {
  readonly revision: string;
  /** Parents. Default: none, which makes a base. */
  readonly revises?: string | readonly string[];
  readonly dependsOn?: string | readonly string[];
  readonly labels?: string | readonly string[];
  /** Ids that it had before. */
  readonly formerly?: string | readonly string[];
  /** Revisions whose place it took (a squash), in the order in which they ran. */
  readonly replaces?: string | readonly string[];
  readonly message?: string;
  /** As after `@requires`: `postgres >=14`, `extension NAME`, `privilege WORDS`, `backfill REVISION`. */
  readonly requires?: string | readonly string[];
  /** The first version of the product that runs on the schema behind it. */
  readonly breaksBefore?: string;
  readonly transaction?: 'none';
  readonly idempotent?: boolean;
  /** Why there is no downgrade. */
  readonly irreversible?: string;
  readonly adopt?: boolean;
  /** What a downgrade loses permanently, as text. */
  readonly loses?: string;
  /** Runs in the background: an upgrade queues it and continues. */
  readonly background?: boolean;
  readonly precheck?: CheckDefinition | readonly CheckDefinition[];
  readonly verify?: CheckDefinition | readonly CheckDefinition[];
  /** A boolean query that proves the revision applied. */
  readonly probe?: string;
  /** SQL or a function. Only a merge point or a documentation revision may omit it. */
  readonly upgrade?: string | RevisionFunction;
  readonly downgrade?: string | RevisionFunction;
}
