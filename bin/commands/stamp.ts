import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { stampConsequences } from '../../lib/render/stamp.js';
import { withConfirmation } from '../ask.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { type RunFlags, withRunFlags } from '../globals.js';
import { runSettings } from '../settings.js';
import { endLine } from './run.js';

export const command = define<
  RunFlags & {
    target?: string[];
    reason?: string;
    revision?: string;
    auto: boolean;
    recorded: boolean;
    acceptDrift?: boolean;
  }
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
      .option('auto', flag(revgraph.OPTIONS.stamp.auto))
      .option('recorded', flag(revgraph.OPTIONS.stamp.recorded))
      .option('accept-drift', flag(revgraph.OPTIONS.stamp.acceptDrift))
      .option('revision', flag({ ...revgraph.OPTIONS.stamp.override, type: 'text' }))
      .option('reason', flag(revgraph.OPTIONS.stamp.reason)),
  run: async (flags, output, { signal }) => {
    const settings = await runSettings(flags, output, signal);
    const { target = [], reason, revision, auto, recorded, acceptDrift } = flags;
    if (revision !== undefined && !auto)
      throw new revgraph.RevgraphError('usage', {
        message: '--revision is only valid with --auto.',
        hint: 'Without --auto, pass the revision as the target.',
      });
    if (target.length === 0 && !auto && !recorded)
      throw new revgraph.RevgraphError('usage', {
        message: 'No target was given. Name a target, or use --auto.',
      });
    const override = revision === undefined ? undefined : { revision, reason: reason ?? '' };
    const options = {
      ...settings,
      target: target.length === 0 ? undefined : target,
      reason,
      override,
      auto,
      recorded,
      acceptDrift,
    };
    if (flags.sql) {
      const { text, ...document } = await revgraph.script({ ...options, direction: 'stamp' });
      if (!output.json) process.stdout.write(text);
      for (const line of stampConsequences(document)) output.aside(line);
      return output.document('stamp', { ...document, sql: text });
    }
    const result = await withConfirmation((confirmed) => revgraph.stamp({ ...options, confirmed }), {
      yes: flags.yes,
      question: 'Stamp anyway?',
      output,
    });
    const { direction, from, to, steps, dryRun, why, forgets, runsAgain, neverRan, halfDone } = result;
    output.text(`${dryRun ? 'would be stamped: ' : ''}${endLine(to, settings.revisions, output)}`);
    if (auto) output.aside(why);
    for (const line of stampConsequences(result)) output.aside(line);
    output.document('stamp', {
      direction,
      from,
      to,
      steps,
      dryRun,
      why,
      forgets,
      runsAgain,
      neverRan,
      halfDone,
    });
  },
});
