/** An answer as a client of the medicine document sees it, and the milliseconds that it took. */
export type MedicineAnswer = { status: number; re_code: string; cookie: string | null; ms: number };

export type Captcha = { uuid: string; img_code_client: string };

let uuids = 0;

/**
 * A client of the medicine document on one gateway, which trusts it to name the address that it comes from: one
 * of its own for each request, unless told.
 */
export function medicineClient(gateway: string) {
  let addresses = 0;
  const ownAddress = () => {
    addresses += 1;
    return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
  };
  async function ask(
    path: string,
    {
      fields,
      address = ownAddress(),
      ...init
    }: { method?: string; fields?: object; address?: string; headers?: object } = {},
  ): Promise<MedicineAnswer> {
    const begin = performance.now();
    const response = await fetch(`${gateway}/api/1.0${path}`, {
      method: fields ? 'POST' : 'GET',
      ...init,
      headers: {
        'x-forwarded-for': address,
        ...(fields ? { 'content-type': 'application/json' } : {}),
        ...init.headers,
      },
      ...(fields ? { body: JSON.stringify(fields) } : {}),
      signal: AbortSignal.timeout(60_000),
    });
    const picture = response.headers.get('content-type') === 'image/png';
    const { re_code } = picture ? { re_code: 'picture' } : Object(await response.json());
    if (picture) await response.arrayBuffer();
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? null;
    return { status: response.status, re_code, cookie, ms: performance.now() - begin };
  }

  const imageCode = (uuid: string) => ask(`/imageCode?uuid=${uuid}`);
  const smsCode = (phone: string, captcha: Captcha) => ask('/smsCode', { fields: { phone, ...captcha } });
  async function captcha(): Promise<Captcha> {
    uuids += 1;
    const uuid = `captcha-${uuids}`;
    await imageCode(uuid);
    const shown = await fetch(`${gateway}/dev/captcha/${uuid}`, { signal: AbortSignal.timeout(60_000) });
    return { uuid, img_code_client: Object(await shown.json()).answer };
  }
  return {
    imageCode,
    captcha,
    smsCode,
    /** Solves a captcha and has a code sent. */
    askForCode: async (phone: string) => smsCode(phone, await captcha()),
    register: (phone: string, code: string, password = 'mai') =>
      ask('/register', { fields: { phone, phone_code: code, password, password2: password } }),
    login: (phone: string, password = 'mai', address = ownAddress()) =>
      ask('/sessions', { fields: { phone, password }, address }),
    logout: (cookie: string) => ask('/sessions', { method: 'DELETE', headers: { cookie } }),
  };
}
export type MedicineClient = ReturnType<typeof medicineClient>;

/** How often each code was answered. */
export function tally(answers: readonly MedicineAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { re_code } of answers) counts[re_code] = (counts[re_code] ?? 0) + 1;
  return counts;
}
