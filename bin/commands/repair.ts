import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { reviewText } from '../../lib/render/diagnosis.js';
import { define } from '../command.js';
import { type RunFlags, VERIFY_FLAG, withRunFlags } from '../globals.js';
import { runSettings } from '../settings.js';
import { endLine, runDocument } from './run.js';

interface Flags extends RunFlags {
  readonly revision?: string[] | undefined;
  readonly assumeRan?: string[] | undefined;
  readonly reason?: string | undefined;
}

export const command = define<Flags>({
  command: 'repair',
  describe: 'Run the revisions that are in the version table, but not in the schema',
  builder: (yargs: Argv) =>
    withRunFlags(yargs)
      .options(VERIFY_FLAG)
      .hide('sql')
      .option('revision', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Run this one too, though nothing contradicts it (with --reason)',
      })
      .option('assume-ran', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Hold this one to have run, though it left no trace (with --reason)',
      })
      .option('reason', { type: 'string', requiresArg: true, describe: 'Why, for the ledger' }),
  run: async (flags, output, { signal }) => {
    if (flags.sql) throw new revgraph.RevgraphError('usage', { message: 'repair does not support --sql.' });
    const settings = await runSettings(flags, output, signal);
    const { revision: run, assumeRan, reason } = flags;
    const options = { ...settings, run, assumeRan, reason };
    const { revisions, ...review } = await revgraph.repair({ ...options, dryRun: true });
    output.text(reviewText(revisions, output.paint));
    if (flags.dryRun || review.steps.length === 0) {
      if (review.steps.length === 0) output.text('Nothing to repair: the schema matches the version table.');
      return output.document({ ...runDocument(review), dryRun: flags.dryRun, revisions });
    }
    const result = await revgraph.repair(options);
    output.text(await endLine(result.to, settings.revisions, output));
    output.document({ ...runDocument(result), revisions: result.revisions });
  },
});
