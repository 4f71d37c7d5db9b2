import { judge } from '../access/judgement.js';
import { assertMayWrite } from '../access/may-write.js';
import type { Opened } from '../access/open.js';
import { type Locked, withDatabase, withLock } from '../access/open.js';
import { recordedIn, standingOn, toAdopt } from '../access/record/recorded.js';
import { goneBelow } from '../access/unknown-kinds.js';
import { coveredBy, entriesOf, writeStamp } from '../apply/write-stamp.js';
import { hasUserTables } from '../database/catalog/occupancy.js';
import { roleScript } from '../database/connection/session-state.js';
import { isBegun } from '../database/tables/backfill-orders.js';
import { readChunks } from '../database/tables/backfill-state.js';
import { newestMoved } from '../database/tables/last-entries.js';
import {
  entryScript,
  lockGuard,
  numberGuard,
  rowGuard,
  rowScript,
  rowsLock,
  saidGuard,
  tableStatements,
  transactionScript,
} from '../database/tables/script.js';
import { absentRows, presentRows } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import type { StampPlan } from '../plan/plan.js';
import type { StampOptions } from './stamp-target.js';
import { planStampOver, type StampTarget, stampTargetOf } from './stamp-target.js';

/** See `stamp`. */
export async function stampDatabase(options: StampOptions): Promise<StampResult> {
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => {
      const { target, plan } = await lookAt(opened, options);
      await assertMayWrite(opened, options);
      return resultOf(opened, plan, target, true);
    });
  return withLock(options, async (locked) => {
    const { target, plan } = await lookAt(locked, options);
    await assertConfirmed(locked, plan, target, options);
    await assertMayWrite(locked, options);
    // Rows that stay where they are may still be meant to say something else than what is recorded.
    const covers = saysMore(locked, plan, target, options)
      ? coveredBy(locked.project.graph, plan.to, locked.record, plan.remove)
      : undefined;
    await writeStamp(locked, plan, options, target.why, {
      covers: target.covers ?? covers,
      drift: target.drift,
      goesOn: options.recorded,
    });
    return resultOf(locked, plan, target, false);
  });
}

/** What is to be stamped, and how it is to be done. */
interface Looked extends StampTarget {
  /** Revisions of which batches are committed, and whose backfill did not come to its end. */
  readonly stopped: readonly string[];
}

async function lookAt(opened: Opened, options: StampOptions): Promise<{ target: Looked; plan: StampPlan }> {
  const { project, rows, session, table } = opened;
  const target = await stampTargetOf(opened, options);
  const stopped = (await readChunks(session, table)).filter(isBegun).map(({ revision }) => revision);
  return { target: { ...target, stopped }, plan: planStampOver(project.graph, rows, target.targets) };
}

/** Whether a stamp that moves no row has something to say that is not recorded: what a person decides is. */
function saysMore(opened: Opened, plan: StampPlan, target: Looked, options: StampOptions): boolean {
  const { runsAgain, neverRan } = consequencesOf(opened, plan, target);
  const { project, record, rows, begun, table } = opened;
  return (
    (!target.proven && options.recorded !== true) ||
    runsAgain.length + neverRan.length + begun.length + (table.absent ?? []).length > 0 ||
    toAdopt(project.graph, record, rows) !== null
  );
}

function resultOf(opened: Opened, plan: StampPlan, target: Looked, dryRun: boolean): StampResult {
  const { from, to } = plan;
  const about = consequencesOf(opened, plan, target);
  return { direction: 'stamp', from, to, steps: [], dryRun, why: target.why, plan, ...about };
}

/** What a stamp does to what is recorded. */
function consequencesOf(
  opened: Opened,
  plan: StampPlan,
  { covers: counted, stopped }: Pick<Looked, 'covers' | 'stopped'>,
): StampConsequences {
  // What is recorded stays as it is.
  if (counted !== undefined) return { forgets: [], runsAgain: [], neverRan: [], halfDone: [] };
  const { graph } = opened.project;
  const { applied, missed } = judge(graph, opened);
  const covers = new Set(coveredBy(graph, plan.to, opened.record, plan.remove));
  const forgets = plan.remove.filter((row) => !graph.has(row));
  // What no file has is only in the ledger; of a row that is told, also what it stands on.
  const standing = standingOn(opened.record);
  const told = new Set(forgets.flatMap((row) => goneBelow(graph, row, (id) => standing.get(id) ?? null)));
  // A part of a squash that did not run as a whole ran by itself.
  const isAlone = (id: string, today: string): boolean =>
    id !== today && !covers.has(today) && !applied.includes(today);
  const unknown = [...recordedIn(graph, opened.record ?? [])].filter((id) => {
    const today = graph.today(id);
    return today === undefined || isAlone(id, today);
  });
  const ran = [...applied, ...unknown.filter((id) => !told.has(id))];
  return {
    forgets,
    runsAgain: ran.filter((id) => !covers.has(id)),
    neverRan: [
      ...missed.flatMap(({ revision }) => (covers.has(revision) ? [revision] : [])),
      ...opened.unsquashed.flatMap(({ squash, missing }) => (covers.has(squash) ? missing : [])),
    ],
    halfDone: [
      ...new Set([
        ...opened.begun.map(({ revision }) => revision),
        ...stopped.filter(
          (id) => covers.has(graph.today(id) ?? id) && !applied.includes(graph.today(id) ?? id),
        ),
      ]),
    ],
  };
}

