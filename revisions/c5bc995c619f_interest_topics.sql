-- Topics that a character is interested in, with a weight for steering the conversation
--
-- @revision c5bc995c619f
-- @revises 20251011_baseline_v106
-- @loses "every row of character_interest_topics"

-- @upgrade
CREATE TABLE character_interest_topics (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  topic_keyword varchar(100) NOT NULL,
  boost_weight double precision NOT NULL DEFAULT '0.3',
  gap_type_preference varchar(50),
  category varchar(50) DEFAULT 'general',
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT uq_character_topic UNIQUE (character_id, topic_keyword)
);
CREATE INDEX idx_character_interest_topics_character_id ON character_interest_topics (character_id);
CREATE INDEX idx_character_interest_topics_keyword ON character_interest_topics (topic_keyword);

-- @downgrade
DROP TABLE character_interest_topics;
