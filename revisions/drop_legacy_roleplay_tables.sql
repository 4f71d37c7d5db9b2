-- Drop the two role-play tables that were renamed one revision earlier
--
-- @revision drop_legacy_roleplay
-- @revises phase1_2_cleanup
-- @idempotent
-- @loses "the rows of both role-play tables: dropped by the upgrade, the tables come back empty"

-- @upgrade
DROP TABLE IF EXISTS character_scenario_triggers;
DROP TABLE IF EXISTS character_roleplay_scenarios;

-- @downgrade
-- As the revision before leaves them: plain table names, while what belongs to the tables is still called _v2.
-- IF NOT EXISTS, because a sequence that its table did not own has outlived it.
CREATE SEQUENCE IF NOT EXISTS character_roleplay_scenarios_v2_id_seq AS integer;
CREATE TABLE character_roleplay_scenarios (
  id integer DEFAULT nextval('character_roleplay_scenarios_v2_id_seq'),
  character_id integer NOT NULL,
  scenario_name varchar(500) NOT NULL,
  response_pattern varchar(500),
  tier_1_response text,
  tier_2_response text,
  tier_3_response text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT character_roleplay_scenarios_v2_pkey PRIMARY KEY (id),
  CONSTRAINT character_roleplay_scenarios_v2_character_id_scenario_name_key
    UNIQUE (character_id, scenario_name),
  CONSTRAINT character_roleplay_scenarios_v2_character_id_fkey
    FOREIGN KEY (character_id) REFERENCES characters (id) ON DELETE CASCADE
);
ALTER SEQUENCE character_roleplay_scenarios_v2_id_seq OWNED BY character_roleplay_scenarios.id;
CREATE INDEX idx_roleplay_scenarios_char ON character_roleplay_scenarios (character_id);
COMMENT ON TABLE character_roleplay_scenarios IS 'Graded answers to a role-play scene';

CREATE SEQUENCE IF NOT EXISTS character_scenario_triggers_v2_id_seq AS integer;
CREATE TABLE character_scenario_triggers (
  id integer DEFAULT nextval('character_scenario_triggers_v2_id_seq'),
  scenario_id integer NOT NULL,
  trigger_phrase text NOT NULL,
  display_order integer,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT character_scenario_triggers_v2_pkey PRIMARY KEY (id),
  CONSTRAINT character_scenario_triggers_v2_scenario_id_trigger_phrase_key
    UNIQUE (scenario_id, trigger_phrase),
  CONSTRAINT character_scenario_triggers_v2_scenario_id_fkey
    FOREIGN KEY (scenario_id) REFERENCES character_roleplay_scenarios (id) ON DELETE CASCADE
);
ALTER SEQUENCE character_scenario_triggers_v2_id_seq OWNED BY character_scenario_triggers.id;
CREATE INDEX idx_scenario_triggers_scenario ON character_scenario_triggers (scenario_id);
