import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { shellWord } from '../../lib/render/words.js';
import { define } from '../command.js';

export const command = define<{ directory: string }>({
  command: 'init [directory]',
  describe: 'Create the revisions folder, the configuration file and .gitignore',
  builder: (yargs: Argv) =>
    yargs.positional('directory', { type: 'string', default: '.', describe: 'The folder of the project' }),
  run: async (flags, output) => {
    const { directory, revisions } = flags;
    const made = await revgraph.init({ directory, revisions });
    for (const file of made.made) output.text(file);
    if (made.made.length === 0) output.text('The project already exists. Nothing was changed.');
    const there = directory === '.' ? '' : `cd ${shellWord(directory)} && `;
    output.aside(`Next: ${there}revgraph revision -m "first"`);
    output.document('init', made);
  },
});
