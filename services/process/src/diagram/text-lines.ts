/** Pixels of the letters. */
export const fontSize = 14;
export const lineHeight = 20;

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });
/** As wide as high: Chinese, Japanese and Korean letters, full-width signs, pictures. */
const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Extended_Pictographic}\u3000-\u303f\uff00-\uff60\uffe0-\uffe6]/u;
/** What XML does not allow in a text, and what would end a line. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

/** A text on one line. */
export const printable = (text: string): string => text.replaceAll(unprintable, ' ');

/** Parts of a letter's size that other letters take: on the safe side for the usual fonts. */
const narrowPart = 0.35;
const usualPart = 0.62;
const capitalPart = 0.78;

function widthOf(grapheme: string): number {
  if (wide.test(grapheme)) return fontSize;
  if (/^[ijltfrI1.,:;'|!()[\] ]/.test(grapheme)) return fontSize * narrowPart;
  return fontSize * (/^[A-ZMWmw@%]/.test(grapheme) ? capitalPart : usualPart);
}

const split = (text: string): string[] => Array.from(graphemes.segment(text), ({ segment }) => segment);

/** Pixels that a text takes at most. No font is at hand to measure it with, and readers have theirs. */
export const textWidth = (text: string): number =>
  split(text).reduce((width, grapheme) => width + widthOf(grapheme), 0);

/** What is kept together: a word of narrow letters with the space after it; a wide letter by itself. */
function* words(text: string): Generator<string> {
  let word = '';
  for (const grapheme of split(printable(text))) {
    if (wide.test(grapheme)) {
      if (word !== '') yield word;
      yield grapheme;
      word = '';
    } else {
      word += grapheme;
      if (grapheme !== ' ') continue;
      yield word;
      word = '';
    }
  }
  if (word !== '') yield word;
}

/** A text in lines of at most so many pixels; a word that is longer than a line is broken. */
export function linesOf(text: string, mostPixels: number): string[] {
  const lines: string[] = [];
  let line = '';
  const add = (part: string) => {
    if (line !== '' && textWidth((line + part).trimEnd()) > mostPixels) {
      lines.push(line.trim());
      line = '';
    }
    line += part;
  };
  for (const word of words(text)) {
    if (textWidth(word) <= mostPixels) add(word);
    else for (const grapheme of split(word)) add(grapheme);
  }
  return [...lines, line.trim()].filter((some) => some !== '');
}
