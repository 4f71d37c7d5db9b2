import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { previewText, reportText } from '../../lib/render/backfill.js';
import { counted } from '../../lib/render/words.js';
import { withConfirmation } from '../ask.js';
import { define, type Family } from '../command.js';
import type { Documents } from '../documents.js';
import { flag } from '../flags.js';
import { type Globals, PROGRESS, type ProgressFlag, type RunFlags, withRunFlags } from '../globals.js';
import type { Output } from '../output.js';
import { htmlFlag, writeReport } from '../reports.js';
import { databaseAndConfig, databaseSettings, runSettings } from '../settings.js';

interface Flags extends RunFlags, ProgressFlag {
  readonly revision: string;
}

const one = (yargs: Argv): Argv =>
  yargs.positional('revision', { type: 'string', demandOption: true, describe: 'id, prefix, label' });

/** Settings of a command that writes an order; it checks `expect` first. */
async function orderSettings(
  flags: Globals & ProgressFlag,
  output: Output,
  signal: AbortSignal,
): Promise<revgraph.DatabaseOptions & Pick<revgraph.RunOptions, 'expect'>> {
  const { config, ...settings } = await databaseAndConfig(flags, output, signal);
  return { ...settings, expect: config.expect };
}

function show<K extends keyof Documents>(
  of: K,
  found: Documents[K] & Documents['backfill-status'],
  output: Output,
): void {
  for (const report of found.backfills) output.text(reportText(report, output.paint));
  if (found.backfills.length === 0) output.text('No backfill has started here.');
  output.document(of, found);
}

const status = define<{ revision?: string; exitCode: boolean } & ProgressFlag>({
  command: 'status [revision]',
  describe: 'Show the progress of backfills',
  builder: (yargs) =>
    yargs.positional('revision', { type: 'string', describe: 'Default: all' }).option('exit-code', {
      type: 'boolean',
      default: false,
      describe: 'Exit 5 unless all of them are finished',
    }),
  run: async ({ revision, exitCode, ...flags }, output, invocation) => {
    const found = await revgraph.backfillStatus({
      ...(await databaseSettings(flags, output, invocation.signal)),
      revision,
    });
    show('backfill-status', found, output);
    if (exitCode && found.backfills.some(({ state }) => state !== 'finished'))
      invocation.exitValue = revgraph.EXIT.notUpToDate;
  },
});

type Order = 'pause' | 'resume' | 'cancel' | 'retry';

const order = <K extends Order>(
  name: K,
  describe: string,
  action: (options: revgraph.BackfillOptions) => Promise<Documents[`backfill-${K}`] & revgraph.BackfillOrder>,
) =>
  define<Flags>({
    command: `${name} <revision>`,
    describe,
    builder: one,
    run: async ({ revision, ...flags }, output, { signal }) =>
      show<`backfill-${K}`>(
        `backfill-${name}`,
        await action({ ...(await orderSettings(flags, output, signal)), revision }),
        output,
      ),
  });

const accept = define<Flags & { reason: string; key?: string[] }>({
  command: 'accept <revision>',
  describe: 'Accept rows in quarantine as they are',
  builder: (yargs) =>
    one(yargs)
      .option('reason', { ...flag(revgraph.OPTIONS.acceptBackfill.reason), demandOption: true })
      .option('key', flag(revgraph.OPTIONS.acceptBackfill.key)),
  run: async ({ revision, reason, key, ...flags }, output, { signal }) =>
    show(
      'backfill-accept',
      await revgraph.acceptBackfill({
        ...(await databaseSettings(flags, output, signal)),
        revision,
        reason,
        key,
      }),
      output,
    ),
});

const undo = define<Flags>({
  command: 'undo <revision>',
  describe: 'Revert the changes of an unfinished backfill, by its marks',
  builder: (yargs) => withRunFlags(one(yargs)).hide('sql').hide('dry-run'),
  run: async ({ revision, ...flags }, output, { signal }) => {
    const settings = { ...(await runSettings(flags, output, signal)), revision };
    const done = await withConfirmation(
      async (confirmed) => {
        if (!confirmed) await assertFew(settings);
        return revgraph.undoBackfill(settings);
      },
      { yes: flags.yes, question: 'Take them back?', output },
    );
    const deleted = Object.entries(done.deleted).map(([table, n]) => `, ${n} deleted from ${table}`);
    output.text(
      `${counted(done.restored, 'row')} restored${deleted.join('')}; ${counted(done.remaining, 'marked row remains', 'marked rows remain')}`,
    );
    output.document('backfill-undo', done);
  },
});

/** So many rows are taken back without a question. */
const FEW_ROWS = 10_000;

