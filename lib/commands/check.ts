import type { RevisionSource } from './project.js';

export interface CheckOptions {
  readonly revisions: RevisionSource;
  /** A git ref: checks what the graph will be once this work is merged there. Only for a folder. */
  readonly base?: string | undefined;
}

/** One thing that is wrong. `details` are those of the code. */
export interface CheckProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly files: readonly string[];
}

export interface CheckResult {
  readonly ok: boolean;
  readonly problems: readonly CheckProblem[];
}

/** Checks the revisions without a database and without running any code: graph, headers, SQL, one head. */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const { findProblems } = await import('./checking.js');
  const problems = await findProblems(options);
  return { ok: problems.length === 0, problems };
}
