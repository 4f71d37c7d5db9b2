/* `revgraph/graph`: pure, without files, database or Node; it runs in a browser. */
export { isRevgraphError, type Problem, RevgraphError } from '../errors/error.js';
export { buildGraph } from '../graph/build.js';
export type { Graph, GraphNode, GraphRevision } from '../graph/graph.js';
export { historyRange } from '../graph/history.js';
export { planDowngrade, planUndo } from '../plan/downgrade.js';
export { type NewRevision, planRevision } from '../plan/merge.js';
export type { Direction, MergeFate, Plan, StampPlan, Step } from '../plan/plan.js';
export { planStamp } from '../plan/stamp.js';
export { planUpgrade } from '../plan/upgrade.js';
