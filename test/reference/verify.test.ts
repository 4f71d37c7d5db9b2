import { expect, onTestFinished, test } from 'vitest';
import { loadProject, upgrade, verify, verifyIdempotent } from '../../lib/index.js';
import { freshDatabase } from '../support/databases.js';

/* The reference graph keeps what it promises: its checks at head, and every @idempotent. */

test('all checks of the reference graph stand at head, and what says @idempotent is', async () => {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  const project = await loadProject('revisions');
  const options = { revisions: project, database: database.url };
  await upgrade(options);
  const found = await verify(options);
  expect(found).toMatchObject({ ok: true, ended: [] });
  expect(found.checks.length).toBeGreaterThan(3);
  const declared = [...project.revisions.values()].filter(({ header }) => header.idempotent);
  expect(declared.length).toBeGreaterThan(1);
  for (const { revision } of declared)
    expect(await verifyIdempotent({ ...options, revision })).toMatchObject({
      revision,
      idempotent: true,
      changed: [],
    });
});
