import type { Plan } from '../plan/plan.js';
import { type Paint, PLAIN } from './lists.js';

/** One step of a run on one line: ` 3/24  upgrade  id  message`. */
export function stepLine(
  step: { number: number; total: number; direction: string; revision: string; message: string },
  paint: Paint = PLAIN,
): string {
  const count = `${String(step.number).padStart(String(step.total).length)}/${step.total}`;
  return `${paint.dim(count)}  ${step.direction} ${paint.id(step.revision)}${step.message === '' ? '' : `  ${step.message}`}`;
}

/**
 * A plan before it runs. For a downgrade: UNDO or KEEP per revision, the fate of each side of a merge, and what is
 * lost permanently.
 */
export function planText(
  plan: Plan,
  about: { message: (revision: string) => string; lost: readonly string[] },
  paint: Paint = PLAIN,
): string {
  const { steps, direction } = plan;
  if (direction === 'upgrade')
    return steps
      .map(({ revision }, i) =>
        stepLine(
          { number: i + 1, total: steps.length, direction, revision, message: about.message(revision) },
          paint,
        ),
      )
      .join('\n');
  const undone = steps.map(({ revision }) =>
    `${paint.bad('UNDO')}  ${paint.id(revision)}  ${about.message(revision)}`.trimEnd(),
  );
  const kept = plan.to.map((row) => `${paint.good('KEEP')}  ${paint.id(row)}  and everything below it`);
  const merges = plan.merges.map(
    ({ merge, sides }) =>
      `merge point ${merge} is undone: ${sides.map(({ revision, fate }) => `${fate} ${revision}`).join(', ')}`,
  );
  const lost = about.lost.length === 0 ? [] : ['Lost permanently:', ...about.lost.map((line) => `  ${line}`)];
  const rows =
    plan.to.length > 1 ? [`The database will have ${plan.to.length} heads: ${plan.to.join(', ')}`] : [];
  return [...undone, ...kept, ...merges, ...rows, ...lost].join('\n');
}
