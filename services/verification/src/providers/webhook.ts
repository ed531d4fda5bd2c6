import { createHmac } from 'node:crypto';
import type { WebhookSettings } from './config.ts';
import type { Adapter } from './http-provider.ts';

/**
 * An operator's own receiver: a POST of `{phone, code, expires_in, request_id}` as JSON. Any 2xx says that the
 * SMS is taken, whatever the body; anything else, that it is not. The header `x-signature` is `sha256=` and
 * the HMAC of the body's bytes in hex. A second try repeats the request byte for byte, so the receiver can
 * drop it by its `request_id`.
 */
export function webhookAdapter({ settings }: { settings: WebhookSettings }): Adapter {
  const { SMS_WEBHOOK_URL, SMS_WEBHOOK_SECRET: secret } = settings;
  const url = new URL(SMS_WEBHOOK_URL);
  return {
    name: 'webhook',
    compose({ phone, code, expiresInSeconds, requestId }) {
      const body = JSON.stringify({ phone, code, expires_in: expiresInSeconds, request_id: requestId });
      const headers = { 'content-type': 'application/json' };
      if (secret === undefined) return { url, headers, body };
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      return { url, headers: { ...headers, 'x-signature': `sha256=${signature}` }, body };
    },
    async judge({ status }) {
      return { taken: status >= 200 && status < 300, code: `http-${status}` };
    },
  };
}
