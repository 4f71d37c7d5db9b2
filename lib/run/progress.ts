import { indexesBefore } from '../database/catalog/left-behind.js';
import type { Statement } from '../sql/statements.js';
import type { Tracker } from './place.js';
import type { PreparedStep } from './prepare.js';
import { recordAlone } from './record.js';
import { digestsOf, type ProgressMark } from './resume.js';
import type { Run } from './run.js';
import { asOurselves, becomeOurselves } from './settings.js';

/** Writes into the ledger how many statements of a step are finished, and by their digest which ones. */
export class ProgressBook {
  readonly #digests: readonly string[];

  constructor(
    private readonly run: Run,
    private readonly prepared: PreparedStep,
    private readonly statements: readonly Statement[],
    private readonly startedAt: Date,
    private readonly tracker: Tracker,
  ) {
    this.#digests = digestsOf(statements);
  }

  /** An entry by itself. @param before as an earlier run has found it */
  async write(finished: number, before: readonly string[] | null = null, together?: boolean): Promise<void> {
    const mark = await this.#mark(finished, before, together);
    const write = (): Promise<void> => this.#record(mark);
    await (this.#mayBeAnother(finished) ? asOurselves(this.run, write) : write());
    this.tracker.progress = mark;
  }

  /**
   * An entry in the transaction of the statement that it tells of.
   * @returns to be called when that is committed
   */
  async writeInside(finished: number): Promise<() => void> {
    const mark = await this.#mark(finished, null, undefined);
    if (this.#mayBeAnother(finished)) await becomeOurselves(this.run);
    await this.#record(mark);
    return () => {
      this.tracker.progress = mark;
    };
  }

  async #mark(
    finished: number,
    before: readonly string[] | null,
    together: boolean | undefined,
  ): Promise<ProgressMark> {
    const next = this.statements[finished];
    const list = before ?? (next?.trace == null ? null : await indexesBefore(this.run.session, next.trace));
    return {
      finished,
      statements: this.statements.length,
      digest: this.#digests[finished] as string,
      together: together ?? (next !== undefined && commitsWithEntry(this.run, next)),
      ...(list === null ? {} : { before: list }),
    };
  }

  #record(mark: ProgressMark): Promise<void> {
    return recordAlone(this.run, this.prepared, {
      outcome: 'running',
      startedAt: this.startedAt,
      statement: this.statements[mark.finished]?.sql ?? null,
      statistics: { ...mark },
    });
  }

  /** Whether one of the statements that ran may have left another role. */
  #mayBeAnother(finished: number): boolean {
    return this.statements.slice(0, finished).some(mayChangeRole);
  }
}

/** A setting, or a call of something that may set one. */
const mayChangeRole = ({ setting, node }: Statement): boolean =>
  setting || /^(SelectStmt|DoStmt|CallStmt)$/.test(node);

/** What may run in a transaction runs in one, of its own: then there is no doubt whether it was finished. */
export const isTogether = ({ transactional, setting }: Statement): boolean =>
  transactional === 'inside' && !setting;

/** The same on this server; pg-mem has no such transactions. */
export function commitsWithEntry({ server }: Pick<Run, 'server'>, statement: Statement): boolean {
  return server.versionNumber !== null && isTogether(statement);
}
