import type { AddressLimit } from '../rate-limit.ts';
import type { DialectDependencies } from './dialect.ts';

/** What one address may register without an SMS or a sign-up of its own, over all documents together. */
export const limitRegistrations = ({
  settings,
  limitPerAddress,
}: Pick<DialectDependencies, 'settings' | 'limitPerAddress'>): AddressLimit =>
  limitPerAddress({
    name: 'register',
    limit: settings.REGISTER_RATE,
    windowMs: settings.REGISTER_RATE_WINDOW_MS,
  });
