import type { PasswordEngine } from '../src/password-hashing.ts';

/** As quick as no hash is, and counted; `held` makes comparisons wait. */
export function quickEngine() {
  const counts = { hashed: 0, verified: 0 };
  const engine: PasswordEngine & { counts: typeof counts; before: () => Promise<void> } = {
    counts,
    before: async () => {},
    async hash(text) {
      counts.hashed += 1;
      return `hash of ${text}`;
    },
    async verify(hash, text) {
      counts.verified += 1;
      await engine.before();
      return hash === `hash of ${text}`;
    },
  };
  return engine;
}
