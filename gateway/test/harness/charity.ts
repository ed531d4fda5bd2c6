import type { Client } from './client.ts';

export const password = 'sesame-4711';

/** An account made through the charity document, with its token. */
export type Registered = { id: string; token: string };

/** Registers Sara Hammer, or who is told, with a role of the document. */
export async function register(client: Client, role: '0' | '1' | '2', names = {}): Promise<Registered> {
  const fields = { first_name: 'Sara', last_name: 'Hammer', role, password, ...names };
  const { body } = await client.post('/user/register/', fields);
  const { data } = body as { data: Registered };
  return data;
}
