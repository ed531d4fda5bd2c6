import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy, type JetStreamManager, NatsError, nanos, StorageType } from 'nats';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';

const dayMs = 86_400_000;
/** What nobody has asked for in this time is gone. */
const maxAgeMs = 14 * dayMs;
/** An event that is published twice within this time is stored once. */
const duplicateWindowMs = 120_000;
const retryMs = 500;
/** Milliseconds without a word from a consumer's replica after which another one is told. */
export const ackWaitMs = 5000;

/** JetStream's own codes. */
const consumerNotFound = 10014;
const streamNotFound = 10059;
const notEnabled: readonly (number | undefined)[] = [10039, 10076];

function apiCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

function isNotEnabled(error: unknown): boolean {
  return (error instanceof NatsError && error.code === '503') || notEnabled.includes(apiCode(error));
}

/** Makes the stream if it is not there; leaves what an operator has changed of it. */
async function ensureStream(
  manager: JetStreamManager,
  { name, subject, replicas }: { name: string; subject: string; replicas: number },
): Promise<void> {
  try {
    const { config } = await manager.streams.info(name);
    if (config.subjects.includes(subject)) return;
    await manager.streams.update(name, { ...config, subjects: [...config.subjects, subject] });
  } catch (error) {
    if (apiCode(error) !== streamNotFound) throw error;
    await manager.streams.add({
      name,
      subjects: [subject],
      storage: StorageType.File,
      num_replicas: replicas,
      max_age: nanos(maxAgeMs),
      duplicate_window: nanos(duplicateWindowMs),
    });
  }
}

/** Waits, however long, until the stream can be used, and says in the log why it cannot be. */
export async function openStream({
  manager,
  name,
  subject,
  replicas,
  logger,
  ending,
}: {
  manager: JetStreamManager;
  name: string;
  /** All events, with a wildcard. */
  subject: string;
  /** Servers that keep it, if it is made now. */
  replicas: number;
  logger: Logger;
  /** Whether there is nothing to wait for any more. */
  ending: () => boolean;
}): Promise<void> {
  for (let told = ''; ; await delay(retryMs)) {
    try {
      await ensureStream(manager, { name, subject, replicas });
      return;
    } catch (error) {
      if (ending()) throw new AppError('unavailable', {}, error);
      const what = isNotEnabled(error)
        ? 'JetStream is not enabled on the server'
        : 'the stream cannot be opened';
      if (what !== told) logger.warn({ err: error, stream: name }, `${what}: waiting for it`);
      told = what;
    }
  }
}

/**
 * Makes a durable consumer if it is not there, or lets it have the events of another filter. It has one event at a
 * time, over all replicas, until that one is acknowledged: that keeps the order.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  { durable, filter }: { durable: string; filter: string },
): Promise<void> {
  try {
    const { config } = await manager.consumers.info(stream, durable);
    if (config.filter_subject === filter) return;
    await manager.consumers.update(stream, durable, { filter_subject: filter });
  } catch (error) {
    if (apiCode(error) !== consumerNotFound) throw error;
    await manager.consumers.add(stream, {
      durable_name: durable,
      filter_subject: filter,
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: 1,
      max_deliver: -1,
    });
  }
}
