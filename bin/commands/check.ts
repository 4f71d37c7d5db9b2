import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { projectSettings } from '../settings.js';

export const command = define<{ base?: string | undefined }>({
  command: 'check',
  describe: 'Check the revisions without a database: graph, headers, SQL, one head',
  builder: (yargs: Argv) => yargs.option('base', flag(revgraph.OPTIONS.check.base)),
  run: async (flags, output, invocation) => {
    const { revisions, lines } = await projectSettings(flags);
    const { ok, problems } = await revgraph.check({ revisions, base: flags.base, lines });
    for (const { message, hint } of problems) output.text(`${message}${hint === null ? '' : `\n→ ${hint}`}`);
    if (ok) output.text('No problems found.');
    output.document({ ok, problems });
    const onlyHeads = problems.every(
      ({ code }) => code === 'multiple_heads' || code === 'reparented' || code === 'deleted_revision',
    );
    if (!ok) invocation.exitValue = onlyHeads ? revgraph.EXIT.notUpToDate : revgraph.EXIT.graphInvalid;
  },
});
