import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { withConfirmation } from '../ask.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { type RunFlags, VERIFY_FLAG, withRunFlags } from '../globals.js';
import { runSettings } from '../settings.js';
import { printScript, runDocument, showResult } from './run.js';

export const command = define<RunFlags & { target?: string[]; prove?: revgraph.UpgradeOptions['prove'] }>({
  command: 'upgrade [target..]',
  describe: 'Upgrade to a target (default: head)',
  builder: (yargs: Argv) =>
    withRunFlags(yargs)
      .options(VERIFY_FLAG)
      .option('prove', flag(revgraph.OPTIONS.upgrade.prove))
      .positional('target', {
        type: 'string',
        array: true,
        describe: 'head, heads, id, prefix, label@head, +2, id+1',
      }),
  run: async (flags, output, invocation) => {
    const typed = flags.target ?? [];
    const target = typed.length > 1 ? typed : typed[0];
    if (flags.sql) return printScript(flags, output, invocation, { direction: 'upgrade', target });
    const settings = await runSettings(flags, output, invocation.signal);
    const result = await withConfirmation(
      (confirmed) => revgraph.upgrade({ ...settings, target, confirmed, prove: flags.prove }),
      { yes: flags.yes, question: 'Run it anyway?', output },
    );
    showResult(result, settings.revisions, output);
    output.document('upgrade', { ...runDocument(result), proof: result.proof });
  },
});
