/* Floors: a process that connects and asks once, and one that opens a PGlite directory. */
const [kind, where] = process.argv.slice(2);
if (kind === 'bare') {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: where });
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
} else {
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create(where);
  await database.query('SELECT 1');
  await database.close();
}
process.exit();
