-- Say in the database what the character tables and columns mean
--
-- @revision a1b2c3d4e5f6
-- @revises 5891d5443712
-- @idempotent
--
-- Only what had no comment gets one. The comments that earlier revisions wrote (on tables, on three columns of
-- character_relationships, on the emoji columns) stay as they are, so the downgrade has no old text to restore.

-- @upgrade
COMMENT ON COLUMN characters.id IS 'Key that every other character table refers to';
COMMENT ON COLUMN characters.name IS 'Name as shown to users';
COMMENT ON COLUMN characters.normalized_name IS
  'Name in lower case without spaces; bots find their character by it';
COMMENT ON COLUMN characters.occupation IS 'What the character does for a living';
COMMENT ON COLUMN characters.description IS 'The character in a few sentences';
COMMENT ON COLUMN characters.archetype IS
  'real-world, fantasy or narrative-ai: how openly it speaks of being an AI';
COMMENT ON COLUMN characters.allow_full_roleplay IS 'Whether the character may stay in its role throughout';
COMMENT ON COLUMN characters.is_active IS 'Inactive characters are kept but not offered';
COMMENT ON COLUMN characters.created_at IS 'When the row was made';
COMMENT ON COLUMN characters.updated_at IS 'When the row was last changed';

COMMENT ON COLUMN character_identity_details.character_id IS 'The character; one row each';
COMMENT ON COLUMN character_identity_details.full_name IS 'Name in full';
COMMENT ON COLUMN character_identity_details.nickname IS 'What friends call the character';
COMMENT ON COLUMN character_identity_details.gender IS 'Gender, in words of the character';
COMMENT ON COLUMN character_identity_details.location IS 'Where the character lives';
COMMENT ON COLUMN character_identity_details.essence_nature IS 'What kind of being the character is';
COMMENT ON COLUMN character_identity_details.essence_existence_method IS 'How such a being exists';
COMMENT ON COLUMN character_identity_details.essence_anchor IS 'What holds it in the world';
COMMENT ON COLUMN character_identity_details.essence_core_identity IS 'What would remain if all else changed';
COMMENT ON COLUMN character_identity_details.created_at IS 'When the row was made';

COMMENT ON COLUMN personality_traits.id IS 'Key of the row';
COMMENT ON COLUMN personality_traits.character_id IS 'The character';
COMMENT ON COLUMN personality_traits.trait_name IS 'Name of the trait, once per character';
COMMENT ON COLUMN personality_traits.trait_value IS 'Strength from 0.00 to 1.00';
COMMENT ON COLUMN personality_traits.intensity IS 'The same strength in a word';
COMMENT ON COLUMN personality_traits.description IS 'How the trait shows';

COMMENT ON COLUMN character_values.id IS 'Key of the row';
COMMENT ON COLUMN character_values.character_id IS 'The character';
COMMENT ON COLUMN character_values.value_key IS 'Short name of the value, once per character';
COMMENT ON COLUMN character_values.value_description IS 'What the character holds to be true';
COMMENT ON COLUMN character_values.importance_level IS 'low, medium, high or critical';
COMMENT ON COLUMN character_values.category IS 'Kind of value: core, belief, fear and the like';

COMMENT ON TABLE character_appearance IS 'What a character looks like, one attribute per row';

COMMENT ON TABLE character_essence IS 'What a being that is not human is made of';

COMMENT ON TABLE character_abilities IS 'What a character can do and how well';

COMMENT ON TABLE character_memories IS 'Events that a character remembers';

COMMENT ON TABLE character_instructions IS 'Instructions for special situations';

COMMENT ON TABLE character_background IS 'The life of a character before the conversation began';
COMMENT ON COLUMN character_background.character_id IS 'The character';
COMMENT ON COLUMN character_background.category IS 'Part of life: family, education, career and the like';
COMMENT ON COLUMN character_background.period IS 'When in that life';
COMMENT ON COLUMN character_background.title IS 'Headline';
COMMENT ON COLUMN character_background.description IS 'What happened';
COMMENT ON COLUMN character_background.date_range IS 'Dates, as far as they are known';
COMMENT ON COLUMN character_background.importance_level IS '1 (passing) to 10 (formative)';
COMMENT ON COLUMN character_background.created_date IS 'When the row was made';

