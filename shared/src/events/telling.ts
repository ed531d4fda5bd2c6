import type { EventKind } from '../contracts/event.ts';
import { decodeEvents } from './event-text.ts';
import type { Consumer } from './events.ts';

/** Tells a consumer what a message holds of its kinds, in the order of the message. */
export async function tell<K extends EventKind>(
  { kinds, handle, handleAll }: Pick<Consumer<K>, 'kinds' | 'handle' | 'handleAll'>,
  text: string,
): Promise<void> {
  const events = decodeEvents(text, kinds);
  if (handleAll && events.length > 1) await handleAll(events);
  else for (const event of events) await handle(event);
}
