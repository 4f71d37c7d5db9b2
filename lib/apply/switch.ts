import type { Opened } from '../access/open.js';
import { describeServer } from '../database/connection/server.js';
import { pinSchema } from '../database/tables/version-table.js';
import { shellWord } from '../errors/words.js';
import { marked } from '../graph/walk.js';
import { planDowngradeTo } from '../plan/downgrade.js';
import type { Plan } from '../plan/plan.js';
import { planUpgrade } from '../plan/upgrade.js';
import { loadProject } from '../project/project.js';
import { namingOf } from '../project/targets.js';
import { prepare } from '../run/prepare.js';
import { notRun } from '../run/run.js';
import { type ApplyResult, applyPlan } from './apply.js';
import { asks, type DowngradeOptions } from './downgrade.js';
import { makeReady } from './ready.js';
import { upgradeDatabase } from './upgrade.js';

export interface SwitchOptions extends Omit<DowngradeOptions, 'target'> {
  /** Where to go up to. Default: all heads. */
  readonly target?: string | readonly string[] | undefined;
}

/** What went down, and what came up after it. */
export interface SwitchResult {
  readonly down: ApplyResult;
  readonly up: ApplyResult;
}

/**
 * What would refuse the way up is found before anything is taken back. The preflight looks at both ways as one plan, since the way
 * down changes what the way up finds; prechecks are asked of what is there now, so one that needs the way down refuses as well.
 * @throws what `upgrade` throws before step one
 */
async function assertWayUp(
  opened: Opened,
  down: Plan,
  options: SwitchOptions,
  target: string | readonly string[],
): Promise<void> {
  const { session, table: found, project, emit } = opened;
  const { releases, revisions, schema, dryRun } = options;
  const { to } = down;
  const own = await loadProject(revisions);
  const naming = await namingOf(releases);
  const plan = planUpgrade(own.graph, to, naming.all(own.graph, target));
  const steps = await prepare(plan, own.revisions, { toRun: dryRun !== true });
  if (steps.length === 0) return;
  if (options.minimum !== undefined)
    (await import('../project/releases.js')).assertMinimum(own.graph, options, to);
  const server = await describeServer(session, schema);
  const table = await pinSchema(session, found, server);
  // Both ways are one: a checklist of the way up alone would ask what becomes of the other branch.
  const next = switchAgain(target);
  const asIfDown = { ...opened, project: own, table, server, lockKey: null };
  await makeReady(asIfDown, plan, { ...options, dryRun: true, preflight: 'off' }, next, { confirmed: true });
  if (options.preflight === 'off') return;
  const { examineRun, refusePlan } = await import('../preflight/refuse.js');
  const both = [...(await prepare(down, project.revisions, { toRun: false })), ...steps];
  // The backup is looked for by the runs themselves.
  const { backup: _, ...asked } = options;
  const ways = { direction: 'upgrade', session, server, table, steps: both, options: asked, emit } as const;
  const { checks } = await examineRun(ways);
  const up = new Set(steps.map(({ step }) => step.revision));
  const refused = checks.filter(({ revision, status }) => status === 'no' && up.has(revision ?? ''));
  await refusePlan(ways, { checks: refused, losses: [] }, next);
}

const switchAgain = (target: string | readonly string[]): string =>
  `revgraph switch ${[target].flat().map(shellWord).join(' ')}`;

/** See `switchDatabase`. */
export async function switchTo(options: SwitchOptions): Promise<SwitchResult> {
  const { graph: own } = await loadProject(options.revisions);
  const target = options.target ?? 'heads';
  const next = switchAgain(target);
  const down = await applyPlan(
    options,
    {
      direction: 'downgrade',
      plan: (graph, rows) => {
        const shared = marked(graph.closureOf(rows)).filter((n) => own.has(graph.idOf(n)));
        const marks = graph.marksOf(graph.idsOf(shared));
        return planDowngradeTo(graph, rows, graph.idsOf(graph.maximal(marks)), 'switch');
      },
    },
    next,
    { confirm: asks(options), look: (opened, plan) => assertWayUp(opened, plan, options, target) },
  );
  if (options.dryRun !== true) return { down, up: await upgradeDatabase({ ...options, target }) };
  const naming = await namingOf(options.releases);
  // From where the way down will have led.
  const plan = planUpgrade(own, down.to, naming.all(own, target));
  const { from, to } = plan;
  const up = {
    direction: plan.direction,
    from,
    to,
    steps: notRun(plan),
    dryRun: true,
    plan,
    losses: [],
    kept: [],
  };
  return { down, up };
}
