import type { Queryable } from '../../database/connection/session.js';
import { assertFinished } from '../../database/connection/transaction.js';
import { RevgraphError } from '../../errors/error.js';
import { withoutSecrets } from '../../errors/secrets.js';
import type { CodeDb } from '../../revision/batches.js';
import { ask, askedBy } from './asked.js';

/** What a hook is told of the run around it. */
export interface HookContext {
  readonly direction: 'upgrade' | 'downgrade';
  /** Rows before the run, and, where all of it succeeds, after it. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** All steps of the run, in order. */
  readonly revisions: readonly string[];
  /** The connection of the run, in no transaction. What a hook sets there ends with it. */
  readonly db: Pick<CodeDb, 'query'>;
}

/**
 * Functions around a run: where a configuration is code, or in the options. A dry run calls none. They run under the lock, and are awaited.
 *
 * What `beforeRun` throws refuses the run, before anything ran; what `afterStep` throws ends it there, and the step stands; what
 * `afterRun` throws fails it, and all steps stand (`hook_failed`).
 */
export interface RunHooks {
  /** When nothing refuses the run any more, before step one. */
  readonly beforeRun?: ((run: HookContext) => unknown) | undefined;
  /** Behind each step, when it is committed. Steps are not sent ahead then. */
  readonly afterStep?: ((run: HookContext, revision: string) => unknown) | undefined;
  /** Behind the last step and the checks. */
  readonly afterRun?: ((run: HookContext) => unknown) | undefined;
}

/** What of a run a failure of a hook is told with. */
interface HookedRun {
  readonly applied: readonly string[];
  readonly next: string;
}

/** Calls a hook, if there is one. @throws `hook_failed` */
export async function callHook(
  name: keyof RunHooks,
  hooks: RunHooks | undefined,
  client: Queryable,
  context: Omit<HookContext, 'db'>,
  { applied, next }: HookedRun,
  revision: string | null = null,
): Promise<void> {
  const hook = hooks?.[name] as ((run: HookContext, revision?: string) => unknown) | undefined;
  if (hook === undefined) return;
  let over = false;
  const query: CodeDb['query'] = async <R>(...asked: Parameters<CodeDb['query']>) => {
    if (over)
      throw new RevgraphError('usage', {
        message: `The hook ${name} used db after it had returned.`,
        hint: 'Await every query.',
      });
    return (await ask(client, askedBy(`the hook ${name}`, ...asked))) as Awaited<ReturnType<typeof query<R>>>;
  };
  try {
    const run = { ...context, db: { query } };
    try {
      await (revision === null ? hook(run) : hook(run, revision));
    } catch (error) {
      // What it leaves open goes, and its own error counts.
      await assertFinished(client).catch(() => {});
      throw error;
    }
    await assertFinished(client);
  } catch (cause) {
    const reason = withoutSecrets(cause instanceof Error ? cause.message : String(cause));
    throw new RevgraphError('hook_failed', { hook: name, revision, applied, reason, next }, { cause });
  } finally {
    over = true;
  }
}
