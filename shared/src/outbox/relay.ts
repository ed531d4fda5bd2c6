import { setTimeout as delay } from 'node:timers/promises';
import type { DomainEvent } from '../contracts/event.ts';
import { type Events, meansAway } from '../events/events.ts';
import type { Logger } from '../logger.ts';
import type { OutboxRepository, Waiting } from './outbox-repository.ts';

/** Whoever dies while it publishes keeps others from it for so long. */
const leaseMs = 8000;
/** A publish under way takes up to 5 s: later in a lease none is begun. */
const beginMs = 2500;
const rowsAtOnce = 200;
/** Milliseconds for which those that come soon after the first are waited for: one look takes them all. */
const gatherMs = 20;
/** Milliseconds at least between the beginnings of two looks that find something: a load is carried in batches. */
const paceMs = 250;
/** Milliseconds after which a look that was asked for is repeated when somebody else publishes just then. */
const busyMs = 100;
/** Milliseconds at most before an event that fails is tried again. */
const longestHoldMs = 30_000;
/** Milliseconds after which it is said that no event gets through. */
const sayAwayMs = 3000;

type Held = { tries: number; until: number };

/**
 * Publishes what waits in an outbox: one publisher at a time over all replicas, those of one key in their order, a row
 * removed after its publish was acknowledged. A publisher that was thought dead repeats what was published already,
 * and never overtakes.
 */
export function startRelay({
  repository,
  publish,
  holder,
  logger,
  pollMs,
}: {
  repository: OutboxRepository;
  publish: Events['publish'];
  /** A name that no other publisher has. */
  holder: string;
  logger: Logger;
  pollMs: number;
}) {
  const held = new Map<string, Held>();
  const ending = new AbortController();
  let asked = false;
  /** A look that is asked for begins no sooner. */
  let nextLookAt = 0;
  let awaySince: number | null = null;
  let toldAway = false;
  let ring = () => {};

  const stopping = () => ending.signal.aborted;

  /** Waits for those that are to be published together with what was asked for. */
  async function gather(): Promise<void> {
    const ms = Math.max(gatherMs, nextLookAt - performance.now());
    await delay(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  }

  /** Until its time, or until somebody rings. */
  async function rest(ms: number): Promise<void> {
    if (!asked && !stopping()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      ring = resolve;
      await promise;
      clearTimeout(timer);
    }
    if (asked) await gather();
  }

  function hold(key: string, error: unknown): void {
    const tries = (held.get(key)?.tries ?? 0) + 1;
    const forMs = Math.min(pollMs * 2 ** (tries - 1), longestHoldMs);
    held.set(key, { tries, until: performance.now() + forMs });
    logger.warn({ err: error, key, tries }, 'an event is not published; those of its key wait');
  }

  /** Keys that wait for their next try; one whose row somebody else has published meanwhile is forgotten. */
  function heldKeys(): string[] {
    const now = performance.now();
    for (const [key, { until }] of held) if (until + longestHoldMs < now) held.delete(key);
    return [...held].filter(([, { until }]) => until > now).map(([key]) => key);
  }

  function noteAway(error: unknown): void {
    awaySince ??= performance.now();
    if (toldAway || performance.now() - awaySince < sayAwayMs) return;
    toldAway = true;
    logger.warn({ err: error }, 'events cannot be published now; they wait');
  }

  function notePublished(): void {
    if (toldAway) logger.info('events are published again');
    awaySince = null;
    toldAway = false;
  }

  /** Until the time is up. Answers which got through, and whether events do. */
  async function publishRows(rows: readonly Waiting[], end: number) {
    const published: number[] = [];
    const failed = new Set<string>();
    let open = true;
    const events = rows.map(({ event }) => event as DomainEvent); // Whoever added it checked it, and publish does again.
    const results = await publish(events, () => !stopping() && performance.now() <= end);
    for (const [place, { number, key }] of rows.entries()) {
      const result = results[place] ?? 'waits';
      if (result === 'published') {
        held.delete(key);
        published.push(number);
      } else if (result !== 'waits' && meansAway(result)) {
        noteAway(result);
        open = false;
      } else if (result !== 'waits' && !failed.has(key)) {
        hold(key, result);
        failed.add(key);
      }
    }
    if (open && published.length > 0) notePublished();
    return { published, open };
  }

  /** Publishes until nothing is left that can be published now. Answers whether it was its turn. */
  async function round(): Promise<boolean> {
    let published: readonly number[] = [];
    let end = 0;
    const next = async () => {
      // Whoever asks from here on may mean what this look does not see.
      const wasAsked = asked;
      asked = false;
      const begun = performance.now();
      end = begun + beginMs;
      const rows = await repository.take(holder, {
        published,
        except: heldKeys(),
        leaseMs,
        limit: rowsAtOnce,
      });
      if (rows === null) nextLookAt = begun + (wasAsked ? busyMs : 0);
      else if (rows.length > 0) nextLookAt = begun + paceMs;
      return rows;
    };
    let rows = await next();
    if (rows === null) return false;
    try {
      while (rows !== null && !stopping()) {
        const result = await publishRows(rows, end);
        published = result.published;
        const unfinished: boolean = performance.now() > end || rows.length === rowsAtOnce;
        const more: boolean = result.open && (asked || unfinished);
        if (more && !unfinished) await gather();
        rows = more && !stopping() ? await next() : null;
      }
    } finally {
      await repository.release(holder, published);
    }
    return true;
  }

  async function run(): Promise<void> {
    while (!stopping()) {
      const wasAsked = asked;
      try {
        const had = await round();
        await rest(wasAsked && !had ? busyMs : pollMs);
      } catch (error) {
        logger.warn({ err: error }, 'the outbox cannot be read; it is tried again');
        await rest(pollMs);
      }
    }
  }
  const running = run();

  return {
    wake(): void {
      asked = true;
      ring();
    },
    /** Resolves when what is being published is; what waits stays. */
    async stop(): Promise<void> {
      ending.abort();
      ring();
      await running;
    },
  };
}
