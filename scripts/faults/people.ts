import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ask } from '../../test/harness/paced-load.ts';
import type { Answer, Asking, Gateways } from './gateways.ts';

export const password = 'sesame-4711';

/** Somebody who is signed in. */
export type Person = { id: string; token: string };

/** `good`, or what is wrong with an answer: its status, or its code under a good one. */
export function outcomeOf(
  { status, retryAfter, body }: Answer,
  isGood: (body: Answer['body']) => boolean,
): string {
  if (status === 503 && retryAfter === undefined) return '503 without Retry-After';
  if (status !== 200) return String(status);
  return isGood(body) ? 'good' : `200 ${JSON.stringify(body).slice(0, 100)}`;
}

const saysCode = (code: number) => (body: Answer['body']) => body.code === code;
export const charitySays = saysCode(200);
export const repairSays = saysCode(0);

/** What clients of the documents ask for. */
export function openPeople({ ask }: Gateways) {
  let turn = 0;
  let phones = 13_900_000_000 + randomInt(50_000_000);
  const people: Person[] = [];
  const anybody = (): Person => {
    turn += 1;
    return people[turn % people.length] ?? { id: '', token: '' };
  };
  const charity = async (asking: Asking) => outcomeOf(await ask(asking), charitySays);
  const registering = (name: string, role: string): Asking => ({
    path: '/user/register/',
    fields: { first_name: name, last_name: 'Hammer', role, password },
  });
  /** Asks again, some seconds long, where the machine is still busy with what came before; the `data` of the answer. */
  async function insist(asking: Asking): Promise<Record<string, unknown>> {
    for (let tries = 1; ; tries += 1) {
      const answer = await ask(asking).catch(String);
      if (typeof answer !== 'string' && answer.status === 200) return Object(answer.body.data);
      if (tries === 20) throw new Error(`${asking.path}: ${JSON.stringify(answer)}`);
      await delay(500);
    }
  }
  async function register(name: string, role = '1'): Promise<Person> {
    const { id, token } = await insist(registering(name, role));
    if (typeof id !== 'string' || typeof token !== 'string') throw new Error(`${name} cannot register`);
    return { id, token };
  }

  const login = (from?: string): Promise<string> => {
    const { id } = anybody();
    return charity({ path: '/user/login/', fields: { id, password }, ...(from !== undefined && { from }) });
  };
  const asks = {
    read: () => {
      const { id, token } = anybody();
      return charity({ path: '/user/getuser/', fields: { id }, token });
    },
    login: () => login(),
    rename: () => {
      const fields = { first_name: 'Sara', last_name: `Hammer${turn}` };
      return charity({ path: '/user/changeinformation/', fields, token: anybody().token });
    },
    captcha: async () =>
      outcomeOf(await ask({ method: 'GET', path: '/captcha' }), ({ status }) => status === true),
    inbox: async () =>
      outcomeOf(await ask({ method: 'GET', path: '/api/process/task', token: anybody().token }), repairSays),
    /** From the picture to the SMS, or to what stands in its way. */
    sms: async () => {
      phones += 1;
      const phone = String(phones);
      const uuid = `faults-${phone}`;
      const picture = await ask({ method: 'GET', path: `/api/1.0/imageCode?uuid=${uuid}&last_uuid=` });
      const drawn = outcomeOf(picture, () => true);
      if (drawn !== 'good') return drawn;
      const solved = await ask({ method: 'GET', path: `/dev/captcha/${uuid}` });
      const read = outcomeOf(solved, ({ answer }) => typeof answer === 'string');
      if (read !== 'good') return read;
      const img_code_client = solved.body.answer;
      const fields = { phone, uuid, img_code_client };
      const answer = await ask({ path: '/api/1.0/smsCode', fields });
      return outcomeOf(answer, ({ re_code }) => re_code === '0');
    },
  };
  type Kind = keyof typeof asks;
  return {
    ask,
    insist,
    register,
    registering,
    login,
    asks,
    /** Makes some who the others are asked for. */
    async settle(count: number): Promise<void> {
      while (people.length < count) people.push(await register(`P${people.length}`));
    },
    /** The kinds in this order, each as often. */
    mix: (...shares: readonly (readonly [Kind, number])[]): Ask[] =>
      shares.flatMap(([name, times]) => Array<Ask>(times).fill({ name, ask: asks[name] })),
  };
}
export type People = ReturnType<typeof openPeople>;
