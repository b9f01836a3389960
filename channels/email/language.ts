// Guesses the language of a text for routing rules. Better no answer than a wrong one: short, mixed or machine-made text gives null.

interface Detector {
  detect(text: string): {
    language: string;
    isReliable(): boolean;
    getScores(): Record<string, number>;
  };
}

/** What is looked at: more does not make the guess better, only slower. */
const LOOKED_AT = 2_000;
const JUDGED = 600;
/** Fewer letters say too little; an ideograph or syllable says as much as three of them. */
const MIN_LETTERS = 24;
/** How far the first language must be ahead of the second: short texts of close kin, as Danish and Norwegian, stay open. */
const MIN_LEAD = 0.006;
let detector: Promise<Detector> | undefined;

/** The language's two-letter code (ISO 639-1), or null when the text is too short or the guess uncertain. Takes no time worth naming. */
export async function detectLanguage(text: string): Promise<string | null> {
  const words = wordsOf(text);
  const letters = words.match(/\p{L}/gu)?.length ?? 0;
  const dense = words.match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/gu)?.length;
  if (letters + 2 * (dense ?? 0) < MIN_LETTERS) return null;
  // Loaded with the first mail that needs it: its tables take 60 MB, and a worker without mailboxes needs none of them.
  detector ??= import('eld/extrasmall').then(({ eld }) => eld);
  const guess = (await detector).detect(words);
  if (guess.language === '' || !guess.isReliable()) return null;
  const scores = Object.values(guess.getScores());
  return (scores[0] ?? 0) - (scores[1] ?? 0) < MIN_LEAD ? null : guess.language;
}

/** Only what people write: no quoted lines, addresses, links, codes and names of files. */
function wordsOf(text: string): string {
  const lines = text.slice(0, LOOKED_AT).split('\n');
  const written = lines.filter((line) => !/^\s*(>|[\w-]+:\s|--\s*$)/.test(line));
  return written
    .join(' ')
    .split(/\s+/)
    .filter((word) => !/[\d@_/\\<>{}=[\]|#$%*+~^]|\p{L}[.:]\p{L}/u.test(word))
    .join(' ')
    .slice(0, JUDGED);
}
