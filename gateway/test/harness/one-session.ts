import type { LiveSession } from '@vestibule/shared/contracts/auth';
import { sessionCopies } from '@vestibule/shared/session-copies';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import type { Test } from 'tap';
import { clientOf } from './client.ts';
import { account, fakeParts, liveSession, sessionId, signingKey } from './fakes.ts';
import { startGateway } from './platform.ts';

export const id = '51923482';

export type Verify = () => Promise<LiveSession>;

/** A gateway before services that know one session; answers what its own record is answered with. */
export async function startWithSession(
  t: Test,
  {
    verify = async () => liveSession(),
    environment = {},
    clock = movableClock(Date.now()),
  }: { verify?: Verify; environment?: Record<string, string>; clock?: ReturnType<typeof movableClock> } = {},
) {
  const key = signingKey();
  const keys = [key.jwk];
  const { parts, asked, countOf } = await fakeParts(
    {
      auth: {
        publicKeys: async () => ({ keys }),
        verifySession: () => verify(),
        register: async () => ({ account: account(), token: 'a-token' }),
      },
      user: {
        get: async () => account(),
        search: async () => ({ ids: [] }),
        setRole: async () => ({}),
      },
    },
    { clock },
  );
  const app = await startGateway(t, parts, { environment });
  const client = clientOf(app);
  return {
    key,
    keys,
    parts,
    asked,
    countOf,
    clock,
    client,
    token: key.token(),
    own: async (headers: Record<string, string>) =>
      (await client.post('/user/getuser/', { id }, { headers })).body as { code: number },
    copies: sessionCopies(parts),
    row: { sessionId, accountId: Number(id), openidHash: null, sessionEpoch: 0, ended: false },
    access: { accountId: Number(id), role: 'donor', status: 'active', sessionEpoch: 0, version: 1 } as const,
  };
}
