import { expect, test } from 'vitest';
import { preflight } from '../../lib/index.js';
import { folderWith, sql } from '../support/project.js';
import { VERSIONS, withPlace } from './everywhere.js';

const BEFORE = `
  CREATE TABLE topics (id int PRIMARY KEY, name text);
  CREATE TABLE contents (id int, topic_id int, lang text DEFAULT '{}');
  CREATE MATERIALIZED VIEW v AS SELECT 1 AS id;
  INSERT INTO topics VALUES (1, NULL);
  INSERT INTO contents VALUES (1, 1), (2, 7);`;

const UP = `ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;
ALTER TABLE contents ALTER lang TYPE jsonb USING lang::jsonb;
ALTER TABLE topics ALTER name SET NOT NULL;
CREATE INDEX ON contents (id);
REFRESH MATERIALIZED VIEW CONCURRENTLY v;
DROP TABLE topics CASCADE;`;

test.each(VERSIONS)('%s is asked the same questions and gives the same answers', async (version) => {
  await withPlace(version, async ({ source, run }) => {
    await run(BEFORE);
    const revisions = folderWith({ 'a.sql': sql('a', { upgrade: UP }) });
    const { checks } = await preflight({ revisions, database: source, limits: { bigTableRows: 1 } });
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'target_identity skipped',
      'backup skipped',
      'server_version ok',
      'server_writable ok',
      'privilege ok',
      'long_transaction ok',
      'lock ok',
      'orphans no',
      'default no',
      'type warn',
      'not_null no',
      'index warn',
      'refresh_concurrently no',
      'loss warn',
    ]);
  });
});
