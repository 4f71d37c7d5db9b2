import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { preflightText } from '../../lib/render/preflight.js';
import { define } from '../command.js';
import { runSettings } from '../settings.js';

export const command = define<{ target?: string[]; downgrade?: string }>({
  command: 'preflight [target..]',
  describe: 'Check what an upgrade (default: head) needs, what would fail and what would be lost',
  builder: (yargs: Argv) =>
    yargs
      .positional('target', {
        type: 'string',
        array: true,
        describe: 'head, heads, id, prefix, label@head, +2, id+1',
      })
      .option('downgrade', {
        type: 'string',
        requiresArg: true,
        describe: 'The checklist before a downgrade to this target',
      }),
  run: async (flags, output, invocation) => {
    const typed = flags.target ?? [];
    const down = flags.downgrade;
    if (down !== undefined && typed.length > 0)
      throw new revgraph.RevgraphError('usage', {
        message: 'A target and --downgrade TARGET exclude each other.',
      });
    const target = down ?? (typed.length > 1 ? typed : typed[0]);
    const {
      preflight: _,
      dryRun: __,
      lock: ___,
      lockWaitMs: ____,
      ...settings
    } = await runSettings({ ...flags, dryRun: false, sql: false }, output, invocation.signal);
    const direction = down === undefined ? 'upgrade' : 'downgrade';
    const result = await revgraph.preflight({ ...settings, target, direction });
    output.text(preflightText(result, output.paint));
    output.document('preflight', result);
    if (!result.ok) invocation.exitValue = revgraph.EXIT.decisionNeeded;
  },
});
