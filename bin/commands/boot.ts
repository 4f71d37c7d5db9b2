import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { bootText } from '../../lib/render/boot.js';
import { withConfirmation } from '../ask.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { type RunFlags, VERIFY_FLAG, withRunFlags } from '../globals.js';
import { runSettings } from '../settings.js';

interface Flags extends RunFlags {
  readonly policy?: revgraph.BootPolicy | undefined;
  readonly target?: string[] | undefined;
  readonly wait?: number | undefined;
  readonly evidence: boolean;
  readonly drift?: revgraph.BootOptions['drift'];
  readonly prove?: revgraph.BootOptions['prove'];
  readonly revision?: string | undefined;
  readonly reason?: string | undefined;
}

export const command = define<Flags>({
  command: 'boot',
  describe: 'Prepare the database for a service that starts: find its revision and upgrade it to head',
  builder: (yargs: Argv) =>
    withRunFlags(yargs)
      .options(VERIFY_FLAG)
      .hide('sql')
      .option('policy', flag(revgraph.OPTIONS.boot.policy))
      .option('target', flag(revgraph.OPTIONS.boot.target))
      .option('wait', flag(revgraph.OPTIONS.boot.waitMs))
      .option('evidence', flag(revgraph.OPTIONS.boot.evidence))
      .option('prove', flag(revgraph.OPTIONS.boot.prove))
      .option('drift', flag(revgraph.OPTIONS.boot.drift))
      .option('revision', flag({ ...revgraph.OPTIONS.boot.override, type: 'text' }))
      .option('reason', flag(revgraph.OPTIONS.repair.reason)),
  run: async (flags, output, { signal }) => {
    const { policy, target, wait, evidence, drift, prove, reason } = flags;
    const { revision } = flags;
    if ((revision === undefined) !== (reason === undefined))
      throw new revgraph.RevgraphError('usage', {
        message: '--revision and --reason must be used together.',
      });
    const settings = await runSettings(flags, output, signal);
    const options: revgraph.BootOptions = {
      ...settings,
      // Who starts by hand is told; a library that starts with its service serves a database that is strictly ahead.
      unknownRows: settings.unknownRows ?? 'refuse',
      policy,
      target,
      waitMs: wait === undefined ? undefined : wait * 1000,
      evidence: evidence ? 'check' : 'off',
      drift,
      prove,
      override: revision === undefined || reason === undefined ? undefined : { revision, reason },
    };
    const result = await withConfirmation((confirmed) => revgraph.boot({ ...options, confirmed }), {
      yes: flags.yes,
      question: 'Run it anyway?',
      output,
    });
    output.text(bootText(result, output.paint));
    output.document('boot', result);
  },
});
