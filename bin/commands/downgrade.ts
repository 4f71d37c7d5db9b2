import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { planText } from '../../lib/render/plan.js';
import { lossLine } from '../../lib/render/preflight.js';
import { ask, canAsk } from '../ask.js';
import { define } from '../command.js';
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
      const message = (id: string): string => revisions.get(id)?.message ?? '';
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
        confirm: (plan, _, losses) => {
          const refused = losses.length > 0 && !confirmed;
          // What a target keeps, and how many heads that leaves, is not what everybody expects of it: said before it runs.
          if (!shown) output.aside(planText(plan, { message, lost: refused ? [] : losses.map(lossLine) }));
          if (refused) throw lossesNeedYes(losses);
        },
      });
      showResult(result, settings.revisions, output);
      output.document({ ...runDocument(result), merges: result.plan.merges, losses: result.losses });
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
