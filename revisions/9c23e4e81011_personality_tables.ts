/**
 * Create the three personality tables where a database has lost them
 *
 * @revision 9c23e4e81011
 * @revises ab68d77b5088
 * @idempotent
 *
 * Every database that came through the baseline has them, and nothing happens to it. Where one is missing it
 * is made as the baseline and the revisions since have left it, so that all paths end in the same schema.
 */
import type { RevisionContext } from 'revgraph';

const tables: Readonly<Record<string, readonly string[]>> = {
  personality_traits: [
    `CREATE TABLE personality_traits (
       id serial PRIMARY KEY,
       character_id integer REFERENCES characters (id) ON DELETE CASCADE,
       trait_name varchar(200) NOT NULL,
       trait_value numeric(3,2),
       intensity varchar(100),
       description text,
       UNIQUE (character_id, trait_name)
     )`,
    'CREATE INDEX idx_personality_traits_character ON personality_traits (character_id)',
    "COMMENT ON TABLE personality_traits IS 'How strongly a character shows a trait'",
    "COMMENT ON COLUMN personality_traits.id IS 'Key of the row'",
    "COMMENT ON COLUMN personality_traits.character_id IS 'The character'",
    "COMMENT ON COLUMN personality_traits.trait_name IS 'Name of the trait, once per character'",
    "COMMENT ON COLUMN personality_traits.trait_value IS 'Strength from 0.00 to 1.00'",
    "COMMENT ON COLUMN personality_traits.intensity IS 'The same strength in a word'",
    "COMMENT ON COLUMN personality_traits.description IS 'How the trait shows'",
  ],
  communication_styles: [
    `CREATE TABLE communication_styles (
       id serial PRIMARY KEY,
       character_id integer REFERENCES characters (id) ON DELETE CASCADE,
       engagement_level numeric(3,2),
       formality varchar(500),
       emotional_expression numeric(3,2),
       response_length text,
       response_length_preference varchar(200)
     )`,
    'CREATE INDEX idx_communication_styles_character ON communication_styles (character_id)',
  ],
  character_values: [
    `CREATE TABLE character_values (
       id serial PRIMARY KEY,
       character_id integer REFERENCES characters (id) ON DELETE CASCADE,
       value_key varchar(300) NOT NULL,
       value_description text NOT NULL,
       importance_level varchar(100) DEFAULT 'medium',
       category varchar(200),
       UNIQUE (character_id, value_key)
     )`,
    'CREATE INDEX idx_character_values_character ON character_values (character_id)',
    "COMMENT ON TABLE character_values IS 'What a character believes in and how much it matters'",
    "COMMENT ON COLUMN character_values.id IS 'Key of the row'",
    "COMMENT ON COLUMN character_values.character_id IS 'The character'",
    "COMMENT ON COLUMN character_values.value_key IS 'Short name of the value, once per character'",
    "COMMENT ON COLUMN character_values.value_description IS 'What the character holds to be true'",
    "COMMENT ON COLUMN character_values.importance_level IS 'low, medium, high or critical'",
    "COMMENT ON COLUMN character_values.category IS 'Kind of value: core, belief, fear and the like'",
  ],
};

export async function upgrade({ db, log }: RevisionContext): Promise<void> {
  const { rows } = await db.query(
    'SELECT wanted.name FROM unnest($1::text[]) AS wanted (name) WHERE to_regclass(wanted.name) IS NULL',
    [Object.keys(tables)],
  );
  const missing = new Set(rows.map((row) => String(row.name)));
  for (const [table, statements] of Object.entries(tables)) {
    if (!missing.has(table)) continue;
    for (const statement of statements) await db.query(statement);
    log(`${table} was missing: created`);
  }
  if (missing.size === 0) log('the three personality tables are there: nothing to create');
}

/**
 * Nothing: the tables belong to the baseline even where they had to be made anew, and they may hold rows.
 * Dropping them here would leave a database that no revision describes.
 */
export async function downgrade({ log }: RevisionContext): Promise<void> {
  log('the three personality tables belong to the baseline: they stay');
}
