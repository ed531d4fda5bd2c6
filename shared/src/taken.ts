import { setTimeout as delay } from 'node:timers/promises';
import { SettingError } from './config.ts';

/** What only one process can have, a port or a folder, belongs to another one. */
export class TakenError extends SettingError {}

/** Milliseconds: npm and some supervisors start the next process while the last one is still closing. */
const patienceMs = 3000;
const retryMs = 100;

/** Takes something, and if another process has it, waits a little for that one to end. */
export async function whenFree<T>(take: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + patienceMs; ; await delay(retryMs)) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof TakenError) || performance.now() > end) throw error;
    }
  }
}
