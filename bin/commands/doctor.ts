import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { diagnosisText, mendsScript } from '../../lib/render/diagnosis.js';
import { define } from '../command.js';
import type { Globals } from '../globals.js';
import { databaseSettings } from '../settings.js';

export const command = define<Globals & { readonly sql: boolean }>({
  command: 'doctor',
  describe: 'Compare the version table with the schema',
  builder: (yargs: Argv) =>
    yargs.option('sql', {
      type: 'boolean',
      default: false,
      describe: 'Print the statements that would mend what has drifted, and run none of them',
    }),
  run: async (flags, output, invocation) => {
    const found = await revgraph.doctor(await databaseSettings(flags, output, invocation.signal));
    if (flags.sql) output.exact(mendsScript(found.mends));
    else output.text(diagnosisText(found, output.paint));
    output.document('doctor', found);
    if (found.ok) return;
    invocation.exitValue = revgraph.EXIT.decisionNeeded;
    if (found.missing.length > 0) output.aside('→ Run the missing revisions with `revgraph repair`.');
    for (const id of found.undone.slice(0, 1))
      output.aside(
        `→ Run what was taken away once more with \`revgraph repair --revision ${id} --reason "…"\`.`,
      );
  },
});