/** @throws `confirmation_needed` */
async function assertFew(settings: revgraph.DatabaseOptions & { readonly revision: string }): Promise<void> {
  const { backfills } = await revgraph.backfillStatus(settings);
  const rows = backfills.reduce(
    (sum, { changed, created }) => sum + changed + Object.values(created).reduce((a, b) => a + b, 0),
    0,
  );
  if (rows > FEW_ROWS)
    throw new revgraph.RevgraphError('confirmation_needed', {
      what: `The undo of ${settings.revision} takes back ${counted(rows, 'row')}`,
      consequence: 'what its backfill wrote into them is lost.',
    });
}

const forget = define<Flags>({
  command: 'forget <revision>',
  describe: 'Forget cursor and counts of an unfinished backfill; committed batches remain',
  builder: (yargs) => withRunFlags(one(yargs)).hide('sql').hide('dry-run'),
  run: async ({ revision, ...flags }, output, { signal }) => {
    if (!flags.yes)
      throw new revgraph.RevgraphError('confirmation_needed', {
        what: `The backfill of ${revision} would start again from the first row`,
        consequence: 'its committed batches remain, and may be applied twice.',
      });
    const done = await revgraph.forgetBackfill({ ...(await runSettings(flags, output, signal)), revision });
    output.text(`${output.paint.id(done.revision)}  starts again from the first row`);
    output.document('backfill-forget', done);
  },
});

const dryRun = define<Flags & { count: boolean; samples: number }>({
  command: 'dry-run <revision>',
  describe: 'Run every batch and roll it back; show counts and sample rows',
  builder: (yargs) =>
    one(yargs)
      .option('count', { type: 'boolean', default: false, describe: 'Only count the rows' })
      .option('samples', flag(revgraph.OPTIONS.previewBackfill.samples))
      .option('progress', PROGRESS),
  run: async ({ revision, count, samples, ...flags }, output, invocation) => {
    const settings = await databaseSettings(flags, output, invocation.signal);
    const seen = await revgraph.previewBackfill({
      ...settings,
      revision,
      samples,
      mode: count ? 'count' : 'run',
    });
    for (const one of seen.backfills) output.text(previewText(one, seen.mode, output.paint));
    output.text('Nothing was changed.');
    output.document('backfill-dry-run', seen);
    if (seen.backfills.some(({ failed }) => failed > 0)) invocation.exitValue = revgraph.EXIT.decisionNeeded;
  },
});

const work = define<RunFlags & { revision?: string; connections: number; queue: boolean; html?: string }>({
  command: 'work [revision]',
  describe: 'Run the backfills that upgrades queued for the background',
  builder: (yargs) =>
    withRunFlags(yargs)
      .hide('sql')
      .hide('dry-run')
      .positional('revision', { type: 'string', describe: 'Default: all that wait' })
      .option('connections', flag(revgraph.OPTIONS.workBackfills.connections))
      .option('queue', flag(revgraph.OPTIONS.workBackfills.queue))
      .option('html', htmlFlag('rows per second, batch size and waiting over time')),
  run: async ({ revision, connections, queue, html, ...flags }, output, { signal }) => {
    const settings = await runSettings(flags, output, signal);
    const pages = html === undefined ? null : await import('../../lib/render/pages/backfill.js');
    const record = pages?.recordCourses();
    // What was worked on is told, however it ends.
    const write = (): void => {
      if (html !== undefined && pages !== null && record !== undefined)
        writeReport(html, pages.coursesHtml(record.courses()));
    };
    const working = revgraph.workBackfills({
      ...settings,
      onEvent: (event) => {
        record?.hear(event);
        settings.onEvent?.(event);
      },
      revision,
      queue,
      connections: Math.max(1, connections),
    });
    const done = await working.finally(write);
    for (const { revision: id, why } of done.left) output.text(`${output.paint.id(id)}  skipped: ${why}`);
    if (done.worked.length + done.left.length === 0) output.text('No backfill is waiting in the background.');
    output.document('backfill-work', done);
  },
});

export const command: Family = {
  command: 'backfill',
  describe: 'Show, pause, resume, cancel and undo backfills, run them in the background',
  actions: [
    status,
    dryRun,
    order('pause', 'Pause a backfill after the current batch', revgraph.pauseBackfill),
    order('resume', 'Continue a paused or cancelled backfill', revgraph.resumeBackfill),
    order('cancel', 'Stop a backfill; it can be resumed or undone', revgraph.cancelBackfill),
    order('retry', 'Try the rows in quarantine again', revgraph.retryBackfill),
    accept,
    undo,
    forget,
    work,
  ],
};
