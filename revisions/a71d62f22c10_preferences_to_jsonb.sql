-- Convert universal_users.preferences from TEXT to JSONB
--
-- @revision a71d62f22c10
-- @revises b06ced8ecd14
-- @loses "the exact text of preferences: jsonb keeps no key order, white space or repeated keys"

-- @precheck "every preferences value is valid JSON" expect none
-- Answers with the rows that would break the conversion. A function, because PostgreSQL 14 and 15 can try a
-- cast only by catching its error. It also holds before the table exists and after it is converted, so it can
-- be asked at any point of a plan.
CREATE FUNCTION pg_temp.preferences_not_json() RETURNS TABLE (universal_id text, preferences text)
LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('universal_users') IS NULL THEN
    RETURN;
  END IF;
  FOR universal_id, preferences IN
    SELECT u.universal_id, u.preferences::text FROM universal_users u ORDER BY u.universal_id
  LOOP
    BEGIN
      PERFORM preferences::jsonb;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
      RETURN NEXT;
    END;
  END LOOP;
END
$$;
SELECT universal_id, preferences FROM pg_temp.preferences_not_json();

-- @upgrade
-- The default goes first: PostgreSQL cannot cast '{}'::text to jsonb by itself.
ALTER TABLE universal_users ALTER COLUMN preferences DROP DEFAULT;
ALTER TABLE universal_users ALTER COLUMN preferences TYPE jsonb USING preferences::jsonb;
ALTER TABLE universal_users ALTER COLUMN preferences SET DEFAULT '{}';
CREATE INDEX idx_universal_users_preferences_gin ON universal_users USING gin (preferences);

-- @verify "preferences is jsonb" expect jsonb
SELECT format_type(atttypid, atttypmod)
FROM pg_attribute
WHERE attrelid = to_regclass('universal_users') AND attname = 'preferences';

-- @downgrade
DROP INDEX idx_universal_users_preferences_gin;
ALTER TABLE universal_users ALTER COLUMN preferences DROP DEFAULT;
ALTER TABLE universal_users ALTER COLUMN preferences TYPE text USING preferences::text;
ALTER TABLE universal_users ALTER COLUMN preferences SET DEFAULT '{}';
