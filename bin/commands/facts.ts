import * as revgraph from '../../lib/index.js';
import { define } from '../command.js';
import { databaseSettings } from '../settings.js';

export const command = define({
  command: 'facts',
  describe: 'Print the schema of a database, one line per object, without data',
  run: async (flags, output, invocation) => {
    const { revisions: _, ...settings } = await databaseSettings(flags, output, invocation.signal);
    const found = await revgraph.facts(settings);
    for (const fact of found) output.text(fact);
    output.document({ facts: found });
  },
});
