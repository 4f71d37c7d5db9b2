import { sql } from '../support/project.js';

/** Files of revisions, each on top of the one before: id → upgrade. */
export function chainFiles(upgrades: Readonly<Record<string, string>>): Record<string, string> {
  const ids = Object.keys(upgrades);
  return Object.fromEntries(
    ids.map((id, i) => [
      `${id}.sql`,
      sql(id, {
        ...(i === 0 ? {} : { revises: ids[i - 1] as string }),
        upgrade: upgrades[id] as string,
        downgrade: 'SELECT 1;',
      }),
    ]),
  );
}
