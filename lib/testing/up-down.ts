import { undoRevision } from '../apply/downgrade.js';
import { upgradeDatabase } from '../apply/upgrade.js';
import { facts } from '../commands/facts.js';
import { checkOptions } from '../config/check-options.js';
import { readContents } from '../database/catalog/contents.js';
import { withSession } from '../database/connection/connect.js';
import type { DatabaseSource } from '../database/connection/session.js';
import { dropAfter, openThrowAways } from '../database/throwaway/throwaway.js';
import { planUpgrade } from '../plan/upgrade.js';
import { loadProject, type Project } from '../project/project.js';
import { extensionsNeeded, type TestDatabaseOptions } from './test-database.js';

export interface UpDownOptions extends Pick<TestDatabaseOptions, 'revisions' | 'on' | 'extensions'> {
  /** Revisions that are looked at; the others only run. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Id → a script of SQL that plants rows before that revision runs. Default: none. */
  readonly rows?: Readonly<Record<string, string>> | undefined;
}

export interface UpDownResult {
  /** Revisions that went up, down and up again, in order. */
  readonly revisions: readonly string[];
  /** Those that have no way down. */
  readonly skipped: readonly string[];
}

/**
 * Takes every revision up, down and up again, one after the other in a database of its own. Down, the schema has to be what it was
 * before, and so have the rows, unless the revision says that it loses some (`@loses`); up again, the schema and the number of rows of each
 * table what they were the first time.
 *
 * ```ts
 * test('every revision has a way back', () => expectUpDown({ revisions: './revisions', rows: { b2: "INSERT INTO t VALUES (1)" } }));
 * ```
 *
 * @throws Error that names every difference of the first revision that has one; what `upgrade` and `undo` throw
 */
export async function expectUpDown(options: UpDownOptions): Promise<UpDownResult> {
  const { on, only, rows = {} } = options;
  const project = await loadProject(options.revisions);
  const { graph } = project;
  const extensions = options.extensions ?? (on === undefined ? await extensionsNeeded(project) : []);
  const looked = new Set(only ?? graph.ids);
  const place = await openThrowAways({ on, extensions });
  return dropAfter(place, async () => {
    const { database, run } = await place.fresh();
    const result = { revisions: [] as string[], skipped: [] as string[] };
    for (const { revision } of planUpgrade(graph, [], graph.effectiveHeads).steps) {
      const planted = rows[revision];
      if (planted !== undefined) await run(planted);
      const isLooked = looked.has(revision);
      const before = isLooked ? await look(database) : null;
      await up(database, project, revision);
      if (before === null) continue;
      if (await isOneWay(project, revision)) result.skipped.push(revision);
      else {
        await goDownAndUp(database, project, revision, before);
        result.revisions.push(revision);
      }
    }
    return result;
  });
}

/** What a database holds, without our own tables. */
interface Looked {
  readonly facts: ReadonlySet<string>;
  readonly rows: ReadonlyMap<string, string>;
}

const OURS = /\brevgraph_(?:version|ledger|backfill|quarantine|lock)/;

async function look(database: DatabaseSource): Promise<Looked> {
  const rows = await withSession(database, {}, readContents);
  return {
    facts: new Set(await facts({ database })),
    // A sequence goes on, whatever is taken back.
    rows: new Map([...rows].filter(([name, contents]) => !OURS.test(name) && contents.includes(' rows '))),
  };
}

async function goDownAndUp(
  database: DatabaseSource,
  project: Project,
  revision: string,
  before: Looked,
): Promise<void> {
  const after = await look(database);
  const undone = { database, revisions: project, target: revision, confirmed: true };
  await undoRevision(await checkOptions('undo', undone));
  const loses = project.revisions.get(revision)?.header.loses ?? null;
  const below = await look(database);
  report(revision, 'taken back, the database is not what it was before', [
    ...factsThatDiffer(before, below),
    ...(loses === null ? rowsThatDiffer(before, below, (contents) => contents) : []),
  ]);
  await up(database, project, revision);
  const again = await look(database);
  report(revision, 'run a second time, it does something else than the first time', [
    ...factsThatDiffer(after, again),
    ...rowsThatDiffer(after, again, (contents) => contents.split(' ')[0] ?? ''),
  ]);
}

async function up(database: DatabaseSource, project: Project, target: string): Promise<void> {
  const options = { database, revisions: project, target, background: 'inline' as const };
  await upgradeDatabase(await checkOptions('upgrade', options));
}

async function isOneWay({ revisions }: Project, id: string): Promise<boolean> {
  const revision = revisions.get(id);
  if (revision === undefined || revision.header.irreversible !== null) return true;
  // A merge point has nothing to take back.
  const { upgrade, downgrade, ...body } = await revision.body();
  const isEmpty = upgrade === null && (body.kind !== 'sql' || body.batches.length === 0);
  return downgrade === null && !isEmpty;
}

function factsThatDiffer(was: Looked, is: Looked): string[] {
  return [
    ...[...was.facts].filter((fact) => !is.facts.has(fact)).map((fact) => `- ${fact}`),
    ...[...is.facts].filter((fact) => !was.facts.has(fact)).map((fact) => `+ ${fact}`),
  ];
}

/** Of tables that are there in both. */
function rowsThatDiffer(was: Looked, is: Looked, part: (contents: string) => string): string[] {
  return [...was.rows].flatMap(([table, contents]) => {
    const other = is.rows.get(table);
    return other === undefined || part(other) === part(contents)
      ? []
      : [`~ rows of ${table.replaceAll('"', '')}`];
  });
}

function report(revision: string, what: string, differences: readonly string[]): void {
  if (differences.length === 0) return;
  const shown = differences.slice(0, 20);
  const more = differences.length > shown.length ? [`… ${differences.length - shown.length} more`] : [];
  throw new Error([`${revision}: ${what}:`, ...shown, ...more].join('\n  '));
}
