import { AppError } from '@vestibule/shared/errors';
import type { Store } from '@vestibule/shared/store/store';

const keyOf = (id: string) => `dev:captcha:${id}`;

/** The texts of captchas as they are, for development alone: what DEV_ROUTES shows. */
export function createPlainCaptchas({ store, ttlMs }: { store: Store; ttlMs: number }) {
  return {
    keep: (id: string, text: string) => store.set(keyOf(id), text, ttlMs),
    forget: (id: string) => store.remove(keyOf(id)),
    async reveal(id: string): Promise<string> {
      const text = await store.get(keyOf(id));
      if (text === null) throw new AppError('captcha-unknown');
      return text;
    },
  };
}
export type PlainCaptchas = ReturnType<typeof createPlainCaptchas>;
