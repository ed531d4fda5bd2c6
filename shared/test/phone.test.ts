import { isMobileNumber, mobilePattern } from '@vestibule/shared/phone';
import { Type, Value } from '@vestibule/shared/schema';
import t from 'tap';

const networks = [
  ...['130', '131', '132', '133', '134', '135', '136', '137', '138', '139'],
  ...['145', '146', '147', '148', '149'],
  ...['150', '151', '152', '153', '155', '156', '157', '158', '159'],
  '166',
  ...['172', '173', '174', '175', '176', '177', '178'],
  ...['180', '181', '182', '183', '184', '185', '186', '187', '188', '189'],
  ...['190', '191', '192', '193', '195', '196', '197', '198', '199'],
];
const all = Array.from({ length: 1000 }, (_, network) => String(network).padStart(3, '0'));

t.test('numbers of every allocated network are mobile numbers, and no others', async (t) => {
  t.strictSame(
    all.filter((network) => isMobileNumber(`${network}12345678`)),
    networks,
  );
});

t.test('the numbers of virtual operators are refused', async (t) => {
  for (const network of ['162', '165', '167', '170', '171']) {
    t.equal(isMobileNumber(`${network}08037123`), false, network);
  }
});

t.test("the medicine document's network is taken, the openid document's example is none", async (t) => {
  t.equal(isMobileNumber('17608037123'), true);
  t.equal(isMobileNumber('12345678912'), false);
});

t.test('anything but eleven ASCII digits is refused', async (t) => {
  const wrong = ['', '1380000000', '138000000000', '+8613800000000', ' 13800000000', '13800000000\n'];
  for (const text of [...wrong, '138 0000 0000', '1380000000a', '１３８００００００００', '1380000000٠']) {
    t.equal(isMobileNumber(text), false, JSON.stringify(text));
  }
});

t.test('the pattern means the same in a schema', async (t) => {
  const Phone = Type.String({ pattern: mobilePattern });
  t.equal(Value.Check(Phone, '13800000000'), true);
  t.equal(Value.Check(Phone, '17100000000'), false);
  t.equal(Value.Check(Phone, '13800000000\n'), false);
});
