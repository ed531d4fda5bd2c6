import { createHmac } from 'node:crypto';
import type { Test } from 'tap';
import { type Stub, startStub } from './stubs.ts';

export type WebhookSms = { phone: string; code: string; expires_in: number; request_id: string };

/**
 * A receiver as contract.md tells its author to write it: believes nothing without the HMAC of the raw bytes,
 * and drops a `request_id` that it has seen.
 */
export async function startWebhookStub(
  t: Test,
  { secret }: { secret: string | undefined },
): Promise<Stub & { sent: WebhookSms[] }> {
  const sent: WebhookSms[] = [];
  const stub = await startStub(t, ({ method, headers, body }) => {
    const right = secret && `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    if (method !== 'POST' || headers.get('x-signature') !== right) return { status: 401, body: '' };
    if (headers.get('content-type') !== 'application/json') return { status: 415, body: '' };
    const sms: WebhookSms = JSON.parse(body.toString('utf8'));
    if (!sent.some(({ request_id }) => request_id === sms.request_id)) sent.push(sms);
    return { status: 204, body: '' };
  });
  return { ...stub, sent };
}
