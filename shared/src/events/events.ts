import type { DomainEvent, EventKind } from '../contracts/event.ts';
import type { AppError, ErrorCode } from '../errors.ts';

/** Who wants to be told: one name for all replicas, which share the work. */
export type Consumer<K extends EventKind = EventKind> = {
  /** `service-purpose`, of `a-z` and `-`. Kept for good: under it the stream remembers what was delivered. */
  name: string;
  kinds: readonly K[];
  /**
   * Told at least once of each event, those of one key in their order. What rejects is told again, after a
   * while, and again, with what came before it in the same message; nothing later of that key before it. So it must
   * recognise an event that it has seen.
   */
  handle: (event: DomainEvent<K>) => Promise<void>;
  /** Told instead where several come in one message, in their order; when it rejects all of them are told again. */
  handleAll?: (events: readonly DomainEvent<K>[]) => Promise<void>;
};

/** Resolves when what was under way is done; nothing comes after. */
export type Consuming = { stop(): Promise<void> };

/**
 * What became of an event: it cannot be lost any more, since a stream has it on disk or every consumer in this process
 * has handled it; or why it is not there, or may be there all the same; or it was not tried, because one of its key
 * failed before it, nothing gets through, or there was no time left.
 */
export type Published = 'published' | 'waits' | AppError;

const away: ReadonlySet<ErrorCode> = new Set(['unavailable', 'deadline-passed']);
/** No event gets through now: it says nothing about the one that was tried. */
export const meansAway = ({ code }: AppError) => away.has(code);

/**
 * Events between services, after the commit: at least once, in the order of their key. Services never publish here
 * themselves: they write into their outbox, in the transaction that makes the change.
 */
export type Events = {
  /**
   * Publishes those of each key in the order in which they stand, and together what may go together. Answers what
   * became of each, in the same order; never rejects. Before whatever is to begin `goesOn` is asked whether it may.
   */
  publish(events: readonly DomainEvent[], goesOn?: () => boolean): Promise<Published[]>;
  /**
   * Begins to tell a consumer. It is told what happened while none of its replicas ran, too; at its first time
   * what there still is from before.
   */
  consume<K extends EventKind>(consumer: Consumer<K>): Promise<Consuming>;
  /**
   * All consumers of this process are named. Where there are no others, a publish is `unavailable` until then, so
   * that what waits from before reaches those that start last.
   */
  start(): void;
  close(): Promise<void>;
};
