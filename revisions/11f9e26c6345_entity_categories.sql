-- Which keywords belong to which category, per character
--
-- @revision 11f9e26c6345
-- @revises c5bc995c619f
-- @loses "every row of character_entity_categories"

-- @upgrade
CREATE TABLE character_entity_categories (
  id serial PRIMARY KEY,
  character_id integer NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
  entity_keyword varchar(100) NOT NULL,
  category_type varchar(50) NOT NULL,
  question_preference varchar(50),
  priority_level integer NOT NULL DEFAULT 3,
  created_at timestamp DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT uq_character_entity_keyword UNIQUE (character_id, entity_keyword)
);
CREATE INDEX idx_character_entity_categories_character_id ON character_entity_categories (character_id);
CREATE INDEX idx_character_entity_categories_keyword ON character_entity_categories (entity_keyword);
CREATE INDEX idx_character_entity_categories_priority ON character_entity_categories (priority_level);
CREATE INDEX idx_character_entity_categories_type ON character_entity_categories (category_type);

-- @downgrade
DROP TABLE character_entity_categories;
