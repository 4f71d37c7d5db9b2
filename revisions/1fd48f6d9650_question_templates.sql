-- Question templates per character and kind of knowledge gap
--
-- @revision 1fd48f6d9650
-- @revises 11f9e26c6345
-- @loses "every row of character_question_templates"

-- @upgrade
CREATE TABLE character_question_templates (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  gap_type varchar(50) NOT NULL,
  template_text text NOT NULL,
  personality_style varchar(50),
  priority_order integer NOT NULL DEFAULT 1,
  keywords varchar(100)[],
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT uq_character_gap_template UNIQUE (character_id, gap_type, template_text)
);
CREATE INDEX idx_character_question_templates_character_id ON character_question_templates (character_id);
CREATE INDEX idx_character_question_templates_gap_type ON character_question_templates (gap_type);
CREATE INDEX idx_character_question_templates_priority ON character_question_templates (priority_order);
CREATE INDEX idx_character_question_templates_style ON character_question_templates (personality_style);

-- @downgrade
DROP TABLE character_question_templates;