COMMENT ON TABLE character_behavioral_triggers IS 'What makes a character react, and how';
COMMENT ON COLUMN character_behavioral_triggers.character_id IS 'The character';
COMMENT ON COLUMN character_behavioral_triggers.trigger_type IS 'Kind of trigger: topic, emotion, situation';
COMMENT ON COLUMN character_behavioral_triggers.trigger_value IS 'What sets it off';
COMMENT ON COLUMN character_behavioral_triggers.response_type IS 'Kind of reaction';
COMMENT ON COLUMN character_behavioral_triggers.response_description IS 'What the character then does';
COMMENT ON COLUMN character_behavioral_triggers.intensity_level IS '1 (faint) to 10 (overwhelming)';
COMMENT ON COLUMN character_behavioral_triggers.created_date IS 'When the row was made';

COMMENT ON COLUMN character_conversation_flows.id IS 'Key of the row';
COMMENT ON COLUMN character_conversation_flows.character_id IS 'The character';
COMMENT ON COLUMN character_conversation_flows.flow_type IS 'Kind of conversation';
COMMENT ON COLUMN character_conversation_flows.flow_name IS 'Name of the flow';
COMMENT ON COLUMN character_conversation_flows.energy_level IS 'How lively the character is in it';
COMMENT ON COLUMN character_conversation_flows.approach_description IS
  'How the character leads the conversation';
COMMENT ON COLUMN character_conversation_flows.transition_style IS
  'How the character passes to the next topic';
COMMENT ON COLUMN character_conversation_flows.priority IS 'The higher wins where several flows fit';
COMMENT ON COLUMN character_conversation_flows.context IS 'When the flow applies';

COMMENT ON COLUMN character_interests.category IS 'Field of the interest';
COMMENT ON COLUMN character_interests.interest_text IS 'The interest itself';
COMMENT ON COLUMN character_interests.proficiency_level IS 'Skill from 1 to 10';
COMMENT ON COLUMN character_interests.importance IS 'How much it means to the character';
COMMENT ON COLUMN character_interests.frequency IS 'How often it comes up';
COMMENT ON COLUMN character_interests.display_order IS 'Position in a list';

COMMENT ON TABLE character_relationships IS 'Who matters to a character';
COMMENT ON COLUMN character_relationships.character_id IS 'The character';
COMMENT ON COLUMN character_relationships.related_entity IS 'The other: a person, a place, an idea';
COMMENT ON COLUMN character_relationships.relationship_type IS 'Kind of relationship';
COMMENT ON COLUMN character_relationships.relationship_strength IS '1 (distant) to 10 (inseparable)';
COMMENT ON COLUMN character_relationships.description IS 'The relationship in words';
COMMENT ON COLUMN character_relationships.status IS 'active, past or estranged';
COMMENT ON COLUMN character_relationships.memory_sharing IS 'What the two remember together';

COMMENT ON COLUMN character_speech_patterns.id IS 'Key of the row';
COMMENT ON COLUMN character_speech_patterns.character_id IS 'The character';
COMMENT ON COLUMN character_speech_patterns.pattern_type IS 'Kind of pattern: phrase, filler, greeting';
COMMENT ON COLUMN character_speech_patterns.pattern_value IS 'The words';
COMMENT ON COLUMN character_speech_patterns.usage_frequency IS 'How often they are used';
COMMENT ON COLUMN character_speech_patterns.context IS 'When they are used';
COMMENT ON COLUMN character_speech_patterns.priority IS 'The higher is preferred';

