import type { GatewayParts } from '@vestibule/shared/parts';
import type { Test } from 'tap';
import { client, otherThan, outcome, recordingProvider, startVerification } from './verification-service.ts';

/**
 * Uses the service in all its ways and leaves things open: captchas not spent, codes not used up. Answers what
 * nobody else may come to know: phones, addresses, captchas, codes and a wrong try.
 */
export async function livelyService(t: Test, parts: GatewayParts): Promise<string[]> {
  const [phone, refusedPhone, address] = ['13912345678', '13998765432', '198.51.100.77'];
  const provider = recordingProvider();
  await startVerification(t, parts, { provider });
  const { solved, checkCaptcha, sendCode, checkCode, spendCode } = client(parts);
  const spent = await solved({ address, length: 6 });
  await checkCaptcha(spent);
  const open = await solved({ address, length: 6 });
  await sendCode(phone, address);
  await outcome(sendCode(phone, address));
  provider.fault = new Error('away');
  await outcome(sendCode(refusedPhone, address));
  const code = provider.sent[0]?.code ?? 'none';
  const wrong = otherThan(code);
  await checkCode(phone, code);
  await outcome(spendCode(phone, wrong));
  return [phone, refusedPhone, address, spent.answer, open.answer, code, wrong];
}
