import { randomInt } from 'node:crypto';
import { argon2 } from '@vestibule/auth/password-hashing';
import { clientAddress } from '@vestibule/gateway/address';
import { Login, Registration } from '@vestibule/gateway/dialects/charity/schemas';
import type { DialectScope } from '@vestibule/gateway/dialects/dialect';
import { Type } from '@vestibule/shared/schema';
import { foldName } from '@vestibule/user/folding';
import type { createGuesses } from './guesses.ts';
import { Refusal } from './refusal.ts';
import type { Sessions } from './sessions.ts';
import type { Statements } from './statements.ts';

const text = Type.String();
const answer = (data: Record<string, typeof text>) =>
  Type.Object({ code: Type.Integer(), msg: text, data: Type.Object(data) });
const LoggedIn = answer({ token: text });
const Registered = answer({ id: text, token: text, role: text, first_name: text, last_name: text });

const roles = { '0': 'admin', '1': 'donor', '2': 'volunteer' } as const;

/** Login by password and registration, as the charity document has them. */
export function loginRoutes(
  app: DialectScope,
  {
    statements,
    sessions,
    guesses,
  }: { statements: Statements; sessions: Sessions; guesses: ReturnType<typeof createGuesses> },
): void {
  app.post('/user/login', { schema: { body: Login, response: { 200: LoggedIn } } }, async (request) => {
    const { id: given, password } = request.body;
    const id = Number(given);
    const address = clientAddress(request);
    const found = await statements.credentials(id);
    if (found === undefined) throw new Refusal(401, 'Incorrect username or password');
    const verify = () => argon2.verify(found.hash, password);
    const { right, subject, from } = await guesses.check(id, address, verify);
    if (!right) throw new Refusal(401, 'Incorrect username or password');
    if (found.status === 'frozen' || found.status === 'deleted') {
      throw new Refusal(403, 'Account status is abnormal');
    }
    const { session, token } = sessions.begin(id, found.session_epoch);
    await statements.openSession(id, session, { address, requestId: request.id }, [subject, from]);
    return { code: 200, msg: '', data: { token } };
  });

  app.post(
    '/user/register',
    { schema: { body: Registration, response: { 200: Registered } } },
    async (request) => {
      const { first_name, last_name, role, password } = request.body;
      if (role === '0') throw new Refusal(403, 'closed');
      const hash = await argon2.hash(password);
      const origin = { address: clientAddress(request), requestId: request.id };
      for (;;) {
        const id = randomInt(10_000_000, 100_000_000);
        const account = {
          id,
          role: roles[role],
          firstName: first_name,
          lastName: last_name,
          firstNameFolded: foldName(first_name),
          lastNameFolded: foldName(last_name),
          hash,
        };
        const { session, token } = sessions.begin(id, 0);
        // A taken id is tried again.
        if (!(await statements.register(account, session, origin))) continue;
        return {
          code: 200,
          msg: '',
          data: { id: String(id), token, role: roles[role], first_name, last_name },
        };
      }
    },
  );
}
