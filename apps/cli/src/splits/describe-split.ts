import type { SplitFacts } from './read-split.js';

/** How data was split, in a line such as `split at 2001-01-01T00:00:00.000Z: 12 test interactions`. */
export function describeSplit(facts: SplitFacts): string {
  if (facts.kind === 'given') return '';
  const { kind, holdout, kCore, minUser, testInteractions, cut, withoutHistory, seenBefore } = facts;
  const how = {
    random: 'split at random',
    'last-n': 'last likes held out',
    time: `split at ${cut}`,
  };
  const notes = [
    ...(holdout === undefined ? [] : [`holdout ${holdout}`]),
    ...(kCore === undefined ? [] : [`${kCore}-core`]),
    ...(minUser === undefined ? [] : [`users with ${minUser} likes or more`]),
    ...(withoutHistory ? [`${withoutHistory} left out of users without a history`] : []),
    ...(seenBefore ? [`${seenBefore} left out that the user had before`] : []),
  ];
  return `${how[kind]}: ${testInteractions} test interactions${notes.length > 0 ? ` (${notes.join(', ')})` : ''}\n`;
}
