import { installedExtensions } from '../database/capabilities.js';
import type { Session } from '../database/session.js';
import type { PreparedStep } from '../run/prepare.js';

/** The embedded database has to be opened with the extensions that it has and those that a plan creates. */
export async function provideExtensions(session: Session, steps: readonly PreparedStep[]): Promise<void> {
  if (session.provideExtensions === undefined) return;
  await session.provideExtensions([
    ...(await installedExtensions(session)),
    ...steps.flatMap((step) => step.extensions),
  ]);
}
