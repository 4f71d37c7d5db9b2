-- The whole schema of release v1.0.6
--
-- @revision 20251011_baseline_v106
-- @requires postgres >=14
-- @requires extension btree_gin
-- @requires extension pg_trgm
-- @requires extension uuid-ossp
-- @loses "all 72 tables of the product with every row in them"
--
-- Databases of v1.0.6 exist that no revision ever made, so this file is what they are compared with: names
-- that look odd (…_v2, constraint names cut at 63 characters, indexes that repeat a constraint) are theirs.
-- Their functions, triggers and views stay outside the graph, as does schema_migrations, the bookkeeping of
-- an earlier tool.

-- @upgrade
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

-- No column has these types; functions that come with the product take them as parameters.
CREATE TYPE character_archetype_enum AS ENUM ('real_world', 'fantasy_mystical', 'narrative_ai');
CREATE TYPE workflow_status_enum AS ENUM ('active', 'paused', 'completed', 'failed', 'cancelled');

-- Characters: who they are

CREATE TABLE characters (
  id serial PRIMARY KEY,
  name varchar(500) NOT NULL,
  normalized_name varchar(200) NOT NULL UNIQUE,
  occupation varchar(500),
  description text,
  archetype varchar(100) DEFAULT 'real-world',
  allow_full_roleplay boolean DEFAULT false,
  is_active boolean DEFAULT true,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  created_date timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_date timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_characters_active ON characters (is_active);
CREATE INDEX idx_characters_active_lookup ON characters (id) WHERE is_active = true;
CREATE INDEX idx_characters_name_lookup ON characters (name);
CREATE INDEX idx_characters_normalized_name ON characters (normalized_name);
COMMENT ON TABLE characters IS 'One row per character that a bot can play';

CREATE TABLE character_metadata (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  version integer DEFAULT 1,
  character_tags text[],
  created_date timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_date timestamp DEFAULT CURRENT_TIMESTAMP,
  author text,
  notes text,
  UNIQUE (character_id, version)
);

CREATE TABLE character_attributes (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  category varchar(200) NOT NULL,
  description text NOT NULL,
  importance varchar(100),
  display_order integer,
  active boolean DEFAULT true,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, category, display_order)
);
CREATE INDEX idx_attributes_active ON character_attributes (character_id, category) WHERE active = true;
CREATE INDEX idx_attributes_char_cat ON character_attributes (character_id, category);

CREATE TABLE character_identity_details (
  id serial PRIMARY KEY,
  character_id integer NOT NULL UNIQUE REFERENCES characters (id) ON DELETE CASCADE,
  full_name varchar(500),
  nickname varchar(500),
  gender varchar(200),
  location text,
  essence_nature text,
  essence_existence_method text,
  essence_anchor text,
  essence_core_identity text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP
);
COMMENT ON TABLE character_identity_details IS 'Who a character is: names, place, nature';

CREATE TABLE character_appearance (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  category varchar(50) NOT NULL,
  attribute varchar(100) NOT NULL,
  value text NOT NULL,
  description text,
  UNIQUE (character_id, category, attribute)
);
CREATE INDEX idx_character_appearance_category ON character_appearance (character_id, category);

CREATE TABLE character_essence (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  essence_type varchar(50) NOT NULL,
  essence_name varchar(100) NOT NULL,
  description text NOT NULL,
  manifestation text,
  power_level integer,
  UNIQUE (character_id, essence_type, essence_name)
);
CREATE INDEX idx_character_essence_type ON character_essence (character_id, essence_type);

CREATE TABLE character_abilities (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  category varchar(50) NOT NULL,
  ability_name varchar(100) NOT NULL,
  proficiency_level integer DEFAULT 5,
  description text,
  development_method text,
  usage_frequency varchar(20) DEFAULT 'regular',
  UNIQUE (character_id, category, ability_name)
);
CREATE INDEX idx_character_abilities_category ON character_abilities (character_id, category);
CREATE INDEX idx_character_abilities_proficiency
  ON character_abilities (character_id, proficiency_level DESC);