COMMENT ON TABLE character_llm_config IS 'Which language model speaks for a character';
COMMENT ON COLUMN character_llm_config.id IS 'Key of the row';
COMMENT ON COLUMN character_llm_config.character_id IS 'The character';
COMMENT ON COLUMN character_llm_config.llm_client_type IS 'Client library to use';
COMMENT ON COLUMN character_llm_config.llm_chat_api_url IS 'Address of the interface';
COMMENT ON COLUMN character_llm_config.llm_chat_model IS 'Model name as the provider spells it';
COMMENT ON COLUMN character_llm_config.llm_chat_api_key IS 'Secret; empty = the key of the installation';
COMMENT ON COLUMN character_llm_config.llm_temperature IS '0 (always the same) to 2 (wild)';
COMMENT ON COLUMN character_llm_config.llm_max_tokens IS 'Upper limit of one answer';
COMMENT ON COLUMN character_llm_config.llm_top_p IS 'Share of probability that is drawn from';
COMMENT ON COLUMN character_llm_config.llm_frequency_penalty IS 'Penalty for words used often';
COMMENT ON COLUMN character_llm_config.llm_presence_penalty IS 'Penalty for words used at all';
COMMENT ON COLUMN character_llm_config.is_active IS 'At most one active and one inactive row per character';

COMMENT ON TABLE character_discord_config IS 'How a character appears on Discord';
COMMENT ON COLUMN character_discord_config.character_id IS 'The character';
COMMENT ON COLUMN character_discord_config.discord_bot_token IS 'Secret of the bot account';
COMMENT ON COLUMN character_discord_config.discord_application_id IS 'Id of the Discord application';
COMMENT ON COLUMN character_discord_config.discord_guild_id IS 'Home server of the bot';
COMMENT ON COLUMN character_discord_config.discord_status_message IS 'Text beside the name';
COMMENT ON COLUMN character_discord_config.discord_activity_type IS
  'playing, listening, watching or competing';
COMMENT ON COLUMN character_discord_config.max_message_length IS 'Longer answers are split';
COMMENT ON COLUMN character_discord_config.typing_delay_seconds IS
  'Pause before an answer, so that it seems typed';
COMMENT ON COLUMN character_discord_config.enable_reactions IS 'Whether the bot reacts with emoji';
COMMENT ON COLUMN character_discord_config.enable_typing_indicator IS 'Whether others see the bot typing';
COMMENT ON COLUMN character_discord_config.is_active IS
  'At most one active and one inactive row per character';
COMMENT ON COLUMN character_discord_config.enable_discord IS 'Whether the character is on Discord at all';
COMMENT ON COLUMN character_discord_config.discord_guild_restrictions IS
  'Servers it may speak on; empty = all';
COMMENT ON COLUMN character_discord_config.discord_channel_restrictions IS
  'Channels it may speak in; empty = all';
COMMENT ON COLUMN character_discord_config.discord_status IS 'online, idle, dnd or invisible';

COMMENT ON TABLE character_deployment_config IS 'How the container of a character is run';
COMMENT ON COLUMN character_deployment_config.container_port IS 'Port inside the container';
COMMENT ON COLUMN character_deployment_config.health_check_port IS
  'Port that answers whether the bot is well';
COMMENT ON COLUMN character_deployment_config.memory_limit IS
  'Memory limit, as the container engine spells it';
COMMENT ON COLUMN character_deployment_config.cpu_limit IS 'Share of processors';
COMMENT ON COLUMN character_deployment_config.restart_policy IS 'What happens after a crash';
COMMENT ON COLUMN character_deployment_config.environment_variables IS 'Further settings of the container';
COMMENT ON COLUMN character_deployment_config.volume_mounts IS 'Directories that outlive the container';
COMMENT ON COLUMN character_deployment_config.deployment_status IS 'stopped, deploying, running or failed';

-- @downgrade
COMMENT ON COLUMN characters.id IS NULL;
COMMENT ON COLUMN characters.name IS NULL;
COMMENT ON COLUMN characters.normalized_name IS NULL;
COMMENT ON COLUMN characters.occupation IS NULL;
COMMENT ON COLUMN characters.description IS NULL;
COMMENT ON COLUMN characters.archetype IS NULL;
COMMENT ON COLUMN characters.allow_full_roleplay IS NULL;
COMMENT ON COLUMN characters.is_active IS NULL;
COMMENT ON COLUMN characters.created_at IS NULL;
COMMENT ON COLUMN characters.updated_at IS NULL;

