import type { CatalogQuestion } from '../connection/read-only.js';

type Answer = readonly Record<string, unknown>[] | null | undefined;

/** What this role may do beside tables. */
export interface RolePrivileges {
  readonly superuser: boolean;
  /** Member of a role by which a managed server lets ordinary roles create what is not trusted. */
  readonly managed: boolean;
  /** CREATE on the database: trusted extensions, schemas. */
  readonly database: boolean;
  /** It sees what other sessions do. */
  readonly seesOthers: boolean;
  readonly currentSchema: string | null;
  readonly schemas: Readonly<Record<string, { readonly create: boolean; readonly owned: boolean }>>;
  readonly extensions: Readonly<
    Record<
      string,
      {
        readonly installed: boolean;
        readonly available: boolean;
        readonly trusted: boolean | null;
        /** The one that is installed. */
        readonly version: string | null;
        /** Versions that it can be created in, and what each of them needs that is not installed. */
        readonly versions: Readonly<
          Record<string, readonly { readonly name: string; readonly available: boolean }[]>
        >;
        /** Versions to which the installed one can be updated. */
        readonly updates: readonly string[];
        readonly defaultVersion: string | null;
      }
    >
  >;
}

const MANAGED =
  "'rds_superuser', 'cloudsqlsuperuser', 'alloydbsuperuser', 'azure_pg_admin', 'neon_superuser'";

const ROOMS = `
  SELECT r.rolsuper AS superuser, has_database_privilege(current_database(), 'CREATE') AS database, pg_has_role('pg_read_all_stats', 'USAGE') AS sees, current_schema() AS current_schema,
         EXISTS (SELECT FROM pg_roles m WHERE m.rolname IN (${MANAGED}) AND pg_has_role(m.oid, 'MEMBER')) AS managed,
         (SELECT json_object_agg(n.nspname, json_build_object('create', has_schema_privilege(n.oid, 'CREATE'), 'owned', pg_has_role(n.nspowner, 'USAGE')))
          FROM pg_namespace n WHERE n.nspname = ANY ($1::text[]) OR n.nspname = current_schema()) AS schemas
  FROM pg_roles r WHERE r.rolname = current_user`;

const EXTENSIONS = `
  SELECT w.name, e.oid IS NOT NULL AS installed, a.name IS NOT NULL AS available, v.trusted, e.extversion AS version, a.default_version AS "defaultVersion",
         (SELECT coalesce(json_object_agg(x.version, (SELECT coalesce(json_agg(json_build_object('name', r, 'available', r IN (SELECT y.name FROM pg_available_extensions y))), '[]')
            FROM unnest(x.requires) AS r WHERE r NOT IN (SELECT extname FROM pg_extension))), '{}') FROM pg_available_extension_versions x WHERE x.name = w.name) AS versions,
         CASE WHEN e.oid IS NULL OR a.name IS NULL THEN '[]'
              ELSE (SELECT coalesce(json_agg(p.target), '[]') FROM pg_extension_update_paths(w.name) p WHERE p.source = e.extversion AND p.path IS NOT NULL) END AS updates
  FROM unnest($1::text[]) AS w(name)
  LEFT JOIN pg_extension e ON e.extname = w.name
  LEFT JOIN pg_available_extensions a ON a.name = w.name
  LEFT JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version`;

/** What to ask for them, and for the extensions that are to be created. */
export const privilegeQuestions = (wanted: {
  readonly schemas: readonly string[];
  readonly extensions: readonly string[];
}): [CatalogQuestion, CatalogQuestion] => [
  [ROOMS, [wanted.schemas]],
  // Which ones a server has, it looks up in its files.
  wanted.extensions.length === 0 ? ['SELECT WHERE false', []] : [EXTENSIONS, [wanted.extensions]],
];

/** What was answered; null where that is nothing. */
export function privilegesOf(rooms: Answer, extensions: Answer): RolePrivileges | null {
  const [row] = rooms ?? [];
  if (row === undefined) return null;
  return {
    superuser: row.superuser === true,
    managed: row.managed === true,
    database: row.database === true,
    seesOthers: row.sees === true,
    currentSchema: row.current_schema as string | null,
    schemas: (row.schemas ?? {}) as RolePrivileges['schemas'],
    extensions: Object.fromEntries((extensions ?? []).map(({ name, ...about }) => [name, about])),
  };
}
