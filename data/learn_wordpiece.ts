/**
 * Learns a WordPiece vocabulary from text.
 *
 * @module
 */

/**
 * Joins the two pieces that most often stand side by side, again and again,
 * until every word is one piece. The vocabulary has the characters, the words,
 * and as many of the pieces in between as there is room for, in the order in
 * which they were made.
 *
 * Source: Sennrich, Haddow and Birch 2016, https://arxiv.org/abs/1508.07909,
 * section 3.2, with BERT's `##` before a piece that continues a word, as the
 * WordPieceTrainer of the tokenizers library does it.
 *
 * @param texts The text; words are letters or digits without a break, in lower case.
 * @param characters The characters that every vocabulary has.
 * @param size How many pieces, if there are so many; more if there are more words.
 * @returns The pieces: characters first, then those that were made.
 */
export function learnWordPiece(
  texts: Iterable<string>,
  characters: readonly string[],
  size: number,
): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  const words = [...counts].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([word, count]) => ({
      count,
      pieces: [...word].map((letter, i) => i === 0 ? letter : `##${letter}`),
    }));
  const made = new Set<string>();
  for (;;) {
    const joined = mostFrequentPair(words);
    if (!joined) break;
    const [left, right] = joined;
    const piece = left + right.slice(2);
    made.add(piece);
    for (const word of words) {
      for (let i = 0; i + 1 < word.pieces.length; i++) {
        if (word.pieces[i] !== left || word.pieces[i + 1] !== right) continue;
        word.pieces.splice(i, 2, piece);
      }
    }
  }
  const needed = new Set([...characters, ...counts.keys()]);
  let room = size - needed.size;
  const kept = [...made].filter((piece) => needed.has(piece) || room-- > 0);
  return [...new Set([...characters, ...kept])];
}

/** The pair with the highest count; of several the first in the order of the words. */
function mostFrequentPair(
  words: readonly { count: number; pieces: string[] }[],
): [string, string] | undefined {
  const counts = new Map<string, number>();
  for (const { count, pieces } of words) {
    for (let i = 0; i + 1 < pieces.length; i++) {
      const pair = `${pieces[i]} ${pieces[i + 1]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  for (const [pair, count] of counts) {
    if (best === undefined || count > counts.get(best)!) best = pair;
  }
  return best?.split(" ") as [string, string] | undefined;
}
