import type { Project } from '../../project/project.js';
import type { Revision } from '../../revision/revision.js';
import { checksumOf } from '../catalogue-fit.js';

/** A project for a replay: revisions that the catalogue is to do without only move the rows. */
export function withoutSkipped(project: Project): Project {
  const revisions = new Map<string, Revision>();
  for (const [id, revision] of project.revisions)
    revisions.set(id, revision.header.skipsCatalogue === undefined ? revision : emptied(revision));
  return { ...project, revisions };
}

function emptied(revision: Revision): Revision {
  const { skipsCatalogue: _, ...header } = revision.header;
  const read = async () => ({
    kind: 'sql' as const,
    upgrade: null,
    downgrade: null,
    batches: [],
    precheck: [],
    verify: [],
    probe: null,
    checksum: await checksumOf(revision),
  });
  const { text, digest } = revision.body;
  return {
    ...revision,
    header: { ...header, kind: 'sql', transaction: 'auto', requires: [], background: false, adopt: false },
    body: Object.assign(read, text === undefined ? {} : { text }, digest === undefined ? {} : { digest }),
  };
}
