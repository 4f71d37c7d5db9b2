import * as revgraph from '../../lib/index.js';
import { identificationText } from '../../lib/render/identification.js';
import { define } from '../command.js';
import { databaseSettings } from '../settings.js';

export const identify = define({
  command: 'identify',
  describe: 'Find the revision of a database from its schema',
  run: async (flags, output, invocation) => {
    const found = await revgraph.identify(await databaseSettings(flags, output, invocation.signal));
    output.text(identificationText(found, output.paint));
    output.document('identify', found);
    if (found.state === 'contradicted' || (found.match !== 'exact' && found.match !== 'empty'))
      invocation.exitValue = revgraph.EXIT.decisionNeeded;
  },
});

export const facts = define({
  command: 'facts',
  describe: 'Print the schema of a database, one line per object, without data',
  run: async (flags, output, invocation) => {
    const { revisions: _, ...settings } = await databaseSettings(flags, output, invocation.signal);
    const found = await revgraph.facts(settings);
    for (const fact of found) output.exact(fact);
    output.document('facts', { facts: found });
  },
});