CREATE TABLE character_background (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  category varchar(50) NOT NULL,
  period varchar(100),
  title text,
  description text NOT NULL,
  date_range text,
  importance_level integer DEFAULT 5,
  created_date timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_character_background_category ON character_background (character_id, category);
CREATE INDEX idx_character_background_category_importance
  ON character_background (character_id, category, importance_level DESC);
CREATE INDEX idx_character_background_description_trgm
  ON character_background USING gin (description gin_trgm_ops);
CREATE INDEX idx_character_background_importance
  ON character_background (character_id, importance_level DESC);

CREATE TABLE character_memories (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  memory_type varchar(50) NOT NULL,
  title varchar(200) NOT NULL,
  description text NOT NULL,
  emotional_impact integer DEFAULT 5,
  time_period text,
  importance_level integer DEFAULT 5,
  triggers text[],
  created_date timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_character_memories_emotional_impact
  ON character_memories (character_id, emotional_impact DESC);
CREATE INDEX idx_character_memories_importance ON character_memories (character_id, importance_level DESC);
CREATE INDEX idx_character_memories_trigger_importance
  ON character_memories USING gin (character_id, triggers, importance_level);
CREATE INDEX idx_character_memories_triggers_gin ON character_memories USING gin (triggers);
CREATE INDEX idx_character_memories_type ON character_memories (character_id, memory_type);

CREATE TABLE character_relationships (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  related_entity varchar(200) NOT NULL,
  relationship_type varchar(50) NOT NULL,
  relationship_strength integer DEFAULT 5,
  description text,
  status varchar(20) DEFAULT 'active',
  created_date timestamp DEFAULT CURRENT_TIMESTAMP,
  communication_style text,
  memory_sharing text,
  name_usage text,
  connection_nature text,
  recognition_pattern text
);
CREATE INDEX idx_character_relationships_strength
  ON character_relationships (character_id, relationship_strength DESC);
CREATE INDEX idx_character_relationships_type ON character_relationships (character_id, relationship_type);
CREATE INDEX idx_character_relationships_type_strength
  ON character_relationships (character_id, relationship_type, relationship_strength DESC);
COMMENT ON COLUMN character_relationships.name_usage IS 'How the two address each other';
COMMENT ON COLUMN character_relationships.connection_nature IS 'What ties the two together';
COMMENT ON COLUMN character_relationships.recognition_pattern IS 'By what the character recognises the other';

CREATE TABLE character_interests (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  category varchar(200) NOT NULL,
  interest_text text NOT NULL,
  proficiency_level integer CHECK (proficiency_level BETWEEN 1 AND 10),
  importance varchar(100),
  frequency varchar(100),
  display_order integer,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, category, display_order)
);
CREATE INDEX idx_interests_char_cat ON character_interests (character_id, category);
COMMENT ON TABLE character_interests IS 'What a character likes to talk about';

CREATE TABLE character_expertise_domains (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  domain_name varchar(200) NOT NULL,
  expertise_level varchar(50),
  domain_description text,
  key_concepts text,
  teaching_approach text,
  passion_level integer,
  examples text
);
CREATE INDEX idx_expertise_domains_character ON character_expertise_domains (character_id, domain_name);

CREATE TABLE character_current_context (
  id serial PRIMARY KEY,
  character_id integer NOT NULL UNIQUE REFERENCES characters (id) ON DELETE CASCADE,
  living_situation text,
  daily_routine text,
  recent_events text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE character_current_goals (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  goal_text text NOT NULL,
  priority varchar(100),
  timeframe varchar(200),
  status varchar(100),
  display_order integer,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, display_order)
);
CREATE INDEX idx_current_goals_active
  ON character_current_goals (character_id, status) WHERE status = 'active';
CREATE INDEX idx_current_goals_char ON character_current_goals (character_id);

-- Personality, values and voice

CREATE TABLE personality_traits (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  trait_name varchar(200) NOT NULL,
  trait_value numeric(3,2),
  intensity varchar(100),
  description text,
  UNIQUE (character_id, trait_name)
);
CREATE INDEX idx_personality_traits_character ON personality_traits (character_id);
COMMENT ON TABLE personality_traits IS 'How strongly a character shows a trait';

CREATE TABLE communication_styles (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  engagement_level numeric(3,2),
  formality varchar(500),
  emotional_expression numeric(3,2),
  response_length text,
  conversation_flow_guidance text,
  ai_identity_handling text,
  response_length_preference varchar(200)
);
CREATE INDEX idx_communication_styles_character ON communication_styles (character_id);

CREATE TABLE character_values (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  value_key varchar(300) NOT NULL,
  value_description text NOT NULL,
  importance_level varchar(100) DEFAULT 'medium',
  category varchar(200),
  UNIQUE (character_id, value_key)
);
CREATE INDEX idx_character_values_character ON character_values (character_id);
COMMENT ON TABLE character_values IS 'What a character believes in and how much it matters';

CREATE TABLE character_speech_patterns (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  pattern_type varchar(100) NOT NULL,
  pattern_value text NOT NULL,
  usage_frequency varchar(50),
  context varchar(100),
  priority integer DEFAULT 50
);
CREATE INDEX idx_speech_patterns_character ON character_speech_patterns (character_id, pattern_type);
COMMENT ON TABLE character_speech_patterns IS 'Turns of phrase that make a character recognisable';

CREATE TABLE character_vocabulary (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  word_or_phrase text NOT NULL,
  preference varchar(100) NOT NULL,
  usage_context text,
  frequency varchar(100),
  reason text,
  display_order integer,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, word_or_phrase, preference)
);
CREATE INDEX idx_vocabulary_char_pref ON character_vocabulary (character_id, preference);