COMMENT ON COLUMN character_identity_details.character_id IS NULL;
COMMENT ON COLUMN character_identity_details.full_name IS NULL;
COMMENT ON COLUMN character_identity_details.nickname IS NULL;
COMMENT ON COLUMN character_identity_details.gender IS NULL;
COMMENT ON COLUMN character_identity_details.location IS NULL;
COMMENT ON COLUMN character_identity_details.essence_nature IS NULL;
COMMENT ON COLUMN character_identity_details.essence_existence_method IS NULL;
COMMENT ON COLUMN character_identity_details.essence_anchor IS NULL;
COMMENT ON COLUMN character_identity_details.essence_core_identity IS NULL;
COMMENT ON COLUMN character_identity_details.created_at IS NULL;

COMMENT ON COLUMN personality_traits.id IS NULL;
COMMENT ON COLUMN personality_traits.character_id IS NULL;
COMMENT ON COLUMN personality_traits.trait_name IS NULL;
COMMENT ON COLUMN personality_traits.trait_value IS NULL;
COMMENT ON COLUMN personality_traits.intensity IS NULL;
COMMENT ON COLUMN personality_traits.description IS NULL;

COMMENT ON COLUMN character_values.id IS NULL;
COMMENT ON COLUMN character_values.character_id IS NULL;
COMMENT ON COLUMN character_values.value_key IS NULL;
COMMENT ON COLUMN character_values.value_description IS NULL;
COMMENT ON COLUMN character_values.importance_level IS NULL;
COMMENT ON COLUMN character_values.category IS NULL;

COMMENT ON TABLE character_appearance IS NULL;

COMMENT ON TABLE character_essence IS NULL;

COMMENT ON TABLE character_abilities IS NULL;

COMMENT ON TABLE character_memories IS NULL;

COMMENT ON TABLE character_instructions IS NULL;

COMMENT ON TABLE character_background IS NULL;
COMMENT ON COLUMN character_background.character_id IS NULL;
COMMENT ON COLUMN character_background.category IS NULL;
COMMENT ON COLUMN character_background.period IS NULL;
COMMENT ON COLUMN character_background.title IS NULL;
COMMENT ON COLUMN character_background.description IS NULL;
COMMENT ON COLUMN character_background.date_range IS NULL;
COMMENT ON COLUMN character_background.importance_level IS NULL;
COMMENT ON COLUMN character_background.created_date IS NULL;

COMMENT ON TABLE character_behavioral_triggers IS NULL;
COMMENT ON COLUMN character_behavioral_triggers.character_id IS NULL;
COMMENT ON COLUMN character_behavioral_triggers.trigger_type IS NULL;
COMMENT ON COLUMN character_behavioral_triggers.trigger_value IS NULL;
COMMENT ON COLUMN character_behavioral_triggers.response_type IS NULL;
COMMENT ON COLUMN character_behavioral_triggers.response_description IS NULL;
COMMENT ON COLUMN character_behavioral_triggers.intensity_level IS NULL;
COMMENT ON COLUMN character_behavioral_triggers.created_date IS NULL;

COMMENT ON COLUMN character_conversation_flows.id IS NULL;
COMMENT ON COLUMN character_conversation_flows.character_id IS NULL;
COMMENT ON COLUMN character_conversation_flows.flow_type IS NULL;
COMMENT ON COLUMN character_conversation_flows.flow_name IS NULL;
COMMENT ON COLUMN character_conversation_flows.energy_level IS NULL;
COMMENT ON COLUMN character_conversation_flows.approach_description IS NULL;
COMMENT ON COLUMN character_conversation_flows.transition_style IS NULL;
COMMENT ON COLUMN character_conversation_flows.priority IS NULL;
COMMENT ON COLUMN character_conversation_flows.context IS NULL;

COMMENT ON COLUMN character_interests.category IS NULL;
COMMENT ON COLUMN character_interests.interest_text IS NULL;
COMMENT ON COLUMN character_interests.proficiency_level IS NULL;
COMMENT ON COLUMN character_interests.importance IS NULL;
COMMENT ON COLUMN character_interests.frequency IS NULL;
COMMENT ON COLUMN character_interests.display_order IS NULL;

