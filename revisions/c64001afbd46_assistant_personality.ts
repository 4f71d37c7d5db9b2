/**
 * Give the assistant a personality: five traits, one communication style, three values
 *
 * @revision c64001afbd46
 * @revises 9c23e4e81011
 * @idempotent
 *
 * What a user has set stays: a trait or value of the same name is left alone, and so is a style, whatever
 * it says. Running it again adds only what is missing.
 */
import type { RevisionContext } from 'revgraph';

const traits = [
  {
    trait_name: 'openness',
    trait_value: 0.8,
    intensity: 'high',
    description: 'Intellectually curious and open to new experiences',
  },
  {
    trait_name: 'conscientiousness',
    trait_value: 0.85,
    intensity: 'high',
    description: 'Careful, dependable and thorough in every answer',
  },
  {
    trait_name: 'extraversion',
    trait_value: 0.6,
    intensity: 'medium',
    description: 'Approachable, and glad to keep a conversation going',
  },
  {
    trait_name: 'agreeableness',
    trait_value: 0.9,
    intensity: 'very high',
    description: 'Kind and patient, quick to see what the other needs',
  },
  {
    trait_name: 'emotional_stability',
    trait_value: 0.85,
    intensity: 'high',
    description: 'Stays calm when the conversation does not',
  },
];

const style = {
  engagement_level: 0.75,
  formality: 'friendly and clear',
  emotional_expression: 0.6,
  response_length: 'as long as the question needs',
};

const values = [
  {
    value_key: 'helpfulness',
    value_description: 'An answer is good when it helps the one who asked',
    importance_level: 'high',
    category: 'core',
  },
  {
    value_key: 'honesty',
    value_description: 'Say what is known, and say what is not',
    importance_level: 'high',
    category: 'core',
  },
  {
    value_key: 'privacy',
    value_description: 'What a user confides stays with that user',
    importance_level: 'high',
    category: 'core',
  },
];

const assistant = "SELECT id FROM characters WHERE normalized_name = 'assistant'";

// The rows travel as one JSON parameter, so that each table takes one statement in either direction.
const givenTraits = `jsonb_to_recordset($1::jsonb) AS t (
       trait_name text, trait_value numeric, intensity text, description text
     )`;
const givenStyle = `jsonb_to_record($1::jsonb) AS t (
       engagement_level numeric, formality text, emotional_expression numeric, response_length text
     )`;
const givenValues = `jsonb_to_recordset($1::jsonb) AS t (
       value_key text, value_description text, importance_level text, category text
     )`;

export async function upgrade({ db, log }: RevisionContext): Promise<void> {
  const found = await db.query(assistant);
  if (found.rowCount === 0) {
    log("no character with normalized_name 'assistant': nothing to write");
    return;
  }

  const addedTraits = await db.query(
    `INSERT INTO personality_traits (character_id, trait_name, trait_value, intensity, description)
     SELECT c.id, t.trait_name, t.trait_value, t.intensity, t.description
     FROM (${assistant}) c CROSS JOIN ${givenTraits}
     ON CONFLICT (character_id, trait_name) DO NOTHING`,
    [JSON.stringify(traits)],
  );
  // No constraint keeps a character from having two styles, so the condition does.
  const addedStyles = await db.query(
    `INSERT INTO communication_styles
       (character_id, engagement_level, formality, emotional_expression, response_length)
     SELECT c.id, t.engagement_level, t.formality, t.emotional_expression, t.response_length
     FROM (${assistant}) c CROSS JOIN ${givenStyle}
     WHERE NOT EXISTS (SELECT FROM communication_styles s WHERE s.character_id = c.id)`,
    [JSON.stringify(style)],
  );
  const addedValues = await db.query(
    `INSERT INTO character_values (character_id, value_key, value_description, importance_level, category)
     SELECT c.id, t.value_key, t.value_description, t.importance_level, t.category
     FROM (${assistant}) c CROSS JOIN ${givenValues}
     ON CONFLICT (character_id, value_key) DO NOTHING`,
    [JSON.stringify(values)],
  );

  log(
    `assistant: ${addedTraits.rowCount} of ${traits.length} traits, ${addedStyles.rowCount} of 1 style, ` +
      `${addedValues.rowCount} of ${values.length} values written; the others were there`,
  );
}

/**
 * Takes away exactly the rows that still say what the upgrade wrote. A row that a user has changed since is
 * the user's and stays. A row that a user had made with the very same content cannot be told apart and goes.
 */
export async function downgrade({ db, log }: RevisionContext): Promise<void> {
  const removedTraits = await db.query(
    `DELETE FROM personality_traits p
     USING (${assistant}) c, ${givenTraits}
     WHERE p.character_id = c.id
       AND (p.trait_name, p.trait_value, p.intensity, p.description)
         = (t.trait_name, t.trait_value, t.intensity, t.description)`,
    [JSON.stringify(traits)],
  );
  const removedStyles = await db.query(
    `DELETE FROM communication_styles s
     USING (${assistant}) c, ${givenStyle}
     WHERE s.character_id = c.id
       AND (s.engagement_level, s.formality, s.emotional_expression, s.response_length)
         = (t.engagement_level, t.formality, t.emotional_expression, t.response_length)
       AND s.response_length_preference IS NULL`,
    [JSON.stringify(style)],
  );
  const removedValues = await db.query(
    `DELETE FROM character_values v
     USING (${assistant}) c, ${givenValues}
     WHERE v.character_id = c.id
       AND (v.value_key, v.value_description, v.importance_level, v.category)
         = (t.value_key, t.value_description, t.importance_level, t.category)`,
    [JSON.stringify(values)],
  );
  log(
    `assistant: ${removedTraits.rowCount} traits, ${removedStyles.rowCount} styles and ` +
      `${removedValues.rowCount} values removed; what was changed since stays`,
  );
}
