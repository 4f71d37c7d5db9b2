import { didYouMean, type Sentences } from './sentence.js';

/** Messages and hints for what was asked of a database, a table or a folder that can't answer it. */
export const INPUT_SENTENCES = {
  evidence_unavailable: (details) =>
    details.reason === 'no_folder'
      ? {
          message: 'Evidence needs the catalogue in the folder of the revisions.',
          hint: 'Pass the folder as `revisions`, and run `revgraph catalogue build` for it.',
        }
      : {
          message: `The catalogue describes the schema ${details.described}, but these revisions run in ${details.schema}. The two can't be compared.`,
          hint: 'Stamp without evidence: `revgraph stamp REVISION --reason "…" --yes`.',
        },
  database_not_empty: () => ({
    message: 'A catalogue is built on an empty database, and this database is not empty.',
    hint: 'Omit the database. The catalogue is then built on an embedded one in memory.',
  }),
  reason_missing: ({ what }) => ({
    message:
      what === 'accept'
        ? 'Accepting rows needs a reason.'
        : what === 'decision'
          ? 'A decision about what ran needs a reason for the ledger.'
          : 'A stamp that the evidence does not prove needs a reason for the ledger.',
    hint: 'Add --reason "…".',
  }),
  not_applied: ({ revision }) => ({
    message: `Revision ${revision} is not applied to this database.`,
    hint: `Apply it with \`revgraph upgrade ${revision}\`.`,
  }),
  unknown_start: ({ start, starts }) => ({
    message: `Start ${JSON.stringify(start)} does not exist.`,
    hint: `The starts are ${starts.join(', ') || 'none'}.`,
  }),
  directory_unreadable: ({ directory, reason }) => ({
    message: `The revisions in ${directory} could not be read: ${reason}.`,
    hint: 'Name the folder with --revisions DIR.',
  }),
  base_unreadable: ({ reason }) => ({
    message: `git could not read the base: ${reason}.`,
    hint: 'Name a branch, tag or commit of this repository with --base. `git fetch` brings one that is not here yet.',
  }),
  unknown_table: ({ table, suggestions }) => ({
    message: `Table ${table} does not exist.`,
    ...didYouMean(suggestions),
  }),
  unknown_column: ({ table, column, suggestions }) => ({
    message: `Table ${table} has no column ${JSON.stringify(column)}.`,
    ...didYouMean(suggestions),
  }),
  column_read_only: ({ table, column, reason }) => ({
    message: `Column ${JSON.stringify(column)} of table ${table} can't be written: it ${reason}.`,
    hint: 'Omit it from the rows. Use `returning` to get its value.',
  }),
  schema_missing: ({ searchPath }) => ({
    message: `No schema of the search path (${searchPath}) exists in this database.`,
    hint: 'Create the schema, or name one with --schema.',
  }),
  role_refused: ({ role, reason }) => ({
    message: `The role ${role} can't be taken: ${reason}.`,
    hint: `Create it, or let the user of the connection become it (GRANT), or correct \`role\` or --role.`,
  }),
  client_in_transaction: () => ({
    message: 'The client is inside a transaction.',
    hint: 'Commit or roll back first, or pass another client.',
  }),
} satisfies Partial<Sentences>;
