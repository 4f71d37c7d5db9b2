-- Put on record that the three tables of the fact graph exist
--
-- @revision 27e207ded5a0
-- @revises a71d62f22c10
-- @adopt
--
-- Nothing to run: a database without these tables cannot have come this way, and must not pass.

-- @verify "fact_entities exists" expect true
SELECT to_regclass('fact_entities') IS NOT NULL;

-- @verify "user_fact_relationships exists" expect true
SELECT to_regclass('user_fact_relationships') IS NOT NULL;

-- @verify "entity_relationships exists" expect true
SELECT to_regclass('entity_relationships') IS NOT NULL;
