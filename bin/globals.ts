import type { Argv } from 'yargs';

/** Options that every command has. */
export interface Globals {
  readonly revisions?: string | undefined;
  readonly url?: string | undefined;
  readonly config?: string | undefined;
  readonly versionTable?: string | undefined;
  readonly schema?: string | undefined;
  readonly json: boolean;
  readonly color?: boolean | undefined;
  readonly quiet: boolean;
  readonly yes: boolean;
}

/** Options of the commands that run something. */
export interface RunFlags {
  readonly lock?: 'advisory' | 'off' | undefined;
  readonly lockWait?: number | undefined;
  readonly lockTimeout?: number | undefined;
  readonly statementTimeout?: number | undefined;
  readonly unknownRows?: 'refuse' | 'warn' | 'allow' | undefined;
  readonly dryRun: boolean;
  readonly sql: boolean;
}

export function withGlobals(yargs: Argv): Argv {
  return yargs
    .option('revisions', { type: 'string', describe: 'Folder of the revisions  [default: ./revisions]' })
    .option('url', {
      type: 'string',
      describe:
        'Database: postgresql://… or pglite:DIRECTORY  [default: $DATABASE_URL, else pglite:.revgraph/db]',
    })
    .option('config', { type: 'string', describe: 'Configuration file  [default: revgraph.config.*]' })
    .option('version-table', { type: 'string', describe: 'Version table  [default: revgraph_version]' })
    .option('schema', {
      type: 'string',
      describe: 'Schema of the version table, and first of the search path',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON document' })
    .option('color', { type: 'boolean', describe: 'Colours  [default: on a terminal]' })
    .option('quiet', { type: 'boolean', default: false, describe: 'Only results and errors' })
    .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Answer yes to questions' })
    .group(
      ['revisions', 'url', 'config', 'version-table', 'schema', 'json', 'color', 'quiet', 'yes'],
      'Global options:',
    );
}

export function withRunFlags(yargs: Argv): Argv {
  return yargs
    .option('dry-run', { type: 'boolean', default: false, describe: 'Show the plan, change nothing' })
    .option('sql', { type: 'boolean', default: false, describe: 'Print a script for psql, change nothing' })
    .option('lock', {
      choices: ['advisory', 'off'] as const,
      describe: 'How runs are kept apart  [default: advisory]',
    })
    .option('lock-wait', { type: 'number', describe: 'Seconds to wait for another run  [default: 300]' })
    .option('lock-timeout', {
      type: 'number',
      describe: 'Seconds a statement waits for a table lock  [default: 5]',
    })
    .option('statement-timeout', {
      type: 'number',
      describe: 'Seconds a statement may take  [default: no limit]',
    })
    .option('unknown-rows', {
      choices: ['refuse', 'warn', 'allow'] as const,
      describe: 'When the database holds revisions that the files do not have  [default: refuse]',
    });
}
