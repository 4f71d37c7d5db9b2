-- Keyword lists that hold for every character
--
-- @revision 2230add_keyword_templates
-- @revises 1fd48f6d9650
-- @loses "every row of generic_keyword_templates"

-- @upgrade
CREATE TABLE generic_keyword_templates (
  id serial PRIMARY KEY,
  category varchar(50) NOT NULL,
  template_name varchar(100) NOT NULL,
  keywords varchar[] NOT NULL,
  description text,
  priority_order integer NOT NULL,
  is_active boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_generic_keyword_templates_active ON generic_keyword_templates (is_active);
CREATE INDEX idx_generic_keyword_templates_category ON generic_keyword_templates (category);

-- @downgrade
DROP TABLE generic_keyword_templates;
