import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { planText } from '../../lib/render/plan.js';
import { lossLine } from '../../lib/render/preflight.js';
import { ask, canAsk, withConfirmation } from '../ask.js';
import { define } from '../command.js';
import { helpOf } from '../flags.js';
import { type RunFlags, withRunFlags } from '../globals.js';
import { runSettings } from '../settings.js';
import { printScript, runDocument, showPlan, showResult } from './run.js';

/** The error without a terminal, where no question can be asked. */
function lossesNeedYes(losses: readonly revgraph.DataLoss[]): revgraph.RevgraphError {
  return new revgraph.RevgraphError('confirmation_needed', {
    what: 'This run loses data permanently',
    consequence: losses.map((loss) => `\n  ${lossLine(loss)}`).join(''),
    losses,
  });
}

function verb(name: 'downgrade' | 'undo', describe: string, target: string) {
  const action = name === 'undo' ? revgraph.undo : revgraph.downgrade;
  return define<RunFlags & { target: string }>({
    command: `${name} <target>`,
    describe,
    builder: (yargs: Argv) =>
      withRunFlags(yargs).positional('target', { type: 'string', demandOption: true, describe: target }),
    run: async (flags, output, invocation) => {
      const { target } = flags;
      if (flags.sql) return printScript(flags, output, invocation, { direction: name, target });
      const settings = await runSettings(flags, output, invocation.signal);
      const { revisions } = settings.revisions;
      const message = (id: string): string => revisions.get(id)?.message ?? 'no file has it';
      let confirmed = flags.yes;
      let shown = false;
      if (!flags.dryRun && !confirmed && canAsk()) {
        const planned = await action({ ...settings, target, dryRun: true });
        showPlan(planned, settings.revisions, output);
        if (planned.steps.length > 0 && !(await ask('Continue?')))
          throw new revgraph.RevgraphError('confirmation_needed', {
            what: 'Nothing was run',
            consequence: 'you answered no.',
          });
        confirmed = true;
        shown = true;
      }
      const result = await action({
        ...settings,
        target,
        confirmed,
        confirm: (plan, _, losses) => {
          const refused = losses.length > 0 && !confirmed;
          // What a target keeps, and how many heads that leaves, is not what everybody expects of it: said before it runs.
          if (!shown) output.aside(planText(plan, { message, lost: refused ? [] : losses.map(lossLine) }));
          if (refused) throw lossesNeedYes(losses);
        },
      });
      showResult(result, settings.revisions, output);
      const { losses, kept, plan } = result;
      output.document(name, { ...runDocument(result), merges: plan.merges, losses, kept });
    },
  });
}

export const command = verb(
  'downgrade',
  'Downgrade to a target; the target stays applied',
  'base, id, prefix, -1, id-2, label@base',
);

export const undo = verb(
  'undo',
  'Downgrade a revision itself, and everything above it',
  'id, prefix, head, current',
);

export const switchVerb = define<RunFlags & { target?: string[] }>({
  command: 'switch [target..]',
  describe: 'Bring the database from another git branch to this one: down to what both have, then up',
  builder: (yargs: Argv) =>
    withRunFlags(yargs)
      .hide('sql')
      .positional('target', {
        type: 'string',
        array: true,
        describe: helpOf(revgraph.OPTIONS.switchDatabase.target),
      }),
  run: async (flags, output, invocation) => {
    const settings = await runSettings(flags, output, invocation.signal);
    const target = flags.target === undefined || flags.target.length === 0 ? undefined : flags.target;
    const { down, up } = await withConfirmation(
      (confirmed) =>
        revgraph.switchDatabase({
          ...settings,
          target,
          confirmed,
          confirm: (_, __, losses) => {
            if (losses.length > 0 && !confirmed) throw lossesNeedYes(losses);
          },
        }),
      { yes: flags.yes, question: 'Take them back?', output },
    );
    if (down.steps.length > 0 && down.dryRun) showPlan(down, settings.revisions, output);
    showResult(up, settings.revisions, output);
    const steps = [...down.steps, ...up.steps];
    const { losses, kept, from } = down;
    output.document('switch', {
      direction: 'switch',
      from,
      to: up.to,
      steps,
      dryRun: up.dryRun,
      losses,
      kept,
    });
  },
});
