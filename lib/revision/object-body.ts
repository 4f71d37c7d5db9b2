import { makeCheck, readCheck } from './check.js';
import { checksumCode, checksumSections } from './checksum.js';
import type { RevisionDefinition } from './define.js';
import type { Check, Header, RevisionBody, RevisionFunction } from './revision.js';
import type { RawSection } from './sections.js';
import { splitStatements, wordsOf } from './statements.js';
import { normalised } from './text.js';

type Part = string | RevisionFunction | undefined;

/**
 * The body of an object. With SQL in both directions it is that of a `.sql` file; with a function in either,
 * that of a code file, and SQL in the other direction becomes a function that runs its statements in turn.
 *
 * @throws RevgraphError `statement_unparsable` or `statement_refused` where the SQL can't be cut into tokens
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
    for (const { sql } of await splitStatements(part, { file: revision, line: 1 })) await db.query(sql);
  };
}

/** SQL counts by its tokens, as in a file, so that the same revision has one checksum in either form. */
async function checksumObject(definition: RevisionDefinition, header: Header): Promise<string> {
  const { upgrade, downgrade } = definition;
  const sections: Pick<RawSection, 'name' | 'value' | 'tokens'>[] = [];
  const add = async (name: RawSection['name'], value: string, sql: string): Promise<void> => {
    const tokens = await wordsOf(normalised(sql), { file: definition.revision, line: 1 });
    sections.push({ name, value, tokens });
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
