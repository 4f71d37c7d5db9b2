-- Drop communication_styles.ai_identity_handling, which nothing reads any more
--
-- @revision 7fbfdf63fb76
-- @revises 8b77eda62e71
-- @loses "the texts in ai_identity_handling: dropped by the upgrade, the column comes back empty"

-- @upgrade
ALTER TABLE communication_styles DROP COLUMN ai_identity_handling;

-- @downgrade
ALTER TABLE communication_styles ADD COLUMN ai_identity_handling text;
