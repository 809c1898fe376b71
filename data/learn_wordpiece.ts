/**
 * Learns a WordPiece vocabulary from text.
 *
 * @module
 */

/**
 * Merges the most frequent pair of adjacent pieces, repeatedly, until every word
 * is one piece. The vocabulary has the characters, the words, and as many of the
 * intermediate pieces as fit, in the order in which they were merged.
 *
 * Source: Sennrich, Haddow and Birch 2016, https://arxiv.org/abs/1508.07909,
 * section 3.2, with BERT's `##` before pieces that continue a word, as in the
 * WordPieceTrainer of the tokenizers library.
 *
 * @param texts The text; words are sequences of letters or digits, lowercased.
 * @param characters The characters of every vocabulary.
 * @param size Most pieces, unless characters and words alone are more.
 * @returns The pieces: characters first, then merged pieces.
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
  const merged = new Set<string>();
  for (;;) {
    const pair = mostFrequentPair(words);
    if (!pair) break;
    const [left, right] = pair;
    const piece = left + right.slice(2);
    merged.add(piece);
    for (const word of words) {
      for (let i = 0; i + 1 < word.pieces.length; i++) {
        if (word.pieces[i] !== left || word.pieces[i + 1] !== right) continue;
        word.pieces.splice(i, 2, piece);
      }
    }
  }
  const needed = new Set([...characters, ...counts.keys()]);
  let room = size - needed.size;
  const kept = [...merged].filter((piece) => needed.has(piece) || room-- > 0);
  return [...new Set([...characters, ...kept])];
}

/** Finds the pair with the highest count; ties go to the first in the order of the words. */
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
