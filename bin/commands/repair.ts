import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { mendedText, nothingText, reviewText } from '../../lib/render/diagnosis.js';
import { withConfirmation } from '../ask.js';
import { define, type Invocation } from '../command.js';
import { flag } from '../flags.js';
import { type Globals, type RunFlags, VERIFY_FLAG, withRunFlags } from '../globals.js';
import type { Output } from '../output.js';
import { runSettings } from '../settings.js';
import { endLine, runDocument } from './run.js';

interface Flags extends RunFlags {
  readonly revision?: string[] | undefined;
  readonly assumeRan?: string[] | undefined;
  readonly reason?: string | undefined;
  readonly drift: boolean;
}

export const command = define<Flags>({
  command: 'repair',
  describe: 'Run the revisions that are in the version table, but not in the schema',
  builder: (yargs: Argv) =>
    withRunFlags(yargs)
      .options(VERIFY_FLAG)
      .hide('sql')
      .option('revision', flag(revgraph.OPTIONS.repair.run))
      .option('assume-ran', flag(revgraph.OPTIONS.repair.assumeRan))
      .option('drift', {
        type: 'boolean',
        default: false,
        describe: 'Instead, make objects that have drifted what their revisions made of them',
      })
      .option('reason', flag(revgraph.OPTIONS.repair.reason)),
  run: async (flags, output, invocation) => {
    const { signal } = invocation;
    const settings = await runSettings(flags, output, signal);
    if (flags.drift) return mend(flags, output, settings, invocation);
    const { revision: run, assumeRan, reason } = flags;
    const options = { ...settings, run, assumeRan, reason };
    const { revisions, findings, ...review } = await revgraph.repair({ ...options, dryRun: true });
    output.text(reviewText(revisions, output.paint));
    if (flags.dryRun || review.steps.length === 0) {
      if (review.steps.length === 0) output.text(nothingText(findings));
      return output.document('repair', { ...runDocument(review), dryRun: flags.dryRun, revisions, findings });
    }
    const result = await withConfirmation((confirmed) => revgraph.repair({ ...options, confirmed }), {
      yes: flags.yes,
      question: 'Run it anyway?',
      output,
    });
    output.text(endLine(result.to, settings.revisions, output));
    output.document('repair', { ...runDocument(result), revisions: result.revisions, findings });
  },
});

/** `repair --drift`. */
async function mend(
  { dryRun, yes, reason, revision, assumeRan }: Flags & Pick<Globals, 'yes'>,
  output: Output,
  settings: Awaited<ReturnType<typeof runSettings>>,
  invocation: Invocation,
): Promise<void> {
  if (revision !== undefined || assumeRan !== undefined)
    throw new revgraph.RevgraphError('usage', {
      message: '--drift runs no revision, so it goes with neither --revision nor --assume-ran.',
    });
  const result = await withConfirmation(
    (confirmed) => revgraph.repairDrift({ ...settings, reason, dryRun, confirmed }),
    { yes, question: 'Run these statements?', output },
  );
  output.text(mendedText(result));
  output.document('repair', result);
  // What is left is a finding still.
  if (result.failed.length > 0) invocation.exitValue = revgraph.EXIT.decisionNeeded;
}
