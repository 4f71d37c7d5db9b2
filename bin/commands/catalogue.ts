import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { counted } from '../../lib/render/words.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { htmlFlag, writeReport } from '../reports.js';
import { projectSettings, showEvent } from '../settings.js';

export const command = define<{
  action: 'build' | 'check';
  anew?: boolean | undefined;
  html?: string | undefined;
}>({
  command: 'catalogue <action>',
  describe:
    'Record the facts that each revision adds and removes (build), or check whether the file is stale (check)',
  builder: (yargs: Argv) =>
    yargs
      .positional('action', {
        choices: ['build', 'check'] as const,
        demandOption: true,
        describe:
          'build replays the graph on an embedded database, or with --url on a server, in a database of its own; check needs none',
      })
      .option('anew', flag(revgraph.OPTIONS.buildCatalogue.anew))
      .option('html', htmlFlag('the history of each table (build)')),
  run: async (flags, output, invocation) => {
    const { revisions } = await projectSettings(flags);
    if (flags.action === 'check') {
      const { ok, file, stale } = await revgraph.checkCatalogue({ revisions });
      for (const { revision, why } of stale) output.text(`${output.paint.id(revision)}  ${why}`);
      if (ok) output.text(`${file} fits the revisions.`);
      output.document('catalogue-check', { ok, file, stale });
      if (!ok) invocation.exitValue = revgraph.EXIT.notUpToDate;
      return;
    }
    const { signal } = invocation;
    const made = await revgraph.buildCatalogue({
      revisions,
      // A server is named for this by its option only: what stands in the environment is the product's database.
      on: flags.url,
      anew: flags.anew,
      signal,
      onEvent: (event) => showEvent(event, output),
    });
    if (made.kept > 0)
      output.aside(
        `${made.kept} of ${counted(made.entries.length, 'revision')} are as an earlier build replayed them (--anew replays all).`,
      );
    if (flags.html !== undefined)
      writeReport(
        flags.html,
        (await import('../../lib/render/pages/catalogue.js')).catalogueHtml(made.entries),
      );
    output.text(made.file);
    const entries = made.entries.map(({ revision, adds, removes }) => ({
      revision,
      adds: adds.length,
      removes: removes.length,
    }));
    output.document('catalogue-build', { file: made.file, revisions: entries, kept: made.kept });
  },
});