COMMENT ON TABLE character_relationships IS NULL;
COMMENT ON COLUMN character_relationships.character_id IS NULL;
COMMENT ON COLUMN character_relationships.related_entity IS NULL;
COMMENT ON COLUMN character_relationships.relationship_type IS NULL;
COMMENT ON COLUMN character_relationships.relationship_strength IS NULL;
COMMENT ON COLUMN character_relationships.description IS NULL;
COMMENT ON COLUMN character_relationships.status IS NULL;
COMMENT ON COLUMN character_relationships.memory_sharing IS NULL;

COMMENT ON COLUMN character_speech_patterns.id IS NULL;
COMMENT ON COLUMN character_speech_patterns.character_id IS NULL;
COMMENT ON COLUMN character_speech_patterns.pattern_type IS NULL;
COMMENT ON COLUMN character_speech_patterns.pattern_value IS NULL;
COMMENT ON COLUMN character_speech_patterns.usage_frequency IS NULL;
COMMENT ON COLUMN character_speech_patterns.context IS NULL;
COMMENT ON COLUMN character_speech_patterns.priority IS NULL;

COMMENT ON TABLE character_llm_config IS NULL;
COMMENT ON COLUMN character_llm_config.id IS NULL;
COMMENT ON COLUMN character_llm_config.character_id IS NULL;
COMMENT ON COLUMN character_llm_config.llm_client_type IS NULL;
COMMENT ON COLUMN character_llm_config.llm_chat_api_url IS NULL;
COMMENT ON COLUMN character_llm_config.llm_chat_model IS NULL;
COMMENT ON COLUMN character_llm_config.llm_chat_api_key IS NULL;
COMMENT ON COLUMN character_llm_config.llm_temperature IS NULL;
COMMENT ON COLUMN character_llm_config.llm_max_tokens IS NULL;
COMMENT ON COLUMN character_llm_config.llm_top_p IS NULL;
COMMENT ON COLUMN character_llm_config.llm_frequency_penalty IS NULL;
COMMENT ON COLUMN character_llm_config.llm_presence_penalty IS NULL;
COMMENT ON COLUMN character_llm_config.is_active IS NULL;

COMMENT ON TABLE character_discord_config IS NULL;
COMMENT ON COLUMN character_discord_config.character_id IS NULL;
COMMENT ON COLUMN character_discord_config.discord_bot_token IS NULL;
COMMENT ON COLUMN character_discord_config.discord_application_id IS NULL;
COMMENT ON COLUMN character_discord_config.discord_guild_id IS NULL;
COMMENT ON COLUMN character_discord_config.discord_status_message IS NULL;
COMMENT ON COLUMN character_discord_config.discord_activity_type IS NULL;
COMMENT ON COLUMN character_discord_config.max_message_length IS NULL;
COMMENT ON COLUMN character_discord_config.typing_delay_seconds IS NULL;
COMMENT ON COLUMN character_discord_config.enable_reactions IS NULL;
COMMENT ON COLUMN character_discord_config.enable_typing_indicator IS NULL;
COMMENT ON COLUMN character_discord_config.is_active IS NULL;
COMMENT ON COLUMN character_discord_config.enable_discord IS NULL;
COMMENT ON COLUMN character_discord_config.discord_guild_restrictions IS NULL;
COMMENT ON COLUMN character_discord_config.discord_channel_restrictions IS NULL;
COMMENT ON COLUMN character_discord_config.discord_status IS NULL;

COMMENT ON TABLE character_deployment_config IS NULL;
COMMENT ON COLUMN character_deployment_config.container_port IS NULL;
COMMENT ON COLUMN character_deployment_config.health_check_port IS NULL;
COMMENT ON COLUMN character_deployment_config.memory_limit IS NULL;
COMMENT ON COLUMN character_deployment_config.cpu_limit IS NULL;
COMMENT ON COLUMN character_deployment_config.restart_policy IS NULL;
COMMENT ON COLUMN character_deployment_config.environment_variables IS NULL;
COMMENT ON COLUMN character_deployment_config.volume_mounts IS NULL;
COMMENT ON COLUMN character_deployment_config.deployment_status IS NULL;
