import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Problem, RevgraphError } from '../../lib/errors/error.js';
import { buildGraph } from '../../lib/graph/build.js';
import type { Graph } from '../../lib/graph/graph.js';
import { planUpgrade } from '../../lib/plan/upgrade.js';

/*
 * Graphs of public projects, at head and in broken states that really landed (fixtures/graphs; REVGRAPH_GRAPHS names
 * another directory).
 */

interface RealGraph {
  revisions: { id: string; down?: string[]; dependsOn?: string[]; labels?: string[] }[];
  expect?: Record<'heads' | 'bases' | 'mergePoints' | 'branchPoints', string[]>;
  kind?: string;
  anomalies?: { duplicateIds?: string[] };
}

const directory = process.env.REVGRAPH_GRAPHS ?? 'fixtures/graphs';
const files = readdirSync(directory).filter((file) => file.endsWith('.json'));
const read = (file: string): RealGraph =>
  JSON.parse(readFileSync(join(directory, file), 'utf8')) as RealGraph;

const build = ({ revisions }: RealGraph): Graph =>
  buildGraph(
    revisions.map(({ id, down, dependsOn, labels }) => ({
      id,
      revises: down ?? [],
      dependsOn: dependsOn ?? [],
      labels: labels ?? [],
    })),
  );

function refusal(real: RealGraph): readonly Problem[] {
  try {
    build(real);
  } catch (error) {
    if (error instanceof RevgraphError && error.is('graph_invalid')) return error.details.problems;
    throw error;
  }
  throw new Error('the graph was not refused');
}

test.each(files.filter((file) => read(file).expect !== undefined))('%s', (file) => {
  const real = read(file);
  const twice = real.anomalies?.duplicateIds ?? [];
  if (twice.length > 0) {
    // Two histories of one project, with one id in both: Alembic warns and loses one of them, we refuse.
    expect(refusal(real).flatMap((p) => (p.code === 'duplicate_revision' ? [p.revision] : []))).toEqual(
      twice,
    );
    return;
  }
  const graph = build(real);
  const found = {
    heads: graph.heads,
    bases: graph.bases,
    mergePoints: graph.mergePoints,
    branchPoints: graph.branchPoints,
  };
  for (const [name, ids] of Object.entries(found))
    expect({ [name]: [...ids].sort() }).toEqual({
      [name]: [...(real.expect?.[name as keyof typeof found] ?? [])].sort(),
    });
  const { steps, to } = planUpgrade(graph, [], 'heads');
  expect(steps).toHaveLength(graph.size);
  expect([...to].sort()).toEqual([...graph.effectiveHeads].sort());
});

test.each(files.filter((file) => read(file).kind !== undefined))('%s', (file) => {
  const real = read(file);
  const kind = real.kind as string;
  const missing = /^missing-parent:(.+?)->(\S+)/.exec(kind);
  const cycle = /^cycle:(\d+)/.exec(kind);
  const heads = /^multi-head.*heads=(\d+)/.exec(kind);
  if (missing !== null) {
    const [, revision, parent] = missing;
    expect(refusal(real)).toContainEqual(
      expect.objectContaining({ code: 'missing_revision', revision, missing: parent }),
    );
    expect(() => build(real)).toThrow(new RegExp(`${revision} revises ${parent}`));
  } else if (cycle !== null) {
    // The kind counts everything that is knotted together; the ring is one way round in it, each revising the next.
    const problem = refusal(real).find(({ code }) => code === 'cycle' || code === 'dependency_cycle');
    const ring = problem !== undefined && 'ring' in problem ? problem.ring : [];
    expect(ring.length).toBeGreaterThanOrEqual(2);
    expect(ring.length).toBeLessThanOrEqual(Number(cycle[1]));
    const edges = new Map(
      real.revisions.map(({ id, down = [], dependsOn = [] }) => [id, [...down, ...dependsOn]]),
    );
    for (const [i, id] of ring.entries()) expect(edges.get(id)).toContain(ring[(i + 1) % ring.length]);
    expect(() => build(real)).toThrow(`${ring[0]} → ${ring[1]}`);
  } else if (/^duplicate/.test(kind)) {
    expect(refusal(real)).toContainEqual(expect.objectContaining({ code: 'duplicate_revision' }));
  } else if (heads !== null) {
    const graph = build(real);
    expect(graph.heads).toHaveLength(Number(heads[1]));
    // A tip that another line depends on is no head.
    const { effectiveHeads } = graph;
    if (effectiveHeads.length === 1) expect(planUpgrade(graph, [], 'head').to).toEqual(effectiveHeads);
    else expect(() => planUpgrade(graph, [], 'head')).toThrow(effectiveHeads[0]);
  } else {
    expect(build(real).size, kind).toBe(real.revisions.length);
  }
});
