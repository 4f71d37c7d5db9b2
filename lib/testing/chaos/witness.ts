import { literal } from '../../database/literal.js';
import type { Project } from '../../project/project.js';
import type { Revision, RevisionBody, RevisionContext, Section } from '../../revision/revision.js';

/** Unique keys that no correct run breaks. */
export const ONCE = 'chaos_once';
export const APART = 'chaos_apart';

/**
 * What PostgreSQL judges by, whatever we say: a row per revision, which the transaction of its step writes; when it ran, where two runs
 * that overlap are refused; and a sequence, which no rollback takes back, so that attempts that left no row are counted too.
 */
export const WITNESS_OBJECTS = `
  CREATE SCHEMA chaos;
  CREATE SEQUENCE chaos.attempts;
  CREATE TABLE chaos.witness (
    revision text CONSTRAINT ${ONCE} PRIMARY KEY,
    at timestamptz NOT NULL,
    attempt bigint NOT NULL
  );
  CREATE TABLE chaos.runs (revision text NOT NULL, ran tstzrange NOT NULL, CONSTRAINT ${APART} EXCLUDE USING gist (ran WITH &&));
  GRANT ALL ON SCHEMA chaos TO PUBLIC;
  GRANT ALL ON ALL TABLES IN SCHEMA chaos TO PUBLIC;
  GRANT ALL ON ALL SEQUENCES IN SCHEMA chaos TO PUBLIC`;

/**
 * The project with a witness in each revision. It has no folder: a catalogue would not know the witnesses. What was written down of a
 * revision, and its checksum, stay.
 */
export function witnessed(project: Project, stepMs: number): Project {
  const all = [...project.revisions].map(([id, revision]) => [id, withWitness(revision, stepMs)] as const);
  return { graph: project.graph, revisions: new Map(all) };
}

function withWitness(revision: Revision, stepMs: number): Revision {
  const read = revision.body;
  // Such code wants to be the first to ask something of its transaction, or writes nothing before its batches.
  const isFirst = revision.mentions?.('batches') !== false || revision.mentions('transaction');
  const body = async (): Promise<RevisionBody> =>
    bodyWith(await read(), revision.revision, { stepMs, isFirst });
  return { ...revision, body: Object.assign(body, { ...read }) };
}

/** Of `@batch` sections nothing but they themselves is run: they have no witness. */
export const hasWitness = (body: RevisionBody): boolean => body.kind === 'code' || body.batches.length === 0;

function bodyWith(
  body: RevisionBody,
  id: string,
  { stepMs, isFirst }: { stepMs: number; isFirst: boolean },
): RevisionBody {
  if (!hasWitness(body)) return body;
  if (body.kind === 'sql') return { ...body, upgrade: sectionWith(body.upgrade, id, stepMs) };
  const { upgrade } = body;
  const code = async (context: RevisionContext): Promise<void> => {
    if (!isFirst) await context.db.query(beginning(id, 'clock_timestamp()'));
    await upgrade?.(context);
    if (isFirst) await context.db.query(beginning(id, 'now()'));
    await context.db.query(end(id, stepMs));
  };
  return { ...body, upgrade: code };
}

/** On the first line, so that the lines of the file stay what they are. */
function sectionWith(section: Section | null, id: string, stepMs: number): Section {
  const { sql, line } = section ?? { sql: '', line: 1 };
  const isLate = /\bset\s+(local\s+|session\s+)?transaction\b|\bcharacteristics\b/i.test(sql);
  const before = isLate ? '' : `${beginning(id, 'clock_timestamp()')}; `;
  const behind = isLate ? `${beginning(id, 'now()')};\n` : '';
  return { sql: `${before}${sql}\n;\n${behind}${end(id, stepMs)};\n`, line };
}

const beginning = (id: string, at: string): string =>
  `INSERT INTO chaos.witness (revision, at, attempt) VALUES (${literal(id)}, ${at}, nextval('chaos.attempts'))`;

/** The sleep comes before the clock is read. */
const end = (id: string, stepMs: number): string =>
  `INSERT INTO chaos.runs (revision, ran) SELECT revision, tstzrange(at, greatest(at, clock_timestamp())) FROM chaos.witness, pg_sleep(${stepMs / 1_000}) WHERE revision = ${literal(id)}`;
