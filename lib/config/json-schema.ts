import type { ZodTypeAny } from 'zod/v3';
import type { GivenType, Option } from '../options/option.js';
import { MATRIX_SCHEMA } from './matrix-schema.js';
import { CONFIGURABLE } from './schema.js';
import { SCHEMAS } from './structured.js';

type JsonSchema = Readonly<Record<string, unknown>>;

const TEXTS = { type: 'array', items: { type: 'string', minLength: 1 } } as const;

/**
 * The JSON Schema of a configuration file, for editors: made of the table of options, and of the schemas that check what has structure.
 * @param structured turns such a schema into JSON Schema
 */
export function configJsonSchema(structured: (schema: ZodTypeAny) => JsonSchema): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(CONFIGURABLE)
      // Functions are for a configuration that is code.
      .filter(([, { type }]) => type !== 'hooks')
      .map(([name, option]) => [name, { ...typeOf(option, structured), ...told(option) }]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'revgraph.config.json',
    type: 'object',
    properties: {
      ...properties,
      matrix: { ...structured(MATRIX_SCHEMA), description: 'The upgrade paths that `revgraph matrix` walks' },
    },
    additionalProperties: false,
  };
}

const told = ({ help, default: value }: Option): JsonSchema => ({
  description: help,
  ...(value === undefined ? {} : { default: value }),
});

function typeOf({ type }: Option, structured: (schema: ZodTypeAny) => JsonSchema): JsonSchema {
  if (typeof type !== 'string') return { enum: type };
  switch (type) {
    case 'text':
    case 'name':
    case 'version':
      return { type: 'string', minLength: 1 };
    case 'oneOrMore':
      return { anyOf: [{ type: 'string', minLength: 1 }, TEXTS] };
    case 'texts':
      return TEXTS;
    case 'boolean':
      return { type: 'boolean' };
    case 'ms':
      return { type: 'number', minimum: 0, maximum: 2_147_483_647 };
    case 'count':
      return { type: 'integer', minimum: 0 };
    case 'positive':
      return { type: 'integer', minimum: 1 };
    default: {
      const schema = SCHEMAS[type as GivenType];
      return schema === undefined ? {} : structured(schema);
    }
  }
}
