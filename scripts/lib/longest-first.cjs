const { default: Sequencer } = require('@jest/test-sequencer');

/** Kinds of suites, those that take longest first. */
const KINDS = ['.int-spec.ts', '.e2e-spec.ts', '.spec.ts'];

const kindOf = ({ path }) => KINDS.findIndex((ending) => path.endsWith(ending));

/** The longest suites first: as earlier runs took, or else by their kind, and within it by their size. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isKnown = sorted.some(({ duration }) => typeof duration === 'number');
    return isKnown ? sorted : sorted.sort((a, b) => kindOf(a) - kindOf(b));
  }
};
