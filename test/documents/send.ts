/** How a client of the documents writes a request: the kind of its body, and whether its path ends in a slash. */
export type Manner = { body: 'json' | 'form'; slash: boolean };

export const manners: readonly Manner[] = [
  { body: 'json', slash: true },
  { body: 'json', slash: false },
  { body: 'form', slash: true },
  { body: 'form', slash: false },
];

export type Sent = { status: number; body: unknown };

/** POSTs fields of a document to a path of it, in one manner. */
export async function send(
  url: string,
  { body: kind, slash }: Manner,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Sent> {
  const address = url.replace(/\/?$/, slash ? '/' : '');
  const body = kind === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields);
  const type: Record<string, string> = kind === 'json' ? { 'content-type': 'application/json' } : {};
  const response = await fetch(address, { method: 'POST', headers: { ...type, ...headers }, body });
  return { status: response.status, body: await response.json() };
}
