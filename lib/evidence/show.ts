import { currentRows } from '../access/open.js';
import type { DatabaseOptions, ProjectOptions } from '../config/options.js';
import type { DatabaseSource } from '../database/connection/session.js';
import { describe, type HistoryEntry, listRange, namedIds } from '../project/list.js';
import { loadProject } from '../project/project.js';
import { changesOf } from './changes.js';

/** A database is only needed for the target `current`. */
export interface HistoryOptions extends ProjectOptions, Omit<Partial<DatabaseOptions>, 'revisions'> {
  /** `A:B`, `A:`, `:B`, both ends included. Default: all revisions. */
  readonly range?: string | undefined;
  readonly database?: DatabaseSource;
}

/** A revision with its changes of the schema, from the catalogue. */
export interface ShownRevision extends HistoryEntry {
  /** Facts that it added and removed; null without a catalogue, or if the catalogue is older than the revision. */
  readonly adds: readonly string[] | null;
  readonly removes: readonly string[] | null;
}

/** See `history`. */
export async function showHistory(options: HistoryOptions): Promise<HistoryEntry[]> {
  const project = await loadProject(options.revisions);
  const rows = () => currentRows({ ...options, revisions: project });
  return listRange(options.range ?? ':', { project, releases: options.releases, rows });
}

/** See `show`. */
export async function showRevisions(
  options: Omit<HistoryOptions, 'range'> & { readonly target: string | readonly string[] },
): Promise<ShownRevision[]> {
  const project = await loadProject(options.revisions);
  const rows = () => currentRows({ ...options, revisions: project });
  const found = await namedIds([options.target].flat(), { project, releases: options.releases, rows });
  const changes = await changesOf(project, found);
  return found.map((id) => {
    const { adds, removes } = changes.get(id) ?? { adds: null, removes: null };
    return { ...describe(project, id), adds, removes };
  });
}
