import { AppError } from '@vestibule/shared/errors';
import type { Parts } from '@vestibule/shared/parts';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import { testParts } from '@vestibule/shared/test/parts';
import type { Test } from 'tap';
import { type Gateway, gateway, startAuth, startUser } from './auth-service.ts';
import { quickEngine } from './quick-engine.ts';

type Login = Parameters<Gateway['login']>[0];
export const wrongPassword = { password: 'wrong' };

/** Auth and user, and the ways in which a guesser tries. */
export async function platform(
  t: Test,
  {
    environment = {},
    replicas = 1,
    change = (parts) => parts,
  }: {
    environment?: Record<string, string>;
    replicas?: number;
    change?: (parts: Parts) => Parts;
  } = {},
) {
  const clock = movableClock();
  const parts = change(await testParts(t, { clock }));
  const engine = quickEngine();
  const log: string[] = [];
  await startUser(t, parts);
  for (let n = 0; n < replicas; n += 1) await startAuth(t, parts, { environment, engine, log });
  const calls = gateway(parts);

  /** What a login is answered, in one word. */
  const tryLogin = (login: Login, options = {}): Promise<string> =>
    calls.login(login, options).then(
      () => 'right',
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        const { retryAfterSeconds } = error.details;
        return retryAfterSeconds === undefined ? error.code : `${error.code} ${retryAfterSeconds}`;
      },
    );
  const guess = async (login: Login, times: number, options = {}): Promise<string[]> => {
    const answers: string[] = [];
    for (let n = 0; n < times; n += 1) {
      answers.push(await tryLogin(login, { ...wrongPassword, ...options }));
    }
    return answers;
  };
  const flood = (login: Login, times: number, options: object = wrongPassword) =>
    Promise.all(Array.from({ length: times }, () => tryLogin(login, options)));
  return { ...calls, parts, clock, engine, log, tryLogin, guess, flood };
}

/** A store whose windows follow the test's clock; those of a server follow its own, and have their own suite. */
export const withOwnStore = (parts: Parts): Parts => ({
  ...parts,
  store: memoryStore({ clock: parts.clock }),
});

/** Without the seconds, of which some may have passed on a server. */
export const codes = (answers: readonly string[]) => answers.map((answer) => answer.replace(/ \d+$/, ''));

/** How often each answer was given. */
export const tally = (answers: readonly string[]) =>
  Object.fromEntries(
    [...new Set(answers)].sort().map((word) => [word, answers.filter((one) => one === word).length]),
  );
export const addressOf = (n: number) => `198.51.100.${n}`;
