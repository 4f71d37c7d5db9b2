import type { Identification } from '../identify.js';
import type { Hole } from './holes.js';
import type { ObjectDrift } from './judge.js';

/** What the schema shows, with what its differences come to. */
export interface SettledIdentification extends Identification {
  /** On what the lowest solution and the schema differ, judged; empty where they don't, or where that solution is no revision. */
  readonly drift: readonly ObjectDrift[];
  /**
   * Revisions of that solution for which, beside the differences, only speaks what somebody may have done by hand, and that leave
   * more than facts show. With them it is not drifted.
   */
  readonly doubtful: readonly string[];
  /** Where all that differs is that revisions were left out: which. */
  readonly hole: Hole | null;
  /** The schema in which the tables of these revisions stand, if it is not the one that the catalogue describes. */
  readonly elsewhere: string | null;
}
