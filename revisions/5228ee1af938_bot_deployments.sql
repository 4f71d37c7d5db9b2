-- Which bot container runs for which character
--
-- @revision 5228ee1af938
-- @revises eaae2e8f35f2
-- @loses "every row of bot_deployments"

-- @upgrade
CREATE TABLE bot_deployments (
  id serial PRIMARY KEY,
  character_id integer NOT NULL CONSTRAINT unique_character_deployment UNIQUE,
  container_name varchar(255) NOT NULL CONSTRAINT unique_container_name UNIQUE,
  port integer NOT NULL CONSTRAINT unique_port UNIQUE,
  status varchar(50) NOT NULL DEFAULT 'deploying',
  config json,
  error_message text,
  created_at timestamptz DEFAULT now(),
  deployed_at timestamptz,
  stopped_at timestamptz,
  FOREIGN KEY (character_id) REFERENCES characters (id) ON DELETE CASCADE
);
CREATE INDEX idx_bot_deployments_character_id ON bot_deployments (character_id);
CREATE INDEX idx_bot_deployments_port ON bot_deployments (port);
CREATE INDEX idx_bot_deployments_status ON bot_deployments (status);

-- @downgrade
DROP TABLE bot_deployments;