CREATE TABLE character_voice_profile (
  id serial PRIMARY KEY,
  character_id integer NOT NULL UNIQUE REFERENCES characters (id) ON DELETE CASCADE,
  tone text,
  pace text,
  volume text,
  accent text,
  sentence_structure text,
  punctuation_style text,
  response_length_guidance text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE character_voice_traits (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  trait_type varchar(100) NOT NULL,
  trait_value text NOT NULL,
  situational_context text,
  examples text
);
CREATE INDEX idx_voice_traits_character ON character_voice_traits (character_id, trait_type);

CREATE TABLE character_cultural_expressions (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  expression_type varchar(100) NOT NULL,
  expression_value text NOT NULL,
  meaning text,
  usage_context text,
  emotional_context varchar(50),
  frequency varchar(50)
);
CREATE INDEX idx_cultural_expressions_character
  ON character_cultural_expressions (character_id, expression_type);

CREATE TABLE character_emoji_patterns (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  pattern_category varchar(100) NOT NULL,
  pattern_name varchar(100) NOT NULL,
  emoji_sequence text,
  usage_context text,
  frequency varchar(50),
  example_usage text
);
CREATE INDEX idx_emoji_patterns_character ON character_emoji_patterns (character_id, pattern_category);

-- How a character converses and reacts

CREATE TABLE character_communication_patterns (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  pattern_type varchar(50) NOT NULL,
  pattern_name varchar(100) NOT NULL,
  pattern_value text NOT NULL,
  context varchar(100),
  frequency varchar(20) DEFAULT 'regular',
  description text,
  UNIQUE (character_id, pattern_type, pattern_name)
);
CREATE INDEX idx_character_patterns_type ON character_communication_patterns (character_id, pattern_type);

CREATE TABLE character_conversation_flows (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  flow_type varchar(200) NOT NULL,
  flow_name varchar(200),
  energy_level varchar(200),
  approach_description text,
  transition_style text,
  priority integer DEFAULT 50,
  context text
);
CREATE INDEX idx_conversation_flows_character ON character_conversation_flows (character_id, flow_type);
COMMENT ON TABLE character_conversation_flows IS 'Ways in which a character leads a conversation';

CREATE TABLE character_conversation_directives (
  id serial PRIMARY KEY,
  conversation_flow_id integer REFERENCES character_conversation_flows (id) ON DELETE CASCADE,
  directive_type varchar(50) NOT NULL,
  directive_content text NOT NULL,
  order_sequence integer
);

CREATE TABLE character_conversation_contexts (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  context_name varchar(500) NOT NULL,
  energy_description text,
  approach_strategy text,
  transition_style text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, context_name)
);
CREATE INDEX idx_conv_contexts_char ON character_conversation_contexts (character_id);

CREATE TABLE character_context_guidance (
  id serial PRIMARY KEY,
  context_id integer NOT NULL REFERENCES character_conversation_contexts (id) ON DELETE CASCADE,
  guidance_type varchar(200) NOT NULL,
  guidance_text text NOT NULL,
  display_order integer,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (context_id, guidance_type, display_order)
);
CREATE INDEX idx_context_guidance_type ON character_context_guidance (context_id, guidance_type);

