import { createHash, createHmac } from 'node:crypto';
import { CommonSettings } from './config.ts';
import type { Part, SettingTexts } from './contracts/settings.ts';
import { derivedKey } from './derived-key.ts';
import { Kind, type TObject, type TSchema } from './schema.ts';

type Hide = (text: string) => string;

/** Characters of a long text that are told: an answer of the audit log has 100 lines. */
const longest = 1000;

/** Of a long text its beginning, and what becomes another one when the rest of it does. */
function shortened(text: string): string {
  if (text.length <= longest) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${text.slice(0, longest).toWellFormed()}… (SHA-256 ${hash})`;
}

/** Where a URL leads, and the rest of it hidden: there may be a password, or a token. */
function originOf(url: string, hide: Hide): string {
  const { protocol, host, pathname, search, hash } = new URL(url);
  const origin = `${protocol}//${host}`;
  if (url === origin || url === `${origin}/`) return origin;
  // A password that is not escaped as it should be reads like a host.
  return `${pathname}${search}${hash}`.includes('@') ? hide(url) : `${origin} ${hide(url)}`;
}

/** Each of the URLs of a list. */
function originsOf(text: string, hide: Hide): string {
  const urls = text.split(/,(?=[a-z]+:\/\/)/);
  if (!urls.every((url) => URL.canParse(url))) return hide(text);
  return urls.map((url) => originOf(url, hide)).join(',');
}

/** Numbers, switches and words of a closed list are no secrets; what else there is, is one unless it says otherwise. */
function isOpen(schema: TSchema): boolean {
  const kind = schema[Kind];
  if (kind === 'Integer' || kind === 'Boolean') return false;
  return kind !== 'Union' || !schema.anyOf.every((one: TSchema) => one[Kind] === 'Literal');
}

/** How much of a setting may be told: all, of a URL where it leads, or nothing. */
export function toldOf(schema: TSchema): 'whole' | 'origin' | 'hidden' {
  if (!isOpen(schema) || schema.told === 'whole') return 'whole';
  return schema.told === 'origin' ? 'origin' : 'hidden';
}

function told(schema: TSchema, text: string, hide: Hide): string {
  switch (toldOf(schema)) {
    case 'whole':
      return text;
    case 'origin':
      return originsOf(text, hide);
    case 'hidden':
      return hide(text);
  }
}

/**
 * What a part runs with, in texts that may be told and kept. A secret is `(hidden 1a2b3c4d)`: eight digits of a keyed
 * hash, by which one sees that it is another one and nothing of what it is. The key comes from the part's KEYS_SECRET,
 * so with another one all secrets are told as changed. A part that has none tells `(hidden)`: a password may be
 * guessed, so no hash without a key of its own may be seen.
 */
export function settingTexts({
  part,
  schema,
  common,
  settings: own,
}: {
  part: Part;
  /** Of its own settings. */
  schema: TObject;
  common: CommonSettings;
  /** As it runs with them: what was not set is what holds then. */
  settings: Readonly<Record<string, unknown>>;
}): SettingTexts {
  const settings: Readonly<Record<string, unknown>> = { ...common, ...own };
  const { KEYS_SECRET: secret } = settings;
  const key = typeof secret === 'string' ? derivedKey(secret, `${part}/settings`) : null;
  const texts: SettingTexts = {};
  const properties = { ...CommonSettings.properties, ...schema.properties };
  for (const [name, property] of Object.entries<TSchema>(properties)) {
    const value = settings[name];
    if (value === undefined) continue;
    const hide: Hide = (text) => {
      if (key === null) return '(hidden)';
      const hash = createHmac('sha256', key).update(`${name}\0${text}`).digest('hex');
      return `(hidden ${hash.slice(0, 8)})`;
    };
    texts[name] = shortened(told(property, String(value), hide));
  }
  return texts;
}
