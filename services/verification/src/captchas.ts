import type { Handler } from '@vestibule/shared/bus/bus';
import type { verificationContracts } from '@vestibule/shared/contracts/verification';
import type { Store } from '@vestibule/shared/store/store';
import type { WorkQueue } from '@vestibule/shared/work-queue';
import type { Digests } from './digests.ts';
import type { PlainCaptchas } from './plain-captchas.ts';
import type { Refusals } from './refusals.ts';

type Contracts = typeof verificationContracts;
type Key = { scope: string; id: string };

/** Letters and digits that nobody takes for one another, in either case. */
export const alphabet = 'ACDEFGHJKMNPQRTUVWXY346789';

const keyOf = ({ scope, id }: Key) => `captcha:${scope}:${id}`;

/** Captchas: drawn here, kept as a keyed digest, good for one try. */
export function createCaptchas({
  store,
  digests,
  refusals,
  plainCaptchas,
  drawings,
  draw,
  randomInt,
  randomId,
  ttlMs,
  perMinute,
}: {
  store: Store;
  digests: Digests;
  refusals: Refusals;
  /** Where DEV_ROUTES is off there are none. */
  plainCaptchas: PlainCaptchas | null;
  drawings: WorkQueue;
  draw: (text: string) => Promise<Buffer>;
  /** From 0 to one below the limit; not to be guessed. */
  randomInt: (limit: number) => number;
  randomId: () => string;
  ttlMs: number;
  /** Of one address; null: not limited. */
  perMinute: number | null;
}) {
  const answerDigest = ({ scope, id }: Key, answer: string) =>
    digests.of('captcha', scope, id, answer.toUpperCase());

  async function countAddress(address: string, requestId: string): Promise<void> {
    if (perMinute === null) return;
    const key = `captcha-address:${digests.of('address', address)}`;
    const reservation = await store.reserve([{ key, limit: perMinute, windowMs: 60_000 }]);
    if (reservation.granted) return;
    throw refusals.refuse('captcha-address', { requestId, retryAfterMs: reservation.retryAfterMs });
  }

  const create: Handler<Contracts['newCaptcha']> = async (
    { scope, id = randomId(), replaces, length, address },
    { deadline, requestId },
  ) => {
    await countAddress(address, requestId);
    const text = Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
    const picture = await drawings.run(deadline, () => draw(text));
    // Before the new one is kept: a client may name the same id twice.
    if (replaces !== undefined) await store.remove(keyOf({ scope, id: replaces }));
    await store.set(keyOf({ scope, id }), answerDigest({ scope, id }, text), ttlMs);
    await plainCaptchas?.keep(id, text);
    return { id, png: picture.toString('base64') };
  };

  /** Takes the captcha out of the store before anything else is looked at: of any number who try, one may. */
  const check: Handler<Contracts['checkCaptcha']> = async ({ scope, id, answer }, { requestId }) => {
    const kept = await store.take(keyOf({ scope, id }));
    if (kept === null) throw refusals.refuse('captcha-unknown', { requestId });
    await plainCaptchas?.forget(id);
    if (!digests.same(kept, answerDigest({ scope, id }, answer))) {
      throw refusals.refuse('captcha-wrong', { requestId });
    }
    return {};
  };

  return { create, check };
}
export type Captchas = ReturnType<typeof createCaptchas>;
