/**
 * Does `action`, and `end` whatever became of it. What fails first is what is reported; an end that fails too is attached to
 * it as `rollbackFailure`, never put in its place.
 */
export async function ended<T>(action: () => Promise<T>, end: () => Promise<unknown>): Promise<T> {
  let value: T;
  try {
    value = await action();
  } catch (error) {
    await end().catch((failure: unknown) => attachFailure(error, failure));
    throw error;
  }
  await end();
  return value;
}

/** Attaches what failed after an error to it; null: nothing did. @returns the error */
export function attachFailure<E>(error: E, failure: unknown): E {
  // What code throws may be a text, or frozen.
  if (failure !== null && typeof error === 'object' && error !== null && Object.isExtensible(error))
    Object.assign(error, { rollbackFailure: failureOf(error) ?? failure });
  return error;
}

/** What is attached to an error; null if nothing is. */
export function failureOf(error: unknown): unknown {
  return (error as { rollbackFailure?: unknown } | null | undefined)?.rollbackFailure ?? null;
}
