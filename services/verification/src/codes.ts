import type { Store } from '@vestibule/shared/store/store';
import type { Digests } from './digests.ts';
import type { Refusals } from './refusals.ts';

type Question = { phone: string; code: string };

const currentKey = (phoneDigest: string) => `sms:current:${phoneDigest}`;
const codeKey = (id: string) => `sms:code:${id}`;
const triesKey = (id: string) => `sms:tries:${id}`;

/** A code that was made; `withdraw` takes it back, and no newer one. */
export type IssuedCode = { code: string; withdraw(): Promise<void> };

/**
 * SMS codes. Each has an id of its own, under which stand its digest and its tries; a phone points to the id
 * of its newest code. So a new code replaces the old one in a single step, begins with all its tries, and
 * neither spending nor withdrawing an older code can touch it.
 */
export function createCodes({
  store,
  digests,
  refusals,
  randomInt,
  randomId,
  ttlMs,
  tries,
}: {
  store: Store;
  digests: Digests;
  refusals: Refusals;
  /** From 0 to one below the limit; not to be guessed. */
  randomInt: (limit: number) => number;
  randomId: () => string;
  ttlMs: number;
  tries: number;
}) {
  const currentKeyOf = (phone: string) => currentKey(digests.of('phone', phone));
  const digestOf = (id: string, { phone, code }: Question) => digests.of('code', id, phone, code);

  /**
   * Answers the id of the phone's code if `code` is it. The try is reserved before the code is looked at:
   * however many ask at once, no more than `tries` wrong ones are compared. A right one gets its try back.
   */
  async function verify(question: Question, requestId: string): Promise<string> {
    const refusal = { requestId, phone: question.phone };
    const id = await store.get(currentKeyOf(question.phone));
    if (id === null) throw refusals.refuse('code-unknown', refusal);
    // The window begins after the code did, so it outlives it.
    const reservation = await store.reserve([{ key: triesKey(id), limit: tries, windowMs: ttlMs }]);
    if (!reservation.granted) throw refusals.refuse('code-tries', refusal);
    const kept = await store.get(codeKey(id));
    if (kept === null) throw refusals.refuse('code-unknown', refusal);
    if (!digests.same(kept, digestOf(id, question))) throw refusals.refuse('code-wrong', refusal);
    await store.giveBack([triesKey(id)]);
    return id;
  }

  return {
    /** Makes a new code for a phone, good from now on instead of any older one. */
    async issue(phone: string): Promise<IssuedCode> {
      const id = randomId();
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      await store.set(codeKey(id), digestOf(id, { phone, code }), ttlMs);
      await store.set(currentKeyOf(phone), id, ttlMs);
      return { code, withdraw: () => store.remove(codeKey(id)) };
    },

    /** A right code stays good. */
    async check(question: Question, { requestId }: { requestId: string }) {
      await verify(question, requestId);
      return {};
    },

    /** A right code is taken out of use: of any number who spend it, one succeeds. */
    async spend(question: Question, { requestId }: { requestId: string }) {
      const id = await verify(question, requestId);
      if ((await store.take(codeKey(id))) === null) {
        throw refusals.refuse('code-unknown', { requestId, phone: question.phone });
      }
      return {};
    },
  };
}
export type Codes = ReturnType<typeof createCodes>;
