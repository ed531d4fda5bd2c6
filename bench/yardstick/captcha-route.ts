import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { clientAddress } from '@vestibule/gateway/address';
import type { DialectScope } from '@vestibule/gateway/dialects/dialect';
import { Type } from '@vestibule/shared/schema';
import type { Redis } from 'ioredis';
import { Refusal } from './refusal.ts';
import { drawSvgCaptcha } from './svg-captcha.ts';

const alphabet = 'ACDEFGHJKMNPQRTUVWXY346789';
const length = 5;
const ttlMs = 300_000;

const text = Type.String();
const Captcha = Type.Object({
  cmd: text,
  data: Type.Object({ id: text, picture: text }),
  message: text,
  status: Type.Boolean(),
});

/** A captcha of the accounts document, drawn by svg-captcha and resvg for each request. */
export function captchaRoute(
  app: DialectScope,
  { redis, key, perMinute }: { redis: Redis; key: Buffer; perMinute: number },
): void {
  const digest = (...parts: string[]) =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');

  app.get('/captcha', { schema: { response: { 200: Captcha } } }, async (request) => {
    const counter = `yardstick:captcha-address:${digest('address', clientAddress(request))}`;
    const [used] = await redis.reserve(1, counter, perMinute, 60_000);
    if (used > 0) throw new Refusal(429, 'Too many requests');
    const answer = Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
    const picture = await drawSvgCaptcha(answer);
    const id = randomUUID();
    await redis.set(`yardstick:captcha:${id}`, digest('captcha', id, answer), 'PX', ttlMs);
    const data = { id, picture: `data:image/png;base64,${picture.toString('base64')}` };
    return { cmd: 'captcha', data, message: 'success', status: true };
  });
}
