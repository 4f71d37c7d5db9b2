import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { decisionText, retryText } from '../../lib/render/stamp.js';
import { withConfirmation } from '../ask.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { type RunFlags, withRunFlags } from '../globals.js';
import type { Output } from '../output.js';
import { runSettings } from '../settings.js';

type Flags = RunFlags & { readonly rev: string; readonly reason?: string | undefined };

/** Flags of a command that only writes down a decision. */
const HIDDEN = ['preflight', 'sql', 'background', 'progress', 'edited', 'missed', 'destructive'] as const;

function withDecision(yargs: Argv, describe: string): Argv {
  let options = withRunFlags(yargs).positional('rev', { type: 'string', demandOption: true, describe });
  for (const name of HIDDEN) options = options.hide(name);
  return options.option('reason', flag(revgraph.OPTIONS.accept.reason));
}

function report(of: 'accept' | 'forget', result: revgraph.Decided, output: Output): void {
  output.text(decisionText(result, output.paint));
  output.document(of, result);
}

export const accept = define<Flags>({
  command: 'accept <rev>',
  describe: 'Record that an edited or a missed revision is meant as it is',
  builder: (yargs: Argv) => withDecision(yargs, 'id, prefix or label'),
  run: async (flags, output, { signal }) => {
    const settings = await runSettings(flags, output, signal);
    report(
      'accept',
      await revgraph.accept({ ...settings, revision: flags.rev, reason: flags.reason ?? '' }),
      output,
    );
  },
});

export const forget = define<Flags>({
  command: 'forget <rev>',
  describe: 'Take away the row of a revision that no file has any more',
  builder: (yargs: Argv) => withDecision(yargs, 'id, as the version table has it'),
  run: async (flags, output, { signal }) => {
    const settings = await runSettings(flags, output, signal);
    const options = { ...settings, revision: flags.rev, reason: flags.reason ?? '' };
    const result = await withConfirmation((confirmed) => revgraph.forget({ ...options, confirmed }), {
      yes: flags.yes,
      question: 'Forget it anyway?',
      output,
    });
    report('forget', result, output);
  },
});

export const retry = define<
  Flags & { readonly done?: boolean | undefined; readonly anew?: boolean | undefined }
>({
  command: 'retry <rev>',
  describe: 'Let a revision be tried again whose last attempt did not end well',
  builder: (yargs: Argv) =>
    withDecision(yargs, 'id, prefix or label')
      .option('done', flag(revgraph.OPTIONS.retry.done))
      .option('anew', flag(revgraph.OPTIONS.retry.anew)),
  run: async (flags, output, { signal }) => {
    const settings = await runSettings(flags, output, signal);
    const { rev: revision, reason, done, anew } = flags;
    const result = await revgraph.retry({ ...settings, revision, reason, done, anew });
    output.text(retryText(result, output.paint));
    output.document('retry', result);
  },
});
