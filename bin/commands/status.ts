import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { explanationText } from '../../lib/render/explain.js';
import { currentText, statusText } from '../../lib/render/status.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { databaseSettings } from '../settings.js';

export const current = define({
  command: 'current',
  describe: 'Show the current revisions of the database',
  run: async (flags, output, { signal }) => {
    const found = await revgraph.status(await databaseSettings(flags, output, signal));
    output.text(currentText(found, output.paint));
    output.document('current', found);
  },
});

export const status = define<{ exitCode: boolean; prove: boolean }>({
  command: 'status',
  describe: 'Show the state of the database and pending revisions',
  builder: (yargs: Argv) =>
    yargs.option('prove', flag(revgraph.OPTIONS.status.prove)).option('exit-code', {
      type: 'boolean',
      default: false,
      describe: 'Exit 5 unless the database is current',
    }),
  run: async (flags, output, invocation) => {
    const settings = await databaseSettings(flags, output, invocation.signal);
    const found = await revgraph.status({ ...settings, prove: flags.prove });
    output.text(statusText(found, output.paint));
    output.document('status', found);
    const differs = found.proof !== null && found.proof.made.length + found.proof.before.length > 0;
    if (differs) invocation.exitValue = revgraph.EXIT.decisionNeeded;
    if (flags.exitCode && found.state !== 'current') invocation.exitValue = revgraph.EXIT.notUpToDate;
  },
});

export const explain = define<{ revision: string }>({
  command: 'explain <revision>',
  describe: 'Say why a revision is applied, pending, held, missed or lost, and how to go on',
  builder: (yargs: Argv) =>
    yargs.positional('revision', { type: 'string', describe: revgraph.OPTIONS.explain.revision.help }),
  run: async (flags, output, { signal }) => {
    const settings = await databaseSettings(flags, output, signal);
    const found = await revgraph.explain({ ...settings, revision: flags.revision });
    output.text(explanationText(found, output.paint));
    output.document('explain', found);
  },
});
