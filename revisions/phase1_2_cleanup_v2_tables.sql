-- Retire the _v2 names: one table was abandoned, two take over the plain name
--
-- @revision phase1_2_cleanup
-- @revises drop_legacy_json
-- @idempotent
-- @loses "the rows of character_emotional_triggers_v2: dropped by the upgrade, the table comes back empty"
--
-- Each action only if its table is there: parts of this may have been done by hand.

-- @upgrade
DROP TABLE IF EXISTS character_emotional_triggers_v2;
-- Sequences, constraints and indexes keep _v2 in their names: installed databases have it so.
ALTER TABLE IF EXISTS character_roleplay_scenarios_v2 RENAME TO character_roleplay_scenarios;
ALTER TABLE IF EXISTS character_scenario_triggers_v2 RENAME TO character_scenario_triggers;

-- @downgrade
ALTER TABLE IF EXISTS character_scenario_triggers RENAME TO character_scenario_triggers_v2;
ALTER TABLE IF EXISTS character_roleplay_scenarios RENAME TO character_roleplay_scenarios_v2;
-- The sequence by name and not by serial: where its table did not own it, it outlived the table, and serial
-- would then choose another name.
CREATE SEQUENCE IF NOT EXISTS character_emotional_triggers_v2_id_seq AS integer;
CREATE TABLE character_emotional_triggers_v2 (
  id integer DEFAULT nextval('character_emotional_triggers_v2_id_seq') PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  trigger_text text NOT NULL,
  valence varchar(100) NOT NULL,
  emotion_evoked varchar(200),
  intensity integer CHECK (intensity BETWEEN 1 AND 10),
  response_guidance text,
  display_order integer,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, trigger_text, valence)
);
ALTER SEQUENCE character_emotional_triggers_v2_id_seq OWNED BY character_emotional_triggers_v2.id;
CREATE INDEX idx_emotional_triggers_char_val ON character_emotional_triggers_v2 (character_id, valence);
