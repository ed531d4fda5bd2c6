import { randomBytes } from 'node:crypto';

/**
 * What nobody may come to know but those whom it is meant for. `secrets` are passwords, codes, tokens, cookies, keys:
 * of these the database must not know either. `logins` are openids and phones. `texts` are what people wrote.
 */
export type Canaries = Record<'secrets' | 'logins' | 'texts', Map<string, string>>;

/** Values to be searched for, each under a name that says what it is. */
export function createCanaries() {
  const canaries: Canaries = { secrets: new Map(), logins: new Map(), texts: new Map() };
  const unique = (length: number) => randomBytes(length).toString('base64url').slice(0, length);

  /** Keeps what others made up. */
  function keep(kind: keyof Canaries, name: string, value: string): string {
    canaries[kind].set(name, value);
    return value;
  }
  return {
    canaries,
    keep,
    /** 16 characters, which every document takes for a password. */
    password: (name: string) => keep('secrets', `password ${name}`, `pw-${unique(13)}`),
    code: (name: string) => keep('secrets', `WeChat code ${name}`, `code-${unique(27)}`),
    sessionKey: (name: string) => keep('secrets', `session key ${name}`, randomBytes(16).toString('base64')),
    openid: (name: string) => keep('logins', `openid ${name}`, `o${unique(27)}`),
    /** 11 digits of a real range. */
    phone: (name: string, digits: string) => keep('logins', `phone ${name}`, digits),
    /** Takes the form of a name, too. */
    text: (name: string) => keep('texts', name, `文字${unique(10)}`),
  };
}
export type CanaryMaker = ReturnType<typeof createCanaries>;
