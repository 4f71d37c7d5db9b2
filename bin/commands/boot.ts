import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { bootText } from '../../lib/render/boot.js';
import { define } from '../command.js';
import { type RunFlags, seconds, VERIFY_FLAG, withRunFlags } from '../globals.js';
import { runSettings } from '../settings.js';

interface Flags extends RunFlags {
  readonly policy?: revgraph.BootPolicy | undefined;
  readonly target?: string[] | undefined;
  readonly wait?: number | undefined;
  readonly evidence: boolean;
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
      .option('policy', {
        choices: ['migrate', 'wait', 'verify', 'skip'] as const,
        describe: 'migrate it, wait for another one to do it, only verify, or only look  [default: migrate]',
      })
      .option('target', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Where the database has to be  [default: heads]',
      })
      .option('wait', seconds('Policy wait: how many seconds  [default: 300]'))
      .option('evidence', {
        type: 'boolean',
        default: true,
        describe: 'Hold the version table against the schema before anything is run',
      })
      .option('revision', {
        type: 'string',
        requiresArg: true,
        describe: 'Where a database is that can not be identified (needs --reason)',
      })
      .option('reason', { type: 'string', requiresArg: true, describe: 'Why, for the ledger' }),
  run: async (flags, output, { signal }) => {
    if (flags.sql) throw new revgraph.RevgraphError('usage', { message: 'boot does not support --sql.' });
    const { policy, target, wait, evidence, reason } = flags;
    const { revision } = flags;
    if ((revision === undefined) !== (reason === undefined))
      throw new revgraph.RevgraphError('usage', {
        message: '--revision and --reason must be used together.',
      });
    const result = await revgraph.boot({
      ...(await runSettings(flags, output, signal)),
      policy,
      target,
      waitMs: wait === undefined ? undefined : wait * 1000,
      evidence: evidence ? 'check' : 'off',
      override: revision === undefined || reason === undefined ? undefined : { revision, reason },
    });
    output.text(bootText(result, output.paint));
    output.document(result);
  },
});
