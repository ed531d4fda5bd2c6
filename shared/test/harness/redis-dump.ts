import { Redis } from 'ioredis';

/** All that a Redis holds, keys and values, as text to be searched. */
export async function redisDump(url: string): Promise<string> {
  const client = new Redis(url);
  try {
    const lines: string[] = [];
    for await (const keys of client.scanStream() as AsyncIterable<string[]>) {
      for (const key of keys) lines.push(`${key} ${await client.get(key)}`);
    }
    return lines.join('\n');
  } finally {
    client.disconnect();
  }
}