/** The stamp as a script. */
export async function stampScript(options: StampOptions): Promise<StampScript> {
  return withDatabase(options, async (opened) => {
    const { table } = opened;
    const { target, plan } = await lookAt(opened, options);
    const { covers, why, drift } = target;
    const keeps = { drift, goesOn: options.recorded, ...(covers === undefined ? {} : { covers }) };
    const entries = entriesOf(opened, plan, options, why, keeps).map((entry) => entryScript(table, entry));
    const statements = [
      lockGuard(table, true),
      rowsLock(table),
      rowGuard(table, presentRows(table, plan.from)),
      saidGuard(table, await newestMoved(opened.session, table)),
      ...absentRows(table),
      ...rowScript(table, plan),
      ...entries,
    ];
    const text = [
      ...roleScript(options.role ?? null),
      ...tableStatements(table),
      numberGuard(table),
      ...transactionScript(statements),
    ]
      .map((s) => `${s};\n`)
      .join('');
    return { ...resultOf(opened, plan, target, true), text };
  });
}

/** What a stamp takes out of sight, or brings back to be run, is said before it is written. */
function assertKnown(
  opened: Opened,
  plan: StampPlan,
  target: Looked,
  { unknownRows, reason }: StampOptions,
): void {
  const { forgets, runsAgain, neverRan, halfDone } = consequencesOf(opened, plan, target);
  const to = plan.to.join(', ') || 'base';
  const refuse = (what: string, consequence: string): never => {
    throw new RevgraphError('confirmation_needed', { what, consequence });
  };
  if (neverRan.length > 0)
    refuse(
      `Stamping ${to} counts ${neverRan.join(', ')} as applied, which never ran here`,
      'it will never run.',
    );
  if (halfDone.length > 0)
    refuse(
      `A step outside a transaction, or a backfill, of ${halfDone.join(', ')} did not come to its end on this database, and a stamp of ${to} counts what is there as whole`,
      'nothing goes on with it. See what it left with `revgraph status` and `revgraph doctor`.',
    );
  if (runsAgain.length > 0)
    refuse(
      `Stamping ${to} forgets that ${runsAgain.join(', ')} ran on this database`,
      'the next upgrade runs it again.',
    );
  if (forgets.length > 0 && !(unknownRows === 'allow' && reason !== undefined))
    refuse(
      `Stamping ${to} drops the row ${forgets.join(', ')}, which no file has`,
      'the code that knows it will run it again.',
    );
}

async function assertConfirmed(
  locked: Locked,
  plan: StampPlan,
  target: Looked,
  options: StampOptions,
): Promise<void> {
  const { session, table, rows } = locked;
  if (options.confirmed === true) return;
  if (!target.proven || rows.length === 0) assertKnown(locked, plan, target, options);
  if (plan.to.length === 0) return;
  if (target.proven) {
    const contradicts = rows.length > 0 && plan.remove.length > 0;
    if (!contradicts) return;
    throw new RevgraphError('confirmation_needed', {
      what: `The version table has ${rows.join(', ')}, but the schema matches ${plan.to.join(', ')}`,
      consequence: 'the stamp would replace the rows with what the schema shows.',
    });
  }
  if (table.exists || !(await hasUserTables(session, table.schema))) return;
  throw new RevgraphError('confirmation_needed', {
    what: `The database has tables and no version table, and no evidence supports the stamp ${plan.to.join(', ')}`,
    consequence: 'revisions up to there will never run.',
  });
}

/** A stamp that `psql` can run. */
export interface StampScript extends StampResult {
  readonly text: string;
}

/** What a stamp does beside moving rows. */
export interface StampConsequences {
  /** Rows that no file has, and that go. */
  readonly forgets: readonly string[];
  /** Revisions that the ledger records as applied: the next upgrade runs them again. */
  readonly runsAgain: readonly string[];
  /** Revisions that never ran here, and count as applied. */
  readonly neverRan: readonly string[];
  /** Revisions of which a step outside a transaction did not come to its end: nothing goes on with it. */
  readonly halfDone: readonly string[];
}

export interface StampResult extends StampConsequences {
  readonly direction: 'stamp';
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly steps: readonly [];
  readonly dryRun: boolean;
  /** The reason or the evidence of the stamp. */
  readonly why: string;
  readonly plan: StampPlan;
}
