-- Stored summaries of conversations
--
-- @revision 20251019_conv_summaries
-- @revises 20251011_baseline_v106
-- @loses "every row of conversation_summaries"
--
-- A line of its own off the baseline: it needs nothing of what happens to the character tables. A merge
-- joins the two later.

-- @upgrade
CREATE TABLE conversation_summaries (
  id serial PRIMARY KEY,
  user_id varchar(255) NOT NULL,
  bot_name varchar(100) NOT NULL,
  summary_text text NOT NULL,
  summary_type varchar(50) NOT NULL DEFAULT 'time_window',
  start_timestamp timestamp NOT NULL,
  end_timestamp timestamp NOT NULL,
  message_count integer NOT NULL,
  key_topics varchar[],
  emotional_tone varchar(50),
  compression_ratio double precision,
  confidence_score double precision DEFAULT '0.5',
  enrichment_version varchar(20) NOT NULL DEFAULT 'v1.0',
  created_at timestamp NOT NULL DEFAULT now(),
  updated_at timestamp NOT NULL DEFAULT now(),
  CONSTRAINT uq_conversation_summaries_window UNIQUE (user_id, bot_name, start_timestamp, end_timestamp)
);
CREATE INDEX idx_conversation_summaries_created ON conversation_summaries (created_at);
CREATE INDEX idx_conversation_summaries_time ON conversation_summaries (start_timestamp, end_timestamp);
CREATE INDEX idx_conversation_summaries_topics ON conversation_summaries USING gin (key_topics);
CREATE INDEX idx_conversation_summaries_user_bot ON conversation_summaries (user_id, bot_name);

-- @downgrade
DROP TABLE conversation_summaries;
