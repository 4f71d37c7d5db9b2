-- Settings per character: language model, Discord, deployment
--
-- @revision eaae2e8f35f2
-- @revises emoji_personality_cols
-- @loses "every row of the three settings tables, with the tokens and keys in them"

-- @upgrade
CREATE TABLE character_llm_config (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  llm_client_type varchar(100) NOT NULL DEFAULT 'openrouter',
  llm_chat_api_url varchar(500) NOT NULL DEFAULT 'https://openrouter.ai/api/v1',
  llm_chat_model varchar(200) NOT NULL DEFAULT 'anthropic/claude-3-haiku',
  llm_chat_api_key text,
  llm_temperature numeric(3,2) DEFAULT 0.7,
  llm_max_tokens integer DEFAULT 4000,
  llm_top_p numeric(3,2) DEFAULT 0.9,
  llm_frequency_penalty numeric(3,2) DEFAULT 0.0,
  llm_presence_penalty numeric(3,2) DEFAULT 0.0,
  is_active boolean DEFAULT true,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT uq_character_llm_config_active UNIQUE (character_id, is_active)
);
CREATE INDEX idx_character_llm_config_active ON character_llm_config (is_active);
CREATE INDEX idx_character_llm_config_character_id ON character_llm_config (character_id);

CREATE TABLE character_discord_config (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  discord_bot_token text,
  discord_application_id varchar(100),
  discord_guild_id varchar(100),
  discord_status_message varchar(200),
  discord_activity_type varchar(50) DEFAULT 'playing',
  max_message_length integer DEFAULT 2000,
  typing_delay_seconds numeric(3,1) DEFAULT 2.0,
  enable_reactions boolean DEFAULT true,
  enable_typing_indicator boolean DEFAULT true,
  is_active boolean DEFAULT true,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT uq_character_discord_config_active UNIQUE (character_id, is_active)
);
CREATE INDEX idx_character_discord_config_active ON character_discord_config (is_active);
CREATE INDEX idx_character_discord_config_character_id ON character_discord_config (character_id);

CREATE TABLE character_deployment_config (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  container_port integer,
  health_check_port integer,
  memory_limit varchar(20) DEFAULT '512m',
  cpu_limit varchar(20) DEFAULT '0.5',
  restart_policy varchar(50) DEFAULT 'unless-stopped',
  environment_variables json,
  volume_mounts json,
  network_mode varchar(50) DEFAULT 'whisperengine-multi_default',
  deployment_status varchar(50) DEFAULT 'stopped',
  auto_deploy boolean DEFAULT false,
  last_deployed_at timestamptz,
  is_active boolean DEFAULT true,
  created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT uq_character_deployment_config_active UNIQUE (character_id, is_active)
);
CREATE INDEX idx_character_deployment_config_active ON character_deployment_config (is_active);
CREATE INDEX idx_character_deployment_config_character_id ON character_deployment_config (character_id);
CREATE INDEX idx_character_deployment_config_status ON character_deployment_config (deployment_status);

-- @downgrade
DROP TABLE character_deployment_config;
DROP TABLE character_discord_config;
DROP TABLE character_llm_config;
