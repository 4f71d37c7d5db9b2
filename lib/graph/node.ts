/** What the graph has to know of a revision. Ids only: no code, no SQL. */
export interface GraphNode {
  readonly id: string;
  /** Parents in history; none = a base, two or more = a merge point. */
  readonly revises?: readonly string[];
  /** Prerequisites: an id, a label, `LABEL@head`, or `?ID` (only if the graph has it). */
  readonly dependsOn?: readonly string[];
  readonly labels?: readonly string[];
  /** Ids that it had before. */
  readonly formerly?: readonly string[] | undefined;
  /** Revisions whose place it took (a squash), in the order in which they ran. */
  readonly replaces?: readonly string[] | undefined;
  /** Where it stands, for messages. */
  readonly file?: string | null;
}
