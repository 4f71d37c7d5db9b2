-- Emotional state of a character towards a user, as JSONB
--
-- @revision 20251017_104918
-- @revises a1b2c3d4e5f6
-- @loses "every row of character_emotional_states"

-- @upgrade
CREATE TABLE character_emotional_states (
  id serial PRIMARY KEY,
  character_name varchar(100) NOT NULL,
  user_id varchar(100) NOT NULL,
  state_data jsonb NOT NULL,
  last_updated timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT unique_character_user_state UNIQUE (character_name, user_id)
);
CREATE INDEX idx_character_emotional_states_last_updated ON character_emotional_states (last_updated);
CREATE INDEX idx_character_emotional_states_lookup ON character_emotional_states (character_name, user_id);
CREATE INDEX ix_character_emotional_states_character_name ON character_emotional_states (character_name);
CREATE INDEX ix_character_emotional_states_user_id ON character_emotional_states (user_id);

-- @downgrade
DROP TABLE character_emotional_states;
