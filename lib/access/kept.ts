import { keptDowngrades } from '../database/tables/runs-of.js';
import { loadProject } from '../project/project.js';
import type { Revision } from '../revision/revision.js';
import type { KeptText } from '../run/prepare.js';
import { judge } from './judgement.js';
import type { Opened } from './open.js';
import { type Runs, runsIn } from './runs.js';

/** The downgrade of a revision that no file has, as the ledger keeps it. */
export interface KeptDowngrade extends KeptText {
  readonly revision: string;
}

type Known = Pick<Opened, 'project' | 'session' | 'rows' | 'table' | 'record'>;

/** A database whose graph also has the revisions that its ledger keeps, where these are known down to the files. */
export interface Complete<T extends Known> {
  readonly opened: T;
  readonly kept: ReadonlyMap<string, KeptDowngrade>;
}

/**
 * Adds what the ledger keeps of rows that no file has to the graph, so that they can be planned and taken back like any
 * other. No query where every row has a file.
 * @param known where the runs were read already
 */
export async function withKept<T extends Known>(opened: T, known?: Runs): Promise<Complete<T>> {
  const { project, rows, record, session, table } = opened;
  const { graph, revisions } = project;
  // One whose place a squash took has a place in the graph, under another name.
  const unknown = rows.filter((row) => graph.today(row) === undefined);
  if (unknown.length === 0 || record === null) return { opened, kept: new Map() };
  const runs = known ?? (await runsIn(opened));
  const parentsOf = (id: string): readonly string[] => runs.get(id)?.parents ?? [];
  const lines = unknown.map((row) =>
    lineOf(row, (id) => (graph.today(id) === undefined ? parentsOf(id) : null)),
  );
  // A line of which one revision is not kept has no place in the graph.
  const whole = new Set(lines.filter((line) => line.every((id) => runs.get(id)?.kept === true)).flat());
  if (whole.size === 0) return { opened, kept: new Map() };
  const texts = await keptDowngrades(session, table, [...whole]);
  const kept = new Map([...whole].map((id) => [id, { ...(texts.get(id) as KeptText), revision: id }]));
  const added = [...kept.values()].map((one) => revisionOf(one, parentsOf(one.revision)));
  const complete = { ...project, ...(await loadProject([...revisions.values(), ...added])) };
  // Where history does not fit, that has to be mended by code that has the files.
  const { missed, lost } = judge(complete.graph, opened);
  if (missed.length + lost.length > 0) return { opened, kept: new Map() };
  return { opened: { ...opened, project: complete }, kept };
}

/** An unknown revision, and those below it that are unknown too. */
function lineOf(row: string, parentsOf: (id: string) => readonly string[] | null): string[] {
  const line = new Set([row]);
  for (const id of line)
    for (const parent of parentsOf(id) ?? []) if (parentsOf(parent) !== null) line.add(parent);
  return [...line];
}

/** A revision of which only the way back is known. */
function revisionOf(
  { revision, message, sql, transaction, loses }: KeptDowngrade,
  revises: readonly string[],
): Revision {
  const none = { upgrade: null, batches: [], precheck: [], verify: [], probe: null, checksum: '' };
  return {
    revision,
    message,
    revises,
    dependsOn: [],
    labels: [],
    file: null,
    header: {
      ...{ transaction: transaction ?? 'auto', loses: loses ?? null, irreversible: null, requires: [] },
      ...{ idempotent: false, adopt: false, background: false, kind: 'object' },
    },
    body: async () => ({ ...none, kind: 'sql', downgrade: sql === null ? null : { sql, line: 1 } }),
  };
}
