import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { proposalLines } from '../../lib/render/lists.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { ms, projectSettings } from '../settings.js';

interface Flags {
  readonly base?: string | undefined;
  readonly against?: string | undefined;
  readonly release?: string | undefined;
}

/** Problems that other people's work brings; the graph itself is fine. */
const ABOUT_HEADS: ReadonlySet<string> = new Set(['multiple_heads', 'reparented', 'deleted_revision']);

export const command = define<Flags>({
  command: 'check',
  describe: 'Check the revisions: graph, headers, SQL, one head. Needs no database',
  builder: (yargs: Argv) =>
    yargs
      .option('base', flag(revgraph.OPTIONS.check.base))
      .option('against', flag(revgraph.OPTIONS.check.against))
      .option('release', flag(revgraph.OPTIONS.check.release)),
  run: async (flags, output, invocation) => {
    const { config, ...project } = await projectSettings(flags);
    const { base, against, release } = flags;
    const { connectTimeoutMs, unknownRows } = config;
    const connectRetryMs = ms(flags.waitForDatabase) ?? config.connectRetryMs;
    const versionTable = flags.versionTable ?? config.versionTable;
    const schema = flags.schema ?? config.schema;
    const { signal } = invocation;
    const place = { versionTable, schema, connectTimeoutMs, connectRetryMs, unknownRows, signal };
    const result = await revgraph.check({ ...project, ...place, base, against, release });
    for (const { message, hint } of result.problems)
      output.text(`${message}${hint === null ? '' : `\n→ ${hint}`}`);
    if (result.ok) output.text('No problems found.');
    for (const line of proposalLines(result.proposals ?? [])) output.aside(line);
    if (result.ok && result.against?.release != null)
      output.text(`Release ${result.against.release.version} can run on ${result.against.database}.`);
    output.document('check', result);
    if (result.ok) return;
    const { EXIT } = revgraph;
    const onlyHeads = result.problems.every(({ code }) => ABOUT_HEADS.has(code));
    const ofDatabase = result.against !== null && !onlyHeads;
    if (ofDatabase) invocation.exitValue = EXIT.decisionNeeded;
    else invocation.exitValue = onlyHeads ? EXIT.notUpToDate : EXIT.graphInvalid;
  },
});