CREATE TABLE character_behavioral_triggers (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  trigger_type varchar(50) NOT NULL,
  trigger_value varchar(200) NOT NULL,
  response_type varchar(50) NOT NULL,
  response_description text NOT NULL,
  intensity_level integer DEFAULT 5,
  created_date timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_character_triggers_type ON character_behavioral_triggers (character_id, trigger_type);

CREATE TABLE character_message_triggers (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  trigger_category varchar(100) NOT NULL,
  trigger_type varchar(50) NOT NULL,
  trigger_value text NOT NULL,
  response_mode varchar(100),
  priority integer DEFAULT 50,
  is_active boolean DEFAULT true
);
CREATE INDEX idx_message_triggers_character ON character_message_triggers (character_id, trigger_category);

CREATE TABLE character_emotional_triggers (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  trigger_type varchar(100) NOT NULL,
  trigger_category varchar(100),
  trigger_content text NOT NULL,
  emotional_response text,
  response_intensity varchar(50),
  response_examples text
);
CREATE INDEX idx_emotional_triggers_character ON character_emotional_triggers (character_id, trigger_type);

CREATE TABLE character_emotional_triggers_v2 (
  id serial PRIMARY KEY,
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
CREATE INDEX idx_emotional_triggers_char_val ON character_emotional_triggers_v2 (character_id, valence);

CREATE TABLE character_emotion_profile (
  id serial PRIMARY KEY,
  character_id integer NOT NULL UNIQUE REFERENCES characters (id) ON DELETE CASCADE,
  default_mood text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE character_emotion_range (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  emotion_name varchar(200) NOT NULL,
  base_intensity numeric(3,2) CHECK (base_intensity BETWEEN 0 AND 1),
  notes text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, emotion_name)
);
CREATE INDEX idx_emotion_range_char ON character_emotion_range (character_id);

CREATE TABLE character_response_guidelines (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  guideline_type varchar(100) NOT NULL,
  guideline_name varchar(200),
  guideline_content text NOT NULL,
  priority integer DEFAULT 50,
  context varchar(100),
  is_critical boolean DEFAULT false,
  created_date timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_response_guidelines_character
  ON character_response_guidelines (character_id, guideline_type);

CREATE TABLE character_response_modes (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  mode_name varchar(100) NOT NULL,
  mode_description text,
  response_style text,
  length_guideline text,
  tone_adjustment text,
  conflict_resolution_priority integer,
  examples text
);
CREATE INDEX idx_response_modes_character ON character_response_modes (character_id, mode_name);

CREATE TABLE character_directives (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  directive_type varchar(200) NOT NULL,
  directive_text text NOT NULL,
  priority integer CHECK (priority BETWEEN 1 AND 10),
  display_order integer,
  context varchar(500),
  active boolean DEFAULT true,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, directive_type, display_order)
);
CREATE INDEX idx_directives_char_type ON character_directives (character_id, directive_type);
CREATE INDEX idx_directives_priority
  ON character_directives (character_id, priority DESC) WHERE active = true;

CREATE TABLE character_instructions (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  instruction_type varchar(50) NOT NULL,
  priority integer DEFAULT 5,
  instruction_text text NOT NULL,
  context text,
  active boolean DEFAULT true,
  created_date timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_character_instructions_type ON character_instructions (character_id, instruction_type);

-- Role play

CREATE TABLE character_roleplay_config (
  id serial PRIMARY KEY,
  character_id integer NOT NULL UNIQUE REFERENCES characters (id) ON DELETE CASCADE,
  allow_full_roleplay_immersion boolean DEFAULT false,
  philosophy text,
  strategy text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE character_ai_scenarios (
  id serial PRIMARY KEY,
  character_id integer REFERENCES characters (id) ON DELETE CASCADE,
  scenario_type varchar(100) NOT NULL,
  scenario_name varchar(200),
  trigger_phrases text,
  response_pattern varchar(100),
  tier_1_response text,
  tier_2_response text,
  tier_3_response text,
  example_usage text
);
CREATE INDEX idx_ai_scenarios_character ON character_ai_scenarios (character_id, scenario_type);

CREATE TABLE character_roleplay_scenarios_v2 (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  scenario_name varchar(500) NOT NULL,
  response_pattern varchar(500),
  tier_1_response text,
  tier_2_response text,
  tier_3_response text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (character_id, scenario_name)
);
CREATE INDEX idx_roleplay_scenarios_char ON character_roleplay_scenarios_v2 (character_id);
COMMENT ON TABLE character_roleplay_scenarios_v2 IS 'Graded answers to a role-play scene';

CREATE TABLE character_scenario_triggers_v2 (
  id serial PRIMARY KEY,
  scenario_id integer NOT NULL REFERENCES character_roleplay_scenarios_v2 (id) ON DELETE CASCADE,
  trigger_phrase text NOT NULL,
  display_order integer,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (scenario_id, trigger_phrase)
);
CREATE INDEX idx_scenario_triggers_scenario ON character_scenario_triggers_v2 (scenario_id);

CREATE TABLE role_transactions (
  id serial PRIMARY KEY,
  transaction_id text NOT NULL UNIQUE,
  user_id text NOT NULL,
  bot_name text NOT NULL,
  transaction_type text NOT NULL,
  state text DEFAULT 'pending',
  context jsonb,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_role_transactions_state ON role_transactions (state);
CREATE INDEX idx_role_transactions_user_bot ON role_transactions (user_id, bot_name);

CREATE TABLE roleplay_transactions (
  id serial PRIMARY KEY,
  user_id varchar(255) NOT NULL,
  bot_name varchar(50) NOT NULL,
  transaction_type varchar(50) NOT NULL,
  state varchar(50) NOT NULL DEFAULT 'pending',
  context jsonb NOT NULL DEFAULT '{}',
  created_at timestamp NOT NULL DEFAULT now(),
  updated_at timestamp NOT NULL DEFAULT now(),
  completed_at timestamp
);
CREATE INDEX idx_roleplay_created ON roleplay_transactions (created_at DESC);
CREATE INDEX idx_roleplay_state ON roleplay_transactions (state) WHERE completed_at IS NULL;
CREATE INDEX idx_roleplay_user_bot ON roleplay_transactions (user_id, bot_name);

-- Users and their identities

CREATE TABLE universal_users (
  universal_id varchar(255) PRIMARY KEY,
  primary_username varchar(255) NOT NULL,
  display_name varchar(255),
  email varchar(255),
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_active timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  preferences text DEFAULT '{}',
  privacy_settings text DEFAULT '{}'
);
CREATE INDEX idx_universal_users_email ON universal_users (email);
CREATE INDEX idx_universal_users_username ON universal_users (primary_username);

CREATE TABLE platform_identities (
  id serial PRIMARY KEY,
  universal_id varchar(255) NOT NULL REFERENCES universal_users (universal_id) ON DELETE CASCADE,
  platform varchar(50) NOT NULL,
  platform_user_id varchar(255) NOT NULL,
  username varchar(255) NOT NULL,
  display_name varchar(255),
  email varchar(255),
  verified_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (platform, platform_user_id)
);
CREATE INDEX idx_platform_identities_platform_user ON platform_identities (platform, platform_user_id);
CREATE INDEX idx_platform_identities_universal_id ON platform_identities (universal_id);

CREATE TABLE users (
  id serial PRIMARY KEY,
  user_id text NOT NULL UNIQUE,
  username text NOT NULL,
  display_name text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  last_seen timestamp DEFAULT CURRENT_TIMESTAMP,
  message_count integer DEFAULT 0,
  preferences text DEFAULT '{}',
  privacy_settings text DEFAULT '{}'
);

CREATE TABLE user_profiles (
  user_id varchar(255) PRIMARY KEY,
  name varchar(255),
  relationship_level integer DEFAULT 1,
  current_emotion varchar(50) DEFAULT 'neutral',
  interaction_count integer DEFAULT 0,
  first_interaction timestamp,
  last_interaction timestamp DEFAULT CURRENT_TIMESTAMP,
  emotion_history jsonb DEFAULT '[]',
  escalation_count integer DEFAULT 0,
  trust_indicators jsonb DEFAULT '[]',
  preferences jsonb NOT NULL DEFAULT '{}',
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_user_profiles_last_interaction ON user_profiles (last_interaction);
CREATE INDEX idx_user_profiles_preferences_gin ON user_profiles USING gin (preferences);
CREATE INDEX idx_user_profiles_relationship_level ON user_profiles (relationship_level);

CREATE TABLE user_preferences (
  id serial PRIMARY KEY,
  user_id varchar(255) NOT NULL,
  bot_name varchar(100) NOT NULL,
  preference_type varchar(100) NOT NULL,
  preference_value varchar(500) NOT NULL,
  confidence double precision DEFAULT 1.0,
  context jsonb,
  created_at timestamp DEFAULT now(),
  updated_at timestamp DEFAULT now()
);
CREATE INDEX idx_user_preferences_lookup ON user_preferences (user_id, bot_name, preference_type);

CREATE TABLE user_events (
  id serial PRIMARY KEY,
  user_id varchar(255) NOT NULL,
  bot_name varchar(100) NOT NULL,
  event_type varchar(100) NOT NULL,
  event_data jsonb NOT NULL,
  location_context varchar(255),
  timestamp_utc timestamp DEFAULT now(),
  created_at timestamp DEFAULT now()
);
CREATE INDEX idx_user_events_temporal ON user_events (user_id, bot_name, event_type, timestamp_utc DESC);

CREATE TABLE banned_users (
  id serial PRIMARY KEY,
  discord_user_id text NOT NULL UNIQUE,
  banned_by text NOT NULL,
  ban_reason text,
  banned_at timestamp DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamp,
  is_active boolean DEFAULT true,
  notes text
);

-- Conversations and memory

CREATE TABLE conversations (
  id serial PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  channel_id text NOT NULL,
  message_content text NOT NULL,
  bot_response text,
  timestamp timestamp DEFAULT CURRENT_TIMESTAMP,
  context_used text,
  response_time_ms integer,
  ai_model_used text
);

CREATE TABLE memory_entries (
  id serial PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (user_id),
  memory_type text NOT NULL,
  content text NOT NULL,
  importance_score real DEFAULT 0.5,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  last_accessed timestamp DEFAULT CURRENT_TIMESTAMP,
  access_count integer DEFAULT 0,
  tags text DEFAULT '[]',
  metadata text DEFAULT '{}'
);

CREATE TABLE emotions (
  id serial PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (user_id),
  detected_emotion text NOT NULL,
  confidence real NOT NULL,
  context text,
  timestamp timestamp DEFAULT CURRENT_TIMESTAMP,
  response_adapted boolean DEFAULT false
);

CREATE TABLE facts (
  id serial PRIMARY KEY,
  user_id text REFERENCES users (user_id),
  fact_type text NOT NULL,
  subject text NOT NULL,
  content text NOT NULL,
  confidence_score real DEFAULT 0.8,
  source text,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  verified boolean DEFAULT false,
  global_fact boolean DEFAULT false
);

CREATE TABLE relationships (
  id serial PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (user_id),
  relationship_type text NOT NULL,
  strength real DEFAULT 0.5,
  last_interaction timestamp DEFAULT CURRENT_TIMESTAMP,
  interaction_count integer DEFAULT 0,
  notes text
);

-- The fact graph

CREATE TABLE fact_entities (
  id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  entity_type text NOT NULL,
  entity_name text NOT NULL,
  category text,
  subcategory text,
  attributes jsonb DEFAULT '{}',
  search_vector tsvector GENERATED ALWAYS AS (
    to_tsvector(
      'english',
      coalesce(entity_name, '') || ' ' || coalesce(category, '') || ' ' || coalesce(subcategory, '')
        || ' ' || coalesce(attributes ->> 'tags', '')
    )
  ) STORED,
  created_at timestamp DEFAULT now(),
  updated_at timestamp DEFAULT now(),
  UNIQUE (entity_type, entity_name)
);
CREATE INDEX idx_fact_entities_attributes ON fact_entities USING gin (attributes);
CREATE INDEX idx_fact_entities_category ON fact_entities (entity_type, category);
CREATE INDEX idx_fact_entities_name_lookup ON fact_entities (entity_name);
CREATE INDEX idx_fact_entities_name_trgm ON fact_entities USING gin (entity_name gin_trgm_ops);
CREATE INDEX idx_fact_entities_search ON fact_entities USING gin (search_vector);
CREATE INDEX idx_fact_entities_type ON fact_entities (entity_type);
CREATE INDEX idx_fact_entities_type_lookup ON fact_entities (entity_type, entity_name);

CREATE TABLE user_fact_relationships (
  id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  user_id varchar(255) NOT NULL REFERENCES universal_users (universal_id) ON DELETE CASCADE,
  entity_id uuid NOT NULL REFERENCES fact_entities (id) ON DELETE CASCADE,
  relationship_type text NOT NULL,
  confidence double precision DEFAULT 0.5 CHECK (confidence BETWEEN 0 AND 1),
  strength double precision DEFAULT 0.5 CHECK (strength BETWEEN 0 AND 1),
  emotional_context text,
  context_metadata jsonb DEFAULT '{}',
  source_conversation_id text,
  mentioned_by_character text,
  source_platform text DEFAULT 'discord',
  related_entities jsonb DEFAULT '[]',
  created_at timestamp DEFAULT now(),
  updated_at timestamp DEFAULT now(),
  UNIQUE (user_id, entity_id, relationship_type),
  CHECK (length(relationship_type) > 0 AND length(relationship_type) <= 50)
);
CREATE INDEX idx_user_facts_character
  ON user_fact_relationships (user_id, mentioned_by_character, confidence DESC);
CREATE INDEX idx_user_facts_created ON user_fact_relationships (user_id, created_at DESC);
CREATE INDEX idx_user_facts_emotional
  ON user_fact_relationships (user_id, emotional_context, confidence DESC);
CREATE INDEX idx_user_facts_entity ON user_fact_relationships (entity_id, confidence DESC);
CREATE INDEX idx_user_facts_lookup ON user_fact_relationships (user_id, confidence DESC, updated_at DESC);
CREATE INDEX idx_user_facts_related ON user_fact_relationships USING gin (related_entities);
CREATE INDEX idx_user_facts_type ON user_fact_relationships (user_id, relationship_type, confidence DESC);

CREATE TABLE entity_relationships (
  id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  from_entity_id uuid NOT NULL REFERENCES fact_entities (id) ON DELETE CASCADE,
  to_entity_id uuid NOT NULL REFERENCES fact_entities (id) ON DELETE CASCADE,
  relationship_type text NOT NULL,
  weight double precision DEFAULT 0.5 CHECK (weight BETWEEN 0 AND 1),
  bidirectional boolean DEFAULT false,
  metadata jsonb DEFAULT '{}',
  created_at timestamp DEFAULT now(),
  UNIQUE (from_entity_id, to_entity_id, relationship_type),
  CHECK (from_entity_id <> to_entity_id),
  CHECK (
    relationship_type IN ('similar_to', 'part_of', 'category_of', 'related_to', 'opposite_of', 'requires')
  )
);
CREATE INDEX idx_entity_rel_bidirectional
  ON entity_relationships (bidirectional, from_entity_id, to_entity_id);
CREATE INDEX idx_entity_rel_forward ON entity_relationships (from_entity_id, weight DESC);
CREATE INDEX idx_entity_rel_reverse ON entity_relationships (to_entity_id, weight DESC);
CREATE INDEX idx_entity_rel_type ON entity_relationships (relationship_type, weight DESC);

-- Trust and affection between user and bot

CREATE TABLE relationship_scores (
  user_id varchar(255) NOT NULL,
  bot_name varchar(100) NOT NULL,
  trust numeric(5,4) NOT NULL DEFAULT 0.5000 CHECK (trust BETWEEN 0.0 AND 1.0),
  affection numeric(5,4) NOT NULL DEFAULT 0.4000 CHECK (affection BETWEEN 0.0 AND 1.0),
  attunement numeric(5,4) NOT NULL DEFAULT 0.3000 CHECK (attunement BETWEEN 0.0 AND 1.0),
  interaction_count integer NOT NULL DEFAULT 0 CHECK (interaction_count >= 0),
  last_updated timestamp NOT NULL DEFAULT now(),
  created_at timestamp NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, bot_name)
);
CREATE INDEX idx_relationship_scores_bot ON relationship_scores (bot_name);
CREATE INDEX idx_relationship_scores_trust ON relationship_scores (trust) WHERE trust < 0.4;
CREATE INDEX idx_relationship_scores_user ON relationship_scores (user_id);

CREATE TABLE relationship_events (
  id serial PRIMARY KEY,
  user_id varchar(255) NOT NULL,
  bot_name varchar(100) NOT NULL,
  event_type varchar(50) NOT NULL,
  trust_delta numeric(5,4),
  affection_delta numeric(5,4),
  attunement_delta numeric(5,4),
  trust_value numeric(5,4),
  affection_value numeric(5,4),
  attunement_value numeric(5,4),
  conversation_quality varchar(20),
  emotion_variance numeric(5,4),
  update_reason text,
  created_at timestamp NOT NULL DEFAULT now(),
  FOREIGN KEY (user_id, bot_name) REFERENCES relationship_scores (user_id, bot_name) ON DELETE CASCADE
);
CREATE INDEX idx_relationship_events_timestamp ON relationship_events (created_at DESC);
CREATE INDEX idx_relationship_events_type ON relationship_events (event_type);
CREATE INDEX idx_relationship_events_user_bot ON relationship_events (user_id, bot_name);

CREATE TABLE trust_recovery_state (
  user_id varchar(255) NOT NULL,
  bot_name varchar(100) NOT NULL,
  recovery_stage varchar(20) NOT NULL,
  initial_trust numeric(5,4) NOT NULL CHECK (initial_trust BETWEEN 0.0 AND 1.0),
  current_trust numeric(5,4) NOT NULL CHECK (current_trust BETWEEN 0.0 AND 1.0),
  target_trust numeric(5,4) NOT NULL CHECK (target_trust BETWEEN 0.0 AND 1.0),
  progress_percentage numeric(5,2) NOT NULL DEFAULT 0.00,
  recovery_actions_taken text[],
  started_at timestamp NOT NULL,
  last_updated timestamp NOT NULL DEFAULT now(),
  estimated_completion timestamp,
  PRIMARY KEY (user_id, bot_name, started_at),
  CHECK (progress_percentage BETWEEN 0.0 AND 100.0),
  FOREIGN KEY (user_id, bot_name) REFERENCES relationship_scores (user_id, bot_name) ON DELETE CASCADE
);
CREATE INDEX idx_trust_recovery_stage
  ON trust_recovery_state (recovery_stage) WHERE recovery_stage IN ('active', 'recovering');
CREATE INDEX idx_trust_recovery_user_bot ON trust_recovery_state (user_id, bot_name);

-- Personality profiles learned per user

CREATE TABLE dynamic_personality_profiles (
  user_id varchar(255) PRIMARY KEY,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP,
  total_conversations integer DEFAULT 0,
  relationship_depth double precision DEFAULT 0.0,
  trust_level double precision DEFAULT 0.0,
  preferred_response_style jsonb DEFAULT '{}'
);

CREATE TABLE dynamic_personality_traits (
  id serial PRIMARY KEY,
  user_id varchar(255),
  dimension varchar(100),
  value double precision,
  confidence double precision,
  last_updated timestamp DEFAULT CURRENT_TIMESTAMP,
  evidence_count integer DEFAULT 0,
  evidence_sources jsonb DEFAULT '[]',
  CONSTRAINT fk_user_profile
    FOREIGN KEY (user_id) REFERENCES dynamic_personality_profiles (user_id) ON DELETE CASCADE
);
CREATE INDEX idx_dynamic_personality_traits_user_id ON dynamic_personality_traits (user_id);

CREATE TABLE dynamic_conversation_analyses (
  id serial PRIMARY KEY,
  user_id varchar(255),
  context_id varchar(255),
  timestamp timestamp DEFAULT CURRENT_TIMESTAMP,
  message_length integer,
  formality_score double precision,
  emotional_openness double precision,
  conversation_depth double precision,
  topics_discussed jsonb DEFAULT '[]',
  emotional_tone varchar(50),
  humor_detected boolean DEFAULT false,
  support_seeking boolean DEFAULT false,
  CONSTRAINT fk_user_profile_analysis
    FOREIGN KEY (user_id) REFERENCES dynamic_personality_profiles (user_id) ON DELETE CASCADE
);
CREATE INDEX idx_dynamic_conversation_analyses_timestamp ON dynamic_conversation_analyses (timestamp);
CREATE INDEX idx_dynamic_conversation_analyses_user_id ON dynamic_conversation_analyses (user_id);

-- Personality tuning

CREATE TABLE personality_optimization_attempts (
  id serial PRIMARY KEY,
  optimization_id varchar(100) NOT NULL UNIQUE,
  character_name varchar(50) NOT NULL,
  optimization_approach varchar(20) NOT NULL,
  expected_improvement numeric(5,3) NOT NULL CHECK (expected_improvement BETWEEN 0 AND 1),
  implementation_complexity varchar(10) NOT NULL,
  parameter_count integer NOT NULL DEFAULT 0,
  attempt_timestamp timestamptz DEFAULT CURRENT_TIMESTAMP,
  CHECK (implementation_complexity IN ('low', 'medium', 'high')),
  CHECK (optimization_approach IN ('conservative', 'moderate', 'aggressive'))
);
CREATE INDEX idx_personality_opt_attempts_character ON personality_optimization_attempts (character_name);
CREATE INDEX idx_personality_opt_attempts_id ON personality_optimization_attempts (optimization_id);
CREATE INDEX idx_personality_opt_attempts_timestamp ON personality_optimization_attempts (attempt_timestamp);

CREATE TABLE personality_optimization_results (
  id serial PRIMARY KEY,
  optimization_id varchar(100) NOT NULL UNIQUE,
  character_name varchar(50) NOT NULL,
  success boolean NOT NULL DEFAULT false,
  performance_before numeric(5,3),
  performance_after numeric(5,3),
  actual_improvement numeric(6,3),
  rollback_applied boolean NOT NULL DEFAULT false,
  issues_encountered jsonb DEFAULT '[]',
  completion_timestamp timestamptz DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (optimization_id)
    REFERENCES personality_optimization_attempts (optimization_id) ON DELETE CASCADE
);
CREATE INDEX idx_personality_opt_results_character ON personality_optimization_results (character_name);
CREATE INDEX idx_personality_opt_results_improvement ON personality_optimization_results (actual_improvement);
CREATE INDEX idx_personality_opt_results_success ON personality_optimization_results (success);
CREATE INDEX idx_personality_opt_results_timestamp ON personality_optimization_results (completion_timestamp);

CREATE TABLE personality_parameter_adjustments (
  id serial PRIMARY KEY,
  optimization_id varchar(100) NOT NULL,
  adjustment_order integer NOT NULL,
  parameter_path varchar(200) NOT NULL,
  current_value text NOT NULL,
  target_value text NOT NULL,
  adjustment_reason text NOT NULL,
  expected_improvement numeric(5,3) NOT NULL CHECK (expected_improvement BETWEEN 0 AND 1),
  risk_level varchar(10) NOT NULL CHECK (risk_level IN ('low', 'medium', 'high')),
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (optimization_id)
    REFERENCES personality_optimization_attempts (optimization_id) ON DELETE CASCADE
);
CREATE INDEX idx_personality_param_adj_opt_id ON personality_parameter_adjustments (optimization_id);
CREATE INDEX idx_personality_param_adj_order
  ON personality_parameter_adjustments (optimization_id, adjustment_order);
CREATE INDEX idx_personality_param_adj_path ON personality_parameter_adjustments (parameter_path);

CREATE TABLE personality_evolution_timeline (
  id serial PRIMARY KEY,
  character_name varchar(50) NOT NULL,
  parameter_path varchar(200) NOT NULL,
  old_value text,
  new_value text NOT NULL,
  change_magnitude numeric(5,3),
  optimization_id varchar(100),
  change_timestamp timestamptz DEFAULT CURRENT_TIMESTAMP,
  change_reason text,
  FOREIGN KEY (optimization_id)
    REFERENCES personality_optimization_attempts (optimization_id) ON DELETE SET NULL
);
CREATE INDEX idx_personality_evolution_character ON personality_evolution_timeline (character_name);
CREATE INDEX idx_personality_evolution_magnitude ON personality_evolution_timeline (change_magnitude);
CREATE INDEX idx_personality_evolution_parameter ON personality_evolution_timeline (parameter_path);
CREATE INDEX idx_personality_evolution_timestamp ON personality_evolution_timeline (change_timestamp);

-- Housekeeping

CREATE TABLE performance_metrics (
  id serial PRIMARY KEY,
  metric_name text NOT NULL,
  metric_value real NOT NULL,
  timestamp timestamp DEFAULT CURRENT_TIMESTAMP,
  tags text DEFAULT '{}'
);

CREATE TABLE schema_versions (
  id serial PRIMARY KEY,
  version varchar(50) NOT NULL,
  description text,
  applied_at timestamp DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE system_settings (
  key text PRIMARY KEY,
  value text NOT NULL,
  description text,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);

-- A fresh install answers as this character until the user makes another.
INSERT INTO characters (name, normalized_name, occupation, description)
VALUES (
  'Assistant',
  'assistant',
  'Assistant',
  'A friendly, knowledgeable companion that helps with everyday questions'
);

-- @downgrade
-- Without CASCADE: a view, function or table from outside the graph that still needs one of these stops the
-- downgrade instead of vanishing with it.
DROP TABLE
  characters, character_metadata, character_attributes, character_identity_details,
  character_appearance, character_essence, character_abilities, character_background,
  character_memories, character_relationships, character_interests, character_expertise_domains,
  character_current_context, character_current_goals, personality_traits, communication_styles,
  character_values, character_speech_patterns, character_vocabulary, character_voice_profile,
  character_voice_traits, character_cultural_expressions, character_emoji_patterns,
  character_communication_patterns, character_conversation_flows, character_conversation_directives,
  character_conversation_contexts, character_context_guidance, character_behavioral_triggers,
  character_message_triggers, character_emotional_triggers, character_emotional_triggers_v2,
  character_emotion_profile, character_emotion_range, character_response_guidelines,
  character_response_modes, character_directives, character_instructions, character_roleplay_config,
  character_ai_scenarios, character_roleplay_scenarios_v2, character_scenario_triggers_v2,
  role_transactions, roleplay_transactions, universal_users, platform_identities, users,
  user_profiles, user_preferences, user_events, banned_users, conversations, memory_entries,
  emotions, facts, relationships, fact_entities, user_fact_relationships, entity_relationships,
  relationship_scores, relationship_events, trust_recovery_state, dynamic_personality_profiles,
  dynamic_personality_traits, dynamic_conversation_analyses, personality_optimization_attempts,
  personality_optimization_results, personality_parameter_adjustments,
  personality_evolution_timeline, performance_metrics, schema_versions, system_settings;
DROP TYPE character_archetype_enum, workflow_status_enum;
DROP EXTENSION btree_gin, pg_trgm, "uuid-ossp";
