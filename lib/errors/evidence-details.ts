import type { ToldDifference, ToldDrift } from './words.js';

/** Details of what a schema does not prove. */
export interface EvidenceDetails {
  /** The end of a run is not what the catalogue has for its rows. */
  unproven: { revision: string; differences: readonly ToldDifference[] };
  unidentified: {
    match: string;
    candidates: readonly {
      stamp: readonly string[];
      missing: readonly string[];
      unexpected: readonly string[];
      score: number;
    }[];
    unsettled: readonly string[];
    /** Squashes of the graph: what is older has no revision of its own any more. */
    squashes: readonly { squash: string; last: string; release: string | null }[];
    /** On what the nearest and the schema differ, by object. */
    drift: readonly ToldDrift[];
    /** Where all that differs is that revisions were left out. */
    hole: { stamp: readonly string[]; without: readonly string[]; unsettled: readonly string[] } | null;
  };
  /** A first revision that can't be made from a database. `way`: what to do instead. */
  baseline_refused: { reason: string; way: string };
  /** Facts that only the database has, and that only the revision makes. */
  baseline_differs: { missing: readonly string[]; unexpected: readonly string[] };
  squash_refused: { range: string; reason: string };
  /** Facts and definitions that only the old line, and only the new one makes; tables with another number of rows. */
  squash_differs: {
    missing: readonly string[];
    unexpected: readonly string[];
    rows: readonly { table: string; before: number | null; after: number | null }[];
    /** Columns and sequences with other values, though the rows are as many. */
    values: readonly string[];
  };
}
