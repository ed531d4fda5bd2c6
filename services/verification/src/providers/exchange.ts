import type { Clock } from '@vestibule/shared/call-context';
import { type Static, type TSchema, Type, type TypeCheck, Value } from '@vestibule/shared/schema';
import { SendFault } from './send-fault.ts';

/** A POST, ready to go out. Whatever is signed is in here, so that a second try is the same request. */
export type ProviderRequest = { url: URL; headers: Readonly<Record<string, string>>; body?: string };

export type ProviderAnswer = {
  status: number;
  /** Whether it answers the second try of the request. */
  repeated: boolean;
  /** Reads the body; throws a SendFault when it is longer than an answer may be, or breaks off. */
  text(): Promise<string>;
};

/** Bytes, after decompression, that an answer may have. */
const maxAnswerBytes = 64 * 1024;

/** What fetch's errors have as their cause. */
const ConnectionFault = Type.Object({
  code: Type.String(),
  socket: Type.Optional(Type.Object({ bytesRead: Type.Number() })),
});
const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const worthASecondTry = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

function connectionFault(error: unknown): Static<typeof ConnectionFault> | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return Value.Check(ConnectionFault, cause) ? cause : undefined;
}

/** Refused, or broken off before a byte of an answer. */
function isWorthASecondTry(error: unknown): boolean {
  const fault = connectionFault(error);
  if (fault === undefined) return false;
  return (
    worthASecondTry.has(fault.code) || (fault.code === 'UND_ERR_SOCKET' && fault.socket?.bytesRead === 0)
  );
}

function asFault(error: unknown): SendFault {
  if (error instanceof DOMException && error.name === 'TimeoutError') return new SendFault('timed-out');
  const code = connectionFault(error)?.code;
  const reason = code !== undefined && neverConnected.has(code) ? 'unreachable' : 'connection-lost';
  return new SendFault(reason, { fault: code }, error);
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > maxAnswerBytes) throw new SendFault('answer-unusable', { status: response.status });
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof SendFault) throw error;
    const fault = asFault(error);
    if (fault.reason === 'timed-out') throw fault;
    throw new SendFault('answer-unusable', { status: response.status }, error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Sends a request and lets `read` make sense of its answer, all of it within `timeoutMs` and before the
 * deadline. A connection that is refused, or breaks before any answer, is tried once more; after a time-out
 * or an answer never, or the phone might get two SMS. Redirects are not followed: they are answers.
 * Throws a SendFault.
 */
export function createExchange({ timeoutMs, clock }: { timeoutMs: number; clock: Clock }) {
  async function answerTo(request: ProviderRequest, signal: AbortSignal) {
    const post = () =>
      fetch(request.url, {
        method: 'POST',
        // A kept connection that the provider closes meanwhile looks like one that broke under the request.
        headers: { ...request.headers, connection: 'close' },
        body: request.body ?? null,
        redirect: 'manual',
        signal,
      });
    try {
      return { response: await post(), repeated: false };
    } catch (error) {
      if (!isWorthASecondTry(error)) throw error;
      return { response: await post(), repeated: true };
    }
  }

  return async function exchange<T>(
    request: ProviderRequest,
    deadline: number,
    read: (answer: ProviderAnswer) => Promise<T>,
  ): Promise<T> {
    const patienceMs = Math.floor(Math.min(timeoutMs, deadline - clock()));
    if (patienceMs <= 0) throw new SendFault('too-late');
    const { response, repeated } = await answerTo(request, AbortSignal.timeout(patienceMs)).catch(
      (error: unknown) => {
        throw asFault(error);
      },
    );
    try {
      return await read({ status: response.status, repeated, text: () => readText(response) });
    } finally {
      // Nobody wants the rest of it, so neither how it ends.
      if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
    }
  };
}

/** The body as JSON of the given shape, or null when it is anything else. */
export async function readJson<S extends TSchema>(
  check: TypeCheck<S>,
  answer: ProviderAnswer,
): Promise<Static<S> | null> {
  const text = await answer.text();
  try {
    const value: unknown = JSON.parse(text);
    return check.Check(value) ? value : null;
  } catch {
    return null;
  }
}
