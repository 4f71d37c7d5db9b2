import { halfDowngraded, judge, missedRevisions, rowsLost } from '../access/judgement.js';
import { type Opened, withDatabase } from '../access/open.js';
import { breaksIn } from '../access/record/recorded.js';
import type { State } from '../access/state.js';
import { type Status, statusIn } from '../access/status.js';
import { assertCompatible, splitUnknown } from '../access/unknown-rows.js';
import type { DatabaseOptions } from '../config/options.js';
import type { DatabaseSource } from '../database/connection/session.js';
import { RevgraphError } from '../errors/error.js';
import { list } from '../errors/words.js';
import { BASE, lookupOne } from '../graph/lookup.js';
import { marked } from '../graph/walk.js';
import {
  ABOUT_HEADS,
  type CheckProblem,
  type CheckResult,
  checkRevisions,
  type RevisionCheckOptions,
} from '../project/check.js';

/** A comparator of `runsOn`. */
export const COMPARATOR = /^(>=|<)([A-Za-z0-9_.]{1,64})$/;

export interface CheckOptions
  extends RevisionCheckOptions,
    Omit<DatabaseOptions, 'database' | 'revisions' | 'lines'> {
  /** A database: what is wrong between it and these revisions is a problem as well. Nothing is written. */
  readonly against?: DatabaseSource | undefined;
  /** With `against`: whether this release of the product can run on it, for whoever goes back. */
  readonly release?: string | undefined;
}

/** Where the database of `check({ against })` stands. */
export interface Against {
  readonly database: string;
  readonly state: State;
  readonly current: readonly string[];
  readonly pending: readonly string[];
  /** The release that was asked for, and whether it can run there; null where none was. */
  readonly release: {
    readonly version: string;
    readonly runs: boolean;
    readonly reasons: readonly string[];
  } | null;
}

/** See `check`. */
export async function checkAll(options: CheckOptions): Promise<CheckResult & { against: Against | null }> {
  const checked = await checkRevisions(options);
  const { problems } = checked;
  const { against: database, release } = options;
  if (database === undefined && release !== undefined)
    throw new RevgraphError('usage', {
      message: 'A release is checked against a database.',
      hint: 'Name one with --against URL.',
    });
  // A graph that is none can't be compared.
  const isGraph = problems.every(({ code }) => ABOUT_HEADS.has(code));
  if (database === undefined || !isGraph) return { ...checked, against: null };
  return withDatabase({ ...options, database }, async (opened) => {
    const status = await statusIn(opened, options);
    const found = await problemsOf(opened, status, options);
    const told = release === undefined ? null : await canRun(opened, release, options);
    const all = [...problems, ...found, ...(told?.runs === false ? [unfit(told, status.database)] : [])];
    const { state, current, pending } = status;
    const against = { database: status.database, state, current, pending, release: told };
    return { ...checked, ok: all.length === 0, problems: all, against };
  });
}

/** What a run or a start would be refused for, and revisions that were edited. */
async function problemsOf(
  opened: Opened,
  { edited, unknown }: Status,
  { releases }: Pick<DatabaseOptions, 'releases'>,
): Promise<CheckProblem[]> {
  const { graph } = opened.project;
  const judged = judge(graph, opened);
  const found: RevgraphError[] = [];
  if (judged.lost.length > 0) found.push(rowsLost(graph, opened, judged));
  for (const half of judged.halfDown) found.push(halfDowngraded(graph, opened, half));
  if (judged.missed.length > 0) found.push(missedRevisions(graph, opened, judged.missed));
  if (edited.length > 0) found.push(new RevgraphError('edited_revisions', { edited }));
  // A database that is ahead serves older code.
  const isAhead = unknown.every(({ kind }) => kind === 'ahead');
  const refusals = [
    splitUnknown(opened, { unknownRows: isAhead ? 'allow' : 'refuse', releases }),
    assertCompatible(opened, { releases }),
  ];
  for (const refused of await Promise.allSettled(refusals)) {
    if (refused.status === 'fulfilled') continue;
    if (!(refused.reason instanceof RevgraphError)) throw refused.reason;
    found.push(refused.reason);
  }
  return found.map(({ code, message, hint }) => ({ code, message, hint, files: [] }));
}

type Told = NonNullable<Against['release']>;

/** Whether code of a release runs on a database: by what it is said to run on, else where all of its revisions ran. */
async function canRun(
  { project: { graph, revisions }, record, ...opened }: Opened,
  typed: string,
  { releases = {}, runsOn = {} }: CheckOptions,
): Promise<Told> {
  const { isOlder, releaseKey, revisionsOf } = await import('../project/releases.js');
  const version = releaseKey(releases, typed);
  const ran = new Set(judge(graph, { ...opened, record }).applied);
  const rule = Object.entries(runsOn).find(([key]) => releaseKey(releases, key) === version)?.[1];
  const reasons: string[] = [];
  if (rule === undefined) {
    const missing = graph
      .idsOf(marked(graph.closureOf(revisionsOf(graph, releases, version))))
      .filter((id) => !ran.has(id));
    if (missing.length > 0) reasons.push(`${list(missing)} never ran there`);
  } else
    for (const comparator of rule.split(/\s+/).filter((word) => word !== '')) {
      const [, sign = '', name = ''] = COMPARATOR.exec(comparator) ?? [];
      const id = graph.idsOf([lookupOne(graph, name)].filter((n) => n !== BASE))[0] ?? name;
      if (sign === '>=' && !ran.has(id)) reasons.push(`${id} never ran there`);
      if (sign === '<' && ran.has(id)) reasons.push(`${id} ran there`);
    }
  const breaking = new Map([...ran].flatMap((id) => [[id, revisions.get(id)?.header.breaksBefore] as const]));
  for (const [id, before] of breaksIn(graph, record)) breaking.set(id, before);
  for (const [id, before] of breaking)
    if (before !== undefined && isOlder(version, before))
      reasons.push(`${id} ran there, which code before ${before} does not run on`);
  return { version, runs: reasons.length === 0, reasons };
}

function unfit({ version, reasons }: Told, database: string): CheckProblem {
  const back = reasons.some((reason) => !reason.endsWith('never ran there'));
  return {
    code: 'release_unfit',
    message: `Release ${version} can't run on ${database}: ${reasons.join('; ')}.`,
    hint: `First bring that database ${back ? 'down' : 'up'} to the release.`,
    files: [],
  };
}
