import type { ToldDifference, ToldDrift } from './words.js';

/** Details of what the schema does not prove. */
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
}
