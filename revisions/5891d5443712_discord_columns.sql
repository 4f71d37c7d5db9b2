-- Four more Discord settings
--
-- @revision 5891d5443712
-- @revises 5228ee1af938
-- @loses "the values of the four new columns"

-- @upgrade
ALTER TABLE character_discord_config
  ADD COLUMN enable_discord boolean DEFAULT true,
  ADD COLUMN discord_guild_restrictions json,
  ADD COLUMN discord_channel_restrictions json,
  ADD COLUMN discord_status varchar(50) DEFAULT 'online';

-- @downgrade
ALTER TABLE character_discord_config
  DROP COLUMN enable_discord,
  DROP COLUMN discord_guild_restrictions,
  DROP COLUMN discord_channel_restrictions,
  DROP COLUMN discord_status;
