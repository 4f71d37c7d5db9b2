-- Seven tables for what was JSON text about the flow of a conversation
--
-- @revision 8b77eda62e71
-- @revises 2230add_keyword_templates
-- @loses "every row of the seven conversation tables"
--
-- The text column itself stays for now: its content is not moved here, and a later revision drops it.

-- @upgrade
CREATE TABLE character_conversation_modes (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  mode_name varchar(100) NOT NULL,
  energy_level varchar(50),
  approach text,
  transition_style text,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, mode_name)
);
CREATE INDEX idx_conversation_modes_character ON character_conversation_modes (character_id);

CREATE TABLE character_mode_guidance (
  id serial PRIMARY KEY,
  mode_id integer NOT NULL REFERENCES character_conversation_modes (id) ON DELETE CASCADE,
  guidance_type varchar(20) NOT NULL,
  guidance_text text NOT NULL,
  sort_order integer NOT NULL,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT ck_guidance_type CHECK (guidance_type IN ('avoid', 'encourage'))
);
CREATE INDEX idx_mode_guidance_mode ON character_mode_guidance (mode_id);

CREATE TABLE character_mode_examples (
  id serial PRIMARY KEY,
  mode_id integer NOT NULL REFERENCES character_conversation_modes (id) ON DELETE CASCADE,
  example_text text NOT NULL,
  example_type varchar(50),
  sort_order integer NOT NULL,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_mode_examples_mode ON character_mode_examples (mode_id);

CREATE TABLE character_general_conversation (
  id serial PRIMARY KEY,
  character_id integer NOT NULL UNIQUE REFERENCES characters (id) ON DELETE CASCADE,
  default_energy varchar(50),
  conversation_style text,
  transition_approach text,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE character_response_style (
  id serial PRIMARY KEY,
  character_id integer NOT NULL UNIQUE REFERENCES characters (id) ON DELETE CASCADE,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE character_response_style_items (
  id serial PRIMARY KEY,
  response_style_id integer NOT NULL REFERENCES character_response_style (id) ON DELETE CASCADE,
  item_type varchar(50) NOT NULL,
  item_text text NOT NULL,
  sort_order integer NOT NULL,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_response_style_items_style ON character_response_style_items (response_style_id);

CREATE TABLE character_response_patterns (
  id serial PRIMARY KEY,
  general_conversation_id integer NOT NULL,
  pattern_name varchar(100),
  pattern_description text,
  sort_order integer NOT NULL,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (general_conversation_id) REFERENCES character_general_conversation (id) ON DELETE CASCADE
);
CREATE INDEX idx_response_patterns_general ON character_response_patterns (general_conversation_id);

-- @downgrade
DROP TABLE character_response_patterns;
DROP TABLE character_response_style_items;
DROP TABLE character_response_style;
DROP TABLE character_general_conversation;
DROP TABLE character_mode_examples;
DROP TABLE character_mode_guidance;
DROP TABLE character_conversation_modes;
