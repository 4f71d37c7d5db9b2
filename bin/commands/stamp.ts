import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { ask, canAsk } from '../ask.js';
import { define } from '../command.js';
import { type RunFlags, withRunFlags } from '../globals.js';
import { runSettings } from '../settings.js';
import { endLine } from './run.js';

export const command = define<
  RunFlags & { target?: string[]; reason?: string; revision?: string; auto: boolean }
>({
  command: 'stamp [target..]',
  describe: 'Set the version table without running revisions',
  builder: (yargs: Argv) =>
    withRunFlags(yargs)
      .hide('preflight')
      .positional('target', {
        type: 'string',
        array: true,
        describe: 'id, prefix, heads, label@head, base',
      })
      .option('auto', {
        type: 'boolean',
        default: false,
        describe: 'Stamp what the schema proves, and no more',
      })
      .option('revision', {
        type: 'string',
        requiresArg: true,
        describe: 'With --auto: overrule the evidence (needs --reason)',
      })
      .option('reason', { type: 'string', describe: 'Why, for the ledger' }),
  run: async (flags, output, { signal }) => {
    const settings = await runSettings(flags, output, signal);
    const { target: targets = [], reason, revision, auto } = flags;
    const override = revision;
    if (override !== undefined && !auto)
      throw new revgraph.RevgraphError('usage', {
        message: '--revision is only valid with --auto.',
        hint: 'Without --auto, pass the revision as the target.',
      });
    if (targets.length === 0 && !auto)
      throw new revgraph.RevgraphError('usage', {
        message: 'No target was given. Name a target, or use --auto.',
      });
    const options = { ...settings, targets, reason, override, auto };
    if (flags.sql) {
      const { text, ...document } = await revgraph.stampScript(options);
      if (!output.json) process.stdout.write(text);
      return output.document({ ...document, sql: text });
    }
    const result = await revgraph
      .stamp({ ...options, confirmed: flags.yes })
      .catch(async (error: unknown) => {
        if (!revgraph.isRevgraphError(error, 'confirmation_needed') || !canAsk()) throw error;
        output.aside(error.message);
        if (!(await ask('Stamp anyway?'))) throw error;
        return revgraph.stamp({ ...options, confirmed: true });
      });
    const { direction, from, to, steps, dryRun, why } = result;
    output.text(`${dryRun ? 'would be stamped: ' : ''}${await endLine(to, settings.revisions, output)}`);
    if (auto) output.aside(why);
    output.document({ direction, from, to, steps, dryRun, why });
  },
});
