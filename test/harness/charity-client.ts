/** An answer as a client of the charity document sees it. */
export type CharityAnswer = { status: number; code: number; msg: string; data: Record<string, string> };

/** A client of the charity document on one gateway. */
export function charityClient(gateway: string) {
  const post = async (path: string, fields: object, token?: string): Promise<CharityAnswer> => {
    const response = await fetch(`${gateway}/user/${path}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { token }) },
      body: JSON.stringify(fields),
      signal: AbortSignal.timeout(30_000),
    });
    const body = (await response.json()) as Omit<CharityAnswer, 'status'>;
    return { ...body, status: response.status };
  };
  return {
    post,
    /** Registers an account of a role ('0' admin, '1' donor, '2' volunteer); answers its id and token. */
    async register(role: string, password = 'sesame-4711'): Promise<{ id: string; token: string }> {
      const answer = await post('register', { first_name: 'Sara', last_name: 'Hammer', role, password });
      const { id, token } = answer.data ?? {};
      if (answer.code !== 200 || id === undefined || token === undefined) {
        throw new Error(`register answered ${JSON.stringify(answer)}`);
      }
      return { id, token };
    },
    login: (id: string, password = 'sesame-4711') => post('login', { id, password }),
    /** The code that the token's own record is answered with: 200 while the token lives, 401 when it is dead. */
    own: async (id: string, token: string) => (await post('getuser', { id }, token)).code,
  };
}
export type CharityClient = ReturnType<typeof charityClient>;
