import { expect } from 'vitest';
import type { Graph } from '../../lib/graph/graph.js';
import type { Plan, StampPlan, Step } from '../../lib/plan/plan.js';
import { Model, sorted } from '../graph/model.js';

/**
 * Plays a plan: a line per step, `+ID → rows after it` (`-ID` for a downgrade). On the way every step must find what it
 * needs, and the rows must stand for exactly what is applied.
 */
export function played(graph: Graph, plan: Plan): string[] {
  const model = Model.of(graph);
  const applied = model.closure(plan.from);
  const rows = new Set(plan.from);
  const lines = plan.steps.map((step) => {
    takeRows(rows, step);
    apply(model, applied, step);
    expect(sorted(rows), `rows after ${step.revision}`).toEqual(sorted(model.maximal(applied)));
    return line(step, rows);
  });
  expect(sorted(plan.to), 'rows at the end').toEqual(sorted(rows));
  expect(plan.steps.every((step) => step.direction === plan.direction)).toBe(true);
  return lines;
}

/** The rows that a stamp leaves; what it takes and what it adds must come to the same. */
export function stamped({ from, to, remove, add }: StampPlan): string {
  const rows = new Set(from);
  takeRows(rows, { remove, add });
  expect(sorted(rows)).toEqual(sorted(to));
  return shown(to);
}

/** A plan as one line: what goes or comes, and the rows at the end. */
export function short(graph: Graph, plan: Plan): string {
  played(graph, plan);
  const sign = plan.direction === 'upgrade' ? '+' : '-';
  const steps = plan.steps.map((step) => `${sign}${step.revision} `).join('');
  return `${steps}→ ${shown(plan.to)}`;
}

function takeRows(rows: Set<string>, { remove, add }: Pick<Step, 'remove' | 'add'>): void {
  for (const row of remove) expect(rows.delete(row), `row ${row} goes, so it must be there`).toBe(true);
  for (const row of add) {
    expect(rows.has(row), `row ${row} comes, so it must not be there`).toBe(false);
    rows.add(row);
  }
}

function apply(model: Model, applied: Set<string>, { direction, revision }: Step): void {
  expect(applied.has(revision), `${revision} applied before`).toBe(direction === 'downgrade');
  if (direction === 'upgrade') applied.add(revision);
  else applied.delete(revision);
  expect(model.isDownClosed(applied), `nothing without its parents after ${revision}`).toBe(true);
}

const line = ({ direction, revision }: Step, rows: ReadonlySet<string>): string =>
  `${direction === 'upgrade' ? '+' : '-'}${revision} → ${shown(rows)}`;

const shown = (rows: Iterable<string>): string => sorted(rows).join(' ') || 'base';
