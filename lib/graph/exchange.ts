import { Graph as Graphlib } from '@dagrejs/graphlib';
import type { Links } from './walk.js';

/** What is exchanged of a graph. */
interface Exchangeable {
  readonly ids: readonly string[];
  readonly revises: Links;
  readonly dependsOn: Links;
  idOf(number: number): string;
  labelsOf(number: number): readonly string[];
}

/** Label of a node that was handed to graphlib. */
export interface RevisionLabel {
  readonly revision: string;
  readonly labels: readonly string[];
}

/** Label of an edge, from parent to child. */
export type EdgeLabel = 'revises' | 'depends-on';

// biome-ignore lint/suspicious/noExplicitAny: graphlib's own algorithms take graphs whose own label is any
export type Exchanged = Graphlib<any, RevisionLabel, EdgeLabel>;

/** See `Graph.toGraphlib`. */
export function exchangeGraph(graph: Exchangeable): Exchanged {
  const exchanged: Exchanged = new Graphlib({ directed: true });
  graph.ids.forEach((revision, n) => {
    exchanged.setNode(nodeName(revision), { revision, labels: graph.labelsOf(n) });
  });
  graph.ids.forEach((revision, n) => {
    const draw = (parents: readonly number[] | undefined, label: EdgeLabel): void => {
      for (const parent of parents ?? [])
        exchanged.setEdge(nodeName(graph.idOf(parent)), nodeName(revision), label);
    };
    draw(graph.dependsOn[n], 'depends-on');
    draw(graph.revises[n], 'revises');
  });
  return exchanged;
}

/** `:` is in no id, so an escaped name can't meet a real one. */
function nodeName(id: string): string {
  return id in Object.prototype ? `id:${id}` : id;
}
