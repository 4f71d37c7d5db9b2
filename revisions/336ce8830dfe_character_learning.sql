-- What a character has learned: insights, how they relate, and when
--
-- @revision 336ce8830dfe
-- @revises 20251017_104918
-- @loses "every row of character_insights, character_insight_relationships and character_learning_timeline"

-- @upgrade
CREATE TABLE character_insights (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  insight_type varchar(50) NOT NULL,
  insight_content text NOT NULL,
  confidence_score double precision NOT NULL,
  discovery_date timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  conversation_context text,
  importance_level integer NOT NULL DEFAULT 5,
  emotional_valence double precision,
  triggers text[],
  supporting_evidence text[],
  CONSTRAINT uq_character_insight_content UNIQUE (character_id, insight_content)
);
CREATE INDEX idx_character_insights_character_id ON character_insights (character_id);
CREATE INDEX idx_character_insights_confidence_score ON character_insights (confidence_score);
CREATE INDEX idx_character_insights_discovery_date ON character_insights (discovery_date);
CREATE INDEX idx_character_insights_importance_level ON character_insights (importance_level);
CREATE INDEX idx_character_insights_insight_type ON character_insights (insight_type);

CREATE TABLE character_insight_relationships (
  id serial PRIMARY KEY,
  from_insight_id integer NOT NULL REFERENCES character_insights (id) ON DELETE CASCADE,
  to_insight_id integer NOT NULL REFERENCES character_insights (id) ON DELETE CASCADE,
  relationship_type varchar(50) NOT NULL,
  strength double precision NOT NULL DEFAULT 0.5,
  created_date timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT uq_insight_relationship UNIQUE (from_insight_id, to_insight_id, relationship_type)
);
CREATE INDEX idx_char_insight_rel_from_id ON character_insight_relationships (from_insight_id);
CREATE INDEX idx_char_insight_rel_to_id ON character_insight_relationships (to_insight_id);
CREATE INDEX idx_char_insight_rel_type ON character_insight_relationships (relationship_type);

CREATE TABLE character_learning_timeline (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  learning_event text NOT NULL,
  learning_type varchar(50) NOT NULL,
  before_state text,
  after_state text,
  trigger_conversation text,
  learning_date timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  significance_score double precision
);
CREATE INDEX idx_char_learning_timeline_character_id ON character_learning_timeline (character_id);
CREATE INDEX idx_char_learning_timeline_learning_date ON character_learning_timeline (learning_date);
CREATE INDEX idx_char_learning_timeline_learning_type ON character_learning_timeline (learning_type);
CREATE INDEX idx_char_learning_timeline_significance ON character_learning_timeline (significance_score);

-- @downgrade
DROP TABLE character_learning_timeline;
DROP TABLE character_insight_relationships;
DROP TABLE character_insights;
