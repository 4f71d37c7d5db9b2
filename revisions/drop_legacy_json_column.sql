-- Drop the JSON text about the flow of a conversation, now that it has tables
--
-- @revision drop_legacy_json
-- @revises 7fbfdf63fb76
-- @idempotent
-- @loses "the texts in conversation_flow_guidance: dropped by the upgrade, the column comes back empty"
--
-- Conditional, because a database in the field may have lost the column already.

-- @upgrade
ALTER TABLE IF EXISTS communication_styles DROP COLUMN IF EXISTS conversation_flow_guidance;

-- @downgrade
ALTER TABLE IF EXISTS communication_styles ADD COLUMN IF NOT EXISTS conversation_flow_guidance text;
