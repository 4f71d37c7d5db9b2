import pg from 'pg';

let made = 0;

/** Rows of one statement, on a connection of its own. */
export async function asked(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Hands `use` the URL of a new database, which is gone afterwards. */
export async function withDatabase(server, use, template = 'template1') {
  const name = `bench_${++made}`;
  await asked(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  try {
    return await use(server.replace(/\/postgres$/, `/${name}`));
  } finally {
    await asked(server, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

/** The same for a copy of another database. */
export const copyOf = (server, url, use) => withDatabase(server, use, new URL(url).pathname.slice(1));
