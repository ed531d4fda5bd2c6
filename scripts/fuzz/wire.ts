import { connect } from 'node:net';
import type { Framing } from './requests.ts';

/** A request as bytes: what stands before the body, and the body. */
export type Wire = {
  method: string;
  target: string;
  headers: readonly string[];
  body: Buffer;
  framing: Framing;
};

/** What came back; null: the connection was closed without an answer. */
export type Answer = { status: number; headers: Readonly<Record<string, string>>; body: Buffer };
export type Outcome = { answer: Answer | null; ms: number; hung: boolean };

const chunk = (bytes: Buffer, size = bytes.length.toString(16)) =>
  Buffer.concat([Buffer.from(`${size}\r\n`), bytes, Buffer.from('\r\n')]);
const lastChunk = Buffer.from('0\r\n\r\n');

/** Header lines and bytes of a body in the given framing. */
function framed({ body, framing }: Wire): { lines: readonly string[]; bytes: Buffer } {
  const length = `content-length: ${body.length}`;
  const chunked = 'transfer-encoding: chunked';
  switch (framing) {
    case 'chunked':
      return {
        lines: [chunked],
        bytes: Buffer.concat([...(body.length > 0 ? [chunk(body)] : []), lastChunk]),
      };
    case 'bad chunk':
      return { lines: [chunked], bytes: chunk(body, 'zz') };
    case 'too long':
      return { lines: [`content-length: ${body.length + 10}`], bytes: body };
    case 'too short':
      return { lines: [`content-length: ${Math.max(0, body.length - 1)}`], bytes: body };
    case 'both':
      return { lines: [length, chunked], bytes: body };
    case 'twice':
      return { lines: [length, 'content-length: 3'], bytes: body };
    case 'no number':
      return { lines: ['content-length: -1'], bytes: body };
    case 'folded header':
      return { lines: [length, 'x-folded: a', ' b'], bytes: body };
    case 'bad header':
      return { lines: [length, 'no header'], bytes: body };
    case 'nul in header':
      return { lines: [length, 'x-nul: a\0b'], bytes: body };
    case 'many headers':
      return { lines: [length, ...Array.from({ length: 3000 }, (_, index) => `x-${index}: 1`)], bytes: body };
    case 'long header':
      return { lines: [length, `x-long: ${'a'.repeat(40_000)}`], bytes: body };
    case 'expect':
      return { lines: [length, 'expect: 100-continue'], bytes: body };
    default:
      return { lines: [length], bytes: body };
  }
}

const versions: Partial<Record<Framing, string>> = { 'http/1.0': 'HTTP/1.0', 'http/9': 'HTTP/9.9' };

/** Text in a header or a request line is Latin-1. */
export function bytesOf(wire: Wire, host: string): Buffer {
  const { method, target, headers, framing, body } = wire;
  if (framing === 'bytes alone') return Buffer.concat([Buffer.from([0x16, 3, 1]), body]);
  const { lines, bytes } = framed(wire);
  const hosts = framing === 'no host' ? [] : framing === 'two hosts' ? [host, 'evil.example'] : [host];
  const version = versions[framing] ?? 'HTTP/1.1';
  const first = framing === 'bare line' ? `${method} ${target}` : `${method} ${target} ${version}`;
  const head = [first, ...hosts.map((name) => `host: ${name}`), 'connection: close', ...headers, ...lines];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.subarray(at, end).toString(), 16);
    if (end < 0 || !(size > 0)) break;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

/** Reads the first answer; those with a status below 200 only come before it. */
export function parseAnswer(bytes: Buffer): Answer | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(first.split(' ')[1]);
  const rest = bytes.subarray(end + 4);
  if (status < 200) return parseAnswer(rest);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  if (headers['transfer-encoding'] === 'chunked') return { status, headers, body: unchunked(rest) };
  const length = headers['content-length'];
  return { status, headers, body: length === undefined ? rest : rest.subarray(0, Number(length)) };
}

/** Sends bytes on a connection of their own; the other side closes it. */
export function exchange({
  port,
  bytes,
  patienceMs,
}: {
  port: number;
  bytes: Buffer;
  patienceMs: number;
}): Promise<Outcome> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      socket.destroy();
    }, patienceMs);
    socket.on('data', (data: Buffer) => received.push(data));
    // A refusal may reset what is still being sent; what came before it counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ answer: parseAnswer(Buffer.concat(received)), ms: performance.now() - begun, hung });
    });
    socket.write(bytes);
  });
}

const quoted = (text: string) =>
  /^[ -~]*$/.test(text) && !text.includes("'")
    ? `'${text}'`
    : `$'${text.replaceAll(/[^ -~]|['\\]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`)}'`;

/** The request for a shell: curl where HTTP is kept, else its bytes as they are. */
export function shellLine(wire: Wire, url: string): string {
  const { host, hostname, port } = new URL(url);
  const { method, target, headers, body, framing } = wire;
  const sound = framing === 'length' || framing === 'chunked' || framing === 'expect';
  if (!sound || !target.startsWith('/')) {
    return `printf %b ${quoted(bytesOf(wire, host).toString('latin1').replaceAll('\\', '\\\\'))} | nc ${hostname} ${port}`;
  }
  const more = framing === 'chunked' ? ['transfer-encoding: chunked'] : [];
  const parts = [...headers, ...more].map((line) => `-H ${quoted(line)}`);
  const data = body.length > 0 ? [`--data-binary ${quoted(body.toString('latin1'))}`] : [];
  return ['curl -i --path-as-is -X', quoted(method), ...parts, ...data, quoted(url + target)].join(' ');
}
