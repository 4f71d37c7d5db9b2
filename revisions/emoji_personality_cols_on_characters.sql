-- How a character uses emoji: six columns on characters
--
-- @revision emoji_personality_cols
-- @revises drop_legacy_roleplay
-- @idempotent
-- @loses "the emoji settings of every character"
--
-- Existing characters take the defaults; whoever wants another style sets it afterwards.

-- @upgrade
ALTER TABLE characters
  ADD COLUMN IF NOT EXISTS emoji_frequency varchar(50) NOT NULL DEFAULT 'moderate',
  ADD COLUMN IF NOT EXISTS emoji_style varchar(50) NOT NULL DEFAULT 'general',
  ADD COLUMN IF NOT EXISTS emoji_combination varchar(50) NOT NULL DEFAULT 'text_with_accent_emoji',
  ADD COLUMN IF NOT EXISTS emoji_placement varchar(50) NOT NULL DEFAULT 'end_of_message',
  ADD COLUMN IF NOT EXISTS emoji_age_demographic varchar(50) NOT NULL DEFAULT 'millennial',
  ADD COLUMN IF NOT EXISTS emoji_cultural_influence varchar(100) NOT NULL DEFAULT 'general';

COMMENT ON COLUMN characters.emoji_frequency IS 'How often the character uses emoji';
COMMENT ON COLUMN characters.emoji_style IS 'Which kind of emoji suits the character';
COMMENT ON COLUMN characters.emoji_combination IS 'How emoji and words are combined';
COMMENT ON COLUMN characters.emoji_placement IS 'Where in a message emoji stand';
COMMENT ON COLUMN characters.emoji_age_demographic IS 'The generation whose habits the character follows';
COMMENT ON COLUMN characters.emoji_cultural_influence IS 'The culture that colours the choice of emoji';

-- @downgrade
ALTER TABLE characters
  DROP COLUMN IF EXISTS emoji_frequency,
  DROP COLUMN IF EXISTS emoji_style,
  DROP COLUMN IF EXISTS emoji_combination,
  DROP COLUMN IF EXISTS emoji_placement,
  DROP COLUMN IF EXISTS emoji_age_demographic,
  DROP COLUMN IF EXISTS emoji_cultural_influence;
