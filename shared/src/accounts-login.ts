/** Chinese characters (the Unicode script Han) beyond the first plane are pairs of surrogates here. */
const chinese = '\\u3005\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff';
const furtherChinese = '[\\ud840-\\ud888][\\udc00-\\udfff]';

/** The accounts document's pattern of names: so many Chinese characters, letters, digits, `_` and `-`. */
export const namePattern = (least: number, most: number): string =>
  `^(?:[A-Za-z0-9_${chinese}-]|${furtherChinese}){${least},${most}}$`;

/** What that document's login takes: its two fields as patterns, with their rules in words. */
export const accountsLogin = {
  nickname: {
    pattern: namePattern(2, 16),
    rule: '2 to 16 Chinese characters, letters, digits, `_` and `-`',
  },
  password: { pattern: '^[A-Za-z0-9_-]{6,16}$', rule: '6 to 16 letters, digits, `_` and `-`' },
};
