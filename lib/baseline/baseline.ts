import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { withDatabase } from '../access/open.js';
import { stateOf } from '../access/state.js';
import type { RunOptions } from '../config/options.js';
import { readFactRows } from '../database/catalog/introspect.js';
import type { Session } from '../database/connection/session.js';
import { dropAfter, openThrowAways } from '../database/throwaway/throwaway.js';
import { RevgraphError } from '../errors/error.js';
import { replayGraph } from '../evidence/building/build.js';
import { runOnEmpty } from '../evidence/building/on-empty.js';
import { stampDatabase } from '../evidence/stamp.js';
import { difference, isComment, type Snapshot, toSnapshot } from '../fingerprint/fact.js';
import type { BASELINE } from '../options/files.js';
import type { OptionsOf } from '../options/option.js';
import { loadProject, type Project } from '../project/project.js';
import { escapedMessage } from '../revision/header/prose.js';
import type { Revision } from '../revision/revision.js';
import { writeWhole } from '../revision/whole-file.js';
import { fileName, oneLine, readBack } from '../revision/write.js';
import { dumpOf } from './dump.js';
import { type Kept, keptOf, type LeftOut } from './kept.js';

export interface BaselineOptions extends RunOptions, OptionsOf<typeof BASELINE> {
  /** The folder that the file is written to; it has no revision yet. */
  readonly revisions: string;
  readonly message: string;
}

export interface BaselineResult {
  readonly revision: string;
  readonly file: string;
  /** Statements of its upgrade. */
  readonly statements: number;
  /** Statements of the dump that a person may miss in it. */
  readonly leftOut: readonly LeftOut[];
  /** Facts of the schema, which are the same in the database and where the revision ran on an empty one. */
  readonly facts: number;
  /** Null in a dry run. */
  readonly catalogue: string | null;
  /** Whether the version table of the database says so now. */
  readonly stamped: boolean;
  /** The text of the file. */
  readonly text: string;
  readonly dryRun: boolean;
}

/** See `baseline`. */
export async function makeBaseline(options: BaselineOptions): Promise<BaselineResult> {
  const { revisions: folder, database, on, signal, dryRun = false } = options;
  const empty = await loadProject(folder, { allowEmpty: true });
  assertFirst(empty, folder);
  const taken = await keptOf(await dumpOf(database, options));
  const live = await factsOf({ ...options, revisions: empty });
  const made = await madeOf(options, taken);
  const project = await loadProject([made.revision]);
  await proven(project, live, taken, options);
  const toStamp = { ...options, target: made.revision.revision, confirmed: true, reason: REASON };
  // What keeps the stamp from being written keeps the file from being written too.
  if (options.stamp !== false) await stampDatabase({ ...toStamp, revisions: project, dryRun: true });
  const result = {
    revision: made.revision.revision,
    file: join(folder, made.name),
    statements: taken.statements,
    leftOut: taken.leftOut,
    facts: live.size,
    text: made.text,
    dryRun,
  };
  if (dryRun) return { ...result, catalogue: null, stamped: false };
  writeWhole(result.file, made.text, { fresh: true });
  const { file: catalogue } = await replayGraph({ revisions: folder, on, signal });
  if (options.stamp !== false) await stampDatabase({ ...toStamp, revisions: folder, dryRun: false });
  return { ...result, catalogue, stamped: options.stamp !== false };
}

const REASON = 'it was made from the schema of this database';

function assertFirst({ graph }: Project, folder: string): void {
  if (graph.size === 0) return;
  throw new RevgraphError('baseline_refused', {
    reason: `${folder} has revisions, and a baseline is the first one`,
    way: 'To find out which of them a database has, build their catalogue with `revgraph catalogue build`, and ask `revgraph identify`.',
  });
}

/** The schema of the database as it is. @throws `baseline_refused` where something else counts its revisions, and where nothing is there */
function factsOf(options: RunOptions): Promise<Snapshot> {
  return withDatabase(options, async (opened) => {
    const state = await stateOf(opened);
    if (state === 'empty')
      throw new RevgraphError('baseline_refused', {
        reason: 'the database has no tables',
        way: 'Write the first revision with `revgraph revision -m "…"`.',
      });
    if (state !== 'legacy')
      throw new RevgraphError('baseline_refused', {
        reason: 'the database has a version table, so it has revisions',
        way: 'Name the folder that has them with --revisions.',
      });
    return readFacts(opened.session);
  });
}

/** The file; what is written is read back before it is. */
async function madeOf(
  options: BaselineOptions,
  { sql, extensions }: Kept,
): Promise<{ name: string; text: string; revision: Revision }> {
  const id = options.id ?? randomBytes(6).toString('hex');
  const message = oneLine(options.message);
  const header = [
    escapedMessage(message),
    '',
    `@revision ${id}`,
    ...extensions.map((name) => `@requires extension ${name}`),
    '@irreversible "the history begins here"',
  ];
  const text = `${header.map((line) => `-- ${line}`.trimEnd()).join('\n')}\n\n-- @upgrade\n${sql}`;
  const name = fileName(id, message, 'sql');
  return { name, text, revision: await readBack(name, text) };
}

const readFacts = async (session: Session): Promise<Snapshot> => toSnapshot(await readFactRows(session));

/** Runs it on an empty database. @throws `baseline_differs` where that ends in another schema than there is */
async function proven(
  project: Project,
  live: Snapshot,
  { extensions }: Kept,
  { on, signal }: BaselineOptions,
): Promise<void> {
  const place = await openThrowAways({ on, extensions });
  const refused = (why: Error): RevgraphError =>
    new RevgraphError(
      'baseline_refused',
      {
        reason: `the dump does not run on an empty database (${place.label}): ${why.message}`,
        way: 'Name a server of the same version, with the same extensions, with --on.',
      },
      { cause: why },
    );
  const replayed = await dropAfter(place, () =>
    runOnEmpty(place, project, { read: readFacts, refused, signal }),
  );
  const off = difference(live, replayed);
  const missing = off.missing.filter((fact) => !isComment(fact));
  const unexpected = off.unexpected.filter((fact) => !isComment(fact));
  if (missing.length + unexpected.length > 0)
    throw new RevgraphError('baseline_differs', { missing, unexpected });
}
