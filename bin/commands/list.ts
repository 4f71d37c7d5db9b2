import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { historyLine, revisionDetails, revisionLine, tipLine } from '../../lib/render/lists.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { databaseSettings, listSettings } from '../settings.js';

export const heads = define({
  command: 'heads',
  describe: 'Show the heads: revisions that no other revises or depends on',
  run: async (flags, output) => {
    const settings = await listSettings(flags);
    const project = { ...settings, revisions: await revgraph.loadProject(settings.revisions) };
    const found = await revgraph.heads(project);
    const tips = await revgraph.tips(project);
    for (const entry of found) output.copy(revisionLine({ ...entry, isHead: true }, output.paint));
    for (const entry of tips) output.copy(tipLine(entry, output.paint));
    output.document('heads', { heads: found, tips });
  },
});

export const bases = define({
  command: 'bases',
  describe: 'Show the bases: revisions without a parent',
  run: async (flags, output) => {
    const found = await revgraph.bases(await listSettings(flags));
    for (const entry of found) output.copy(revisionLine(entry, output.paint));
    output.document('bases', { bases: found });
  },
});

export const branches = define({
  command: 'branches',
  describe: 'Show the branch points: revisions that several others revise',
  run: async (flags, output) => {
    const found = await revgraph.branches(await listSettings(flags));
    for (const entry of found) {
      output.copy(revisionLine({ ...entry, isBranchPoint: true }, output.paint));
      for (const child of entry.children) output.copy(`  -> ${output.paint.id(child)}`);
    }
    output.document('branches', { branches: found });
  },
});

export const history = define<{ range?: string | undefined; graph: boolean }>({
  command: 'history',
  describe: 'List the revisions, newest first',
  builder: (yargs: Argv) =>
    yargs.option('range', { ...flag(revgraph.OPTIONS.history.range), alias: 'r' }).option('graph', {
      type: 'boolean',
      default: false,
      describe: 'Draw the lines of revisions, and where the database stands if one is configured',
    }),
  run: async (flags, output, invocation) => {
    const { range } = flags;
    const usesDatabase = range !== undefined && /(^|:)current(:|$)/.test(range);
    const settings = usesDatabase ? await databaseSettings(flags, output) : await listSettings(flags);
    const found = await revgraph.history({ ...settings, range });
    if (flags.graph) {
      const { pictureFor, showGraph } = await import('../picture.js');
      const drawn = await pictureFor(flags, output, invocation.signal);
      const shown = new Set(found.map(({ revision }) => revision));
      showGraph(
        drawn.nodes.filter(
          (node) => shown.has(node.revision) || (range === undefined && node.state === 'unknown'),
        ),
        output,
      );
    } else for (const entry of found) output.copy(historyLine(entry, output.paint));
    output.document('history', { revisions: found });
  },
});

export const show = define<{ target: string[] }>({
  command: 'show <target..>',
  describe: 'Show the details of revisions',
  builder: (yargs: Argv) =>
    yargs.positional('target', {
      type: 'string',
      array: true,
      describe: 'id, prefix, head, heads, label@head, current',
    }),
  run: async (flags, output) => {
    const settings = flags.target.includes('current')
      ? await databaseSettings(flags, output)
      : await listSettings(flags);
    const found = await revgraph.show({ ...settings, target: flags.target });
    for (const entry of found) output.copy(revisionDetails(entry, output.paint));
    output.document('show', { revisions: found });
  },
});
