/* What the queries for facts are put together from. */

/** Objects in these schemas are the server's. */
export const SERVER_SCHEMAS = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

/** Ours, and Alembic's: what is written there is no part of the schema. `$OURS` is filled in. */
export const BOOKKEEPING =
  "c.relname !~ '^revgraph_' AND c.relname <> 'alembic_version' AND c.relname <> $OURS";

/** Extension-owned objects come and go with their extension. */
export const notOwned = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT FROM owned WHERE owned.classid = '${catalog}'::regclass AND owned.objid = ${oid})`;

/** Names are quoted where they need it, so that a dot in a name can't make two objects one. */
export const name = (...parts: string[]): string =>
  parts.map((part) => `quote_ident(${part})`).join(" || '.' || ");

/** `words` where `condition` holds. */
export const where = (condition: string, words: string): string =>
  `CASE WHEN ${condition} THEN ${words} ELSE '' END`;

/** What triggers, event triggers and rules have: whether they fire. */
export const enabled = (column: string): string =>
  `CASE ${column} WHEN 'O' THEN '' WHEN 'D' THEN ' DISABLED' WHEN 'R' THEN ' ON REPLICA' ELSE ' ALWAYS' END`;

/** An object whose comment is a fact as well: catalog and oid of what the comment is on, then kind, name and definition. */
export const object = (
  catalog: string,
  oid: string,
  kind: string,
  subject: string,
  definition: string,
  from: string,
): string => `SELECT '${catalog}'::regclass, ${oid}, 0, ${kind}, ${subject}, ${definition} FROM ${from}`;
