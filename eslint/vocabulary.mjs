/**
 * Words for which the field has a better term. `in` limits an entry to one kind of place.
 *
 * @type {readonly { words: string, instead: string, in?: 'names' | 'prose' | 'comments' }[]}
 */
const ENTRIES = [
  { words: 'tell|tells|telling|told', instead: 'log, warn, notify, report or return' },
  { words: 'kept', instead: 'cached, stored or retained' },
  { words: 'wish|wishes|wished', instead: 'options, input or preferences' },
  { words: '(?<!throw-)away', instead: 'unavailable' },
  { words: 'haste', instead: 'early refresh factor' },
  { words: 'patience', instead: 'timeout' },
  { words: 'goodbye', instead: 'close or quit' },
  { words: 'evicts', instead: 'evictions', in: 'names' },
  {
    words: '(?:an?|the|of|no|its|two|late|lost|failed|pending|waiting) evicts?|(?:each|every|such|this|one) evict',
    instead: 'eviction (evict is the verb)',
    in: 'prose',
  },
  { words: '(?<=^\\W*|[.]\\W+)so (?:long|many|soon|often)', instead: 'a noun and its unit', in: 'prose' },
  { words: 'he|him|his|himself', instead: 'it, they or the name of the thing', in: 'comments' },
];

const PATTERNS = {
  names: patternFor('names'),
  texts: patternFor('prose'),
  comments: patternFor('prose', 'comments'),
};

/**
 * Reports the words above in names, comments, and strings that hold a space.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const vocabulary = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { word: 'Instead of "{{word}}" use the standard term: {{instead}}.' },
  },
  create(context) {
    const source = context.sourceCode;
    /** @type {Set<number>} a shorthand like `{ name }` is a key and a value at one position */
    const reported = new Set();

    /**
     * @param {RegExp} pattern
     * @param {string} text
     * @param {number} start position of the text in the file
     */
    function check(pattern, text, start) {
      for (const { 0: word, index } of text.matchAll(pattern)) {
        const position = start + index;
        if (reported.has(position)) continue;
        reported.add(position);
        const loc = source.getLocFromIndex(position);
        context.report({ loc, messageId: 'word', data: { word, instead: termFor(word) } });
      }
    }

    /** @param {{ name: string, range?: [number, number] }} node */
    function checkName(node) {
      check(PATTERNS.names, wordsOf(node.name), startOf(node));
    }

    /** @param {import('eslint').Rule.Node} node */
    function checkText(node) {
      const text = source.getText(node);
      if (/\s/.test(text)) check(PATTERNS.texts, text, startOf(node));
    }

    return {
      'Identifier, PrivateIdentifier': checkName,
      'Literal[value=/./]': checkText,
      TemplateElement: checkText,
      'Program:exit'() {
        for (const comment of source.getAllComments()) check(PATTERNS.comments, comment.value, startOf(comment) + 2);
      },
    };
  },
};

/** @param {('names' | 'prose' | 'comments')[]} kinds */
function patternFor(...kinds) {
  const entries = ENTRIES.filter((entry) => entry.in === undefined || kinds.includes(entry.in));
  return new RegExp(`\\b(?:${entries.map(({ words }) => words).join('|')})\\b`, 'gi');
}

/** @param {string} word */
function termFor(word) {
  return ENTRIES.find(({ words }) => new RegExp(`^(?:${words})$`, 'i').test(word))?.instead ?? '';
}

/**
 * `toldAt` and `TOLD_AT` as "told At" and "TOLD AT".
 *
 * @param {string} name
 */
function wordsOf(name) {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
}

/** @param {{ range?: [number, number] }} node */
function startOf({ range }) {
  return range?.[0] ?? 0;
}
