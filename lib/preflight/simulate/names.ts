import type { PreparedStep } from '../../run/prepare.js';
import type { RelationName, Touch } from '../../sql/touch.js';

/** Every relation that a plan names, each once. */
export function namesIn(steps: readonly PreparedStep[]): RelationName[] {
  const names = new Map<string, RelationName>();
  const add = ({ schema, name }: RelationName): void => {
    names.set(JSON.stringify([schema, name]), { schema, name });
  };
  for (const { work } of steps)
    for (const { touches } of 'statements' in work ? work.statements : [])
      for (const touch of touches) namesOf(touch).forEach(add);
  return [...names.values()];
}

function namesOf(touch: Touch): RelationName[] {
  const own = 'table' in touch ? [touch.table] : 'view' in touch ? [touch.view] : [];
  if (touch.kind === 'create' || touch.kind === 'drop') return [touch.name];
  // An index is in the schema of its table.
  if (touch.kind === 'index' && touch.name !== null)
    return [...own, { schema: touch.table.schema, name: touch.name }];
  if (touch.kind !== 'alter') return own;
  const targets = touch.alterations.flatMap((one) =>
    one.kind === 'foreign-key'
      ? [one.key.target]
      : one.kind === 'add-column' && one.foreignKey !== null
        ? [one.foreignKey.target]
        : [],
  );
  return [...own, ...targets];
}
