import t from 'tap';
import { aliyunAuthorization, aliyunQuery } from '../../src/providers/aliyun-signature.ts';
import { tencentAuthorization } from '../../src/providers/tencent-signature.ts';
import { aliyunSignature } from './aliyun-stub.ts';
import { tencentSignature } from './tencent-stub.ts';

/**
 * Tencent's worked example: https://cloud.tencent.com/document/api/213/30654. Its keys are printed as asterisks,
 * and the published signature is that of the asterisks; an older edition of the page
 * (https://www.tencentcloud.com/document/product/267/37447) has EXAMPLE keys and signs two headers.
 */
t.test("Tencent's published examples", async (t) => {
  const body = '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}';
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    host: 'cvm.tencentcloudapi.com',
    'x-tc-action': 'DescribeInstances',
  };
  const editions = [
    {
      secretId: 'AKID********************************',
      secretKey: '********************************',
      headers,
      authorization:
        'TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
      signed: 'content-type;host;x-tc-action',
      signature: '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
    },
    {
      secretId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE',
      secretKey: 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE',
      headers: { host: headers.host, 'content-type': headers['content-type'] },
      authorization:
        'TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
      signed: 'content-type;host',
      signature: '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
    },
  ];
  for (const { secretId, secretKey, headers, authorization, signed, signature } of editions) {
    t.test(`are what the provider signs and what the stub asks for: ${signed}`, async (t) => {
      const key = { secretId, secretKey, service: 'cvm', seconds: 1551113065 };
      t.equal(tencentAuthorization(key, { query: '', headers, body }), authorization);
      const received = {
        method: 'POST',
        target: '/',
        headers: new Map([...Object.entries(headers), ['x-tc-timestamp', '1551113065']]),
        body: Buffer.from(body),
      };
      t.equal(tencentSignature(received, signed, '2019-02-25/cvm/tc3_request', secretKey), signature);
    });
  }
});

/** Aliyun's worked example with fixed values: https://help.aliyun.com/document_detail/2593177.html */
t.test("Aliyun's published example is what the provider signs and what the stub asks for", async (t) => {
  const headers = {
    'x-acs-version': '2014-05-26',
    'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
    'x-acs-date': '2023-10-26T10:22:32Z',
    'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-acs-action': 'RunInstances',
    host: 'ecs.cn-shanghai.aliyuncs.com',
  };
  const query = aliyunQuery({
    RegionId: 'cn-shanghai',
    ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
  });
  const signed = 'host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version';
  const signature = '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0';
  t.equal(
    aliyunAuthorization(
      { accessKeyId: 'YourAccessKeyId', accessKeySecret: 'YourAccessKeySecret' },
      { query, headers, body: '' },
    ),
    `ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=${signed},Signature=${signature}`,
  );
  const received = {
    method: 'POST',
    target: `/?${query}`,
    headers: new Map(Object.entries(headers)),
    body: Buffer.alloc(0),
  };
  t.equal(aliyunSignature(received, signed, 'YourAccessKeySecret'), signature);
});

t.test('blanks around a header are not signed, as no server sees them', async (t) => {
  const sign = (version: string) =>
    aliyunAuthorization(
      { accessKeyId: 'id', accessKeySecret: 'secret' },
      { query: '', headers: { host: 'a', 'x-acs-version': version }, body: '' },
    );
  t.equal(sign(' 2017-05-25 '), sign('2017-05-25'));
});

t.test('a query is sorted and escaped as RFC 3986 has it', async (t) => {
  t.equal(
    aliyunQuery({ b: "a+b *~!'()/", a: '【签】' }),
    'a=%E3%80%90%E7%AD%BE%E3%80%91&b=a%2Bb%20%2A~%21%27%28%29%2F',
  );
});
