import type { RolePrivileges } from '../../database/catalog/privileges.js';
import type { Question, QuestionPlace } from '../simulate/questions.js';
import { lineAt, type PreflightCheck, UNSURE } from './line.js';
import { ofKind, type Seen } from './seen.js';
import { WORDING } from './wording.js';

type Asked = QuestionPlace & Extract<Question, { kind: 'extension' }>;

/** CREATE EXTENSION: whether the server has it, and whether this role may create it. */
export function extensionLines(seen: Seen): PreflightCheck[] {
  const { privileges, server } = seen;
  if (privileges === null) return [];
  return ofKind(seen, 'extension').flatMap((asked) => {
    const { name } = asked;
    const known = privileges.extensions[name];
    if (known === undefined) return [];
    const { installed, available, trusted } = known;
    const title = asked.update ? WORDING.updateExtension(name) : WORDING.createExtension(name);
    const line = (status: PreflightCheck['status'], found: string, remedy: string | null = null) =>
      lineAt(asked, { name: 'extension', status, title, found, remedy });
    if (asked.update) return updateLine(asked, known, line);
    if (installed) return line('ok', 'it is already installed');
    if (!available)
      return line('no', 'it is not available on this server', 'Install its package on the server.');
    const missing = missingOf(asked, known);
    if (missing !== null) return line(...missing);
    if (privileges.superuser) return line('ok', `${server.user} is a superuser`);
    if (trusted && privileges.database)
      return line('ok', `it is trusted, and ${server.user} has CREATE on the database`);
    if (privileges.managed) return line('ok', `${server.user} is an administrator of a managed server`);
    const [found, remedy] = trusted
      ? [
          `${server.user} does not have CREATE on the database ${server.database}`,
          `${WORDING.grant('CREATE', 'DATABASE', [server.database], server.user)} or have a superuser create the extension.`,
        ]
      : [
          `it is not trusted, and ${server.user} is not a superuser`,
          `Have a superuser run it in ${server.database}, and use IF NOT EXISTS in the revision. Or upgrade as a superuser.`,
        ];
    return asked.sure ? line('no', found, remedy) : line('warn', `${found}, ${UNSURE}`, remedy);
  });
}

type Known = RolePrivileges['extensions'][string];
type Found = [status: PreflightCheck['status'], found: string, remedy: string | null];

/** The version that is asked for, and what that needs; null where nothing is missing. */
function missingOf(
  { version, cascade, created, sure }: Asked,
  { versions, defaultVersion }: Known,
): Found | null {
  const wanted = version ?? defaultVersion ?? '';
  const needs = versions[wanted];
  if (needs === undefined)
    return [
      'no',
      `version ${wanted} is not available on this server`,
      `Use one of: ${Object.keys(versions).sort().join(', ')}. Or install its package on the server.`,
    ];
  const absent = needs.filter((one) => !created.includes(one.name) && !(cascade && one.available));
  if (absent.length === 0) return null;
  const names = absent.map((one) => one.name).join(', ');
  const lacking = absent.filter((one) => !one.available).map((one) => one.name);
  return [
    sure ? 'no' : 'warn',
    `it needs ${names}, which ${absent.length === 1 ? 'is' : 'are'} not installed${sure ? '' : `, ${UNSURE}`}`,
    lacking.length > 0
      ? `Install the package of ${lacking.join(', ')} on the server.`
      : `Create ${names} before it, or write CASCADE.`,
  ];
}

/** ALTER EXTENSION … UPDATE: whether it is there, and whether a path leads to that version. */
function updateLine(
  { version, created, sure, name }: Asked,
  { installed, version: current, updates, defaultVersion }: Known,
  line: (...found: Found) => PreflightCheck,
): PreflightCheck[] {
  // In which version the plan creates it is not known here.
  if (created.includes(name)) return [];
  const status = sure ? 'no' : 'warn';
  if (!installed)
    return [line(status, `it is not installed${sure ? '' : `, ${UNSURE}`}`, 'Create it first.')];
  const wanted = version ?? defaultVersion ?? '';
  if (wanted === current || updates.includes(wanted))
    return [line('ok', `from ${current} to ${wanted}`, null)];
  return [
    line(
      'no',
      `the server can't update it from ${current} to ${wanted}`,
      'Install the package of that version on the server.',
    ),
  ];
}
