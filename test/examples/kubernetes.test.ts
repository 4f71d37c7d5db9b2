import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { status } from '../../lib/index.js';
import { type Finished, run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* The Kubernetes manifests: they are YAML, and their commands do what the page says. */

const FOLDER = 'docs/example/kubernetes';
const REVGRAPH = 'node_modules/.bin/revgraph';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly readinessProbe?: { readonly httpGet: { readonly path: string } };
}
interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}
interface Manifest {
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

const manifests = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) =>
    parseAllDocuments(readFileSync(`${FOLDER}/${file}`, 'utf8')).map((document) => {
      expect([file, document.errors, document.warnings]).toEqual([file, [], []]);
      return document.toJS() as Manifest;
    }),
  );
const containers = manifests.flatMap(({ spec }) => {
  const { initContainers = [], containers: others } = spec.template.spec;
  return [...initContainers, ...others];
});
/** What a container gives to revgraph. */
function argsOf(name: string): readonly string[] {
  const [program, ...args] = containers.find((one) => one.name === name)?.command ?? [];
  expect(program).toBe(REVGRAPH);
  return args;
}

test('the deployment has an init container, and asks the health route', () => {
  expect(manifests.map(({ kind }) => kind).sort()).toEqual(['Deployment', 'Job', 'Job']);
  const { spec } = manifests.find(({ kind }) => kind === 'Deployment')?.spec.template ?? {};
  const ours = containers.filter(({ command }) => command[0] === REVGRAPH);
  // The test below runs all of them.
  expect(ours.map(({ name }) => name).sort()).toEqual(['check', 'downgrade', 'migrate']);
  expect(spec?.initContainers?.map(({ name }) => name)).toEqual(['migrate']);
  expect(spec?.containers[0]?.readinessProbe?.httpGet.path).toBe('/health');
  for (const { env } of containers) expect(env.map(({ name }) => name)).toEqual(['DATABASE_URL']);
});

const CONFIG = (newest: string): string =>
  JSON.stringify({ revisions: 'revisions', releases: { '1.0.24': 'a', '1.0.27': 'a', '1.0.28': newest } });
const A = {
  'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
};
const newer = (): Record<string, string> => ({
  ...A,
  'revgraph.config.json': CONFIG('b'),
  'revisions/b.sql': sql('b', {
    revises: 'a',
    upgrade: 'CREATE TABLE b (id int);',
    downgrade: 'DROP TABLE b;',
  }),
});

test('a deploy, a rollback that needs nothing, and one that takes back what is newer', async () => {
  const database = await freshDatabase();
  const image = folderWith(newer());
  const older = folderWith({ ...A, 'revgraph.config.json': CONFIG('a') });
  const inside = (folder: string, args: readonly string[]): Promise<Finished> =>
    run(
      folder,
      args.map((arg) => arg.replace('$(DATABASE_URL)', database.url)),
      { DATABASE_URL: database.url, NODE_ENV: 'production' },
    );
  const rows = async () =>
    (await status({ revisions: `${image}/revisions`, database: database.url })).current;
  const [migrate, check, takeBack] = ['migrate', 'check', 'downgrade'].map(argsOf) as [
    readonly string[],
    readonly string[],
    readonly string[],
  ];

  expect(await inside(image, migrate)).toMatchObject({ exitValue: 0 });
  expect(await rows()).toEqual(['b']);
  expect(await inside(image, check)).toMatchObject({
    exitValue: 0,
    stdout: expect.stringContaining('Release 1.0.27 can run on'),
  });

  // The init container of the older image: ahead, nothing runs. Without what the manifest says, it would refuse.
  expect(await inside(older, migrate)).toMatchObject({ exitValue: 0 });
  expect(await inside(older, ['boot'])).toMatchObject({ exitValue: 4 });
  expect(await rows()).toEqual(['b']);

  expect(await inside(image, takeBack)).toMatchObject({ exitValue: 0 });
  expect(await rows()).toEqual(['a']);
  await database.drop();
});
