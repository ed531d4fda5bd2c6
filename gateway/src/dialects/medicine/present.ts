/** The document's table of codes, whole; 4102, 4302 and 4501 are reserved: nothing here answers them. */
export const meanings = {
  '0': '成功',
  '4001': '数据库查询错误',
  '4002': '无数据',
  '4003': '数据已存在',
  '4004': '数据错误',
  '4101': '用户未登录',
  '4102': '用户登录失败',
  '4103': '参数错误',
  '4104': '用户不存在或未激活',
  '4105': '用户身份错误',
  '4106': '密码错误',
  '4201': '非法请求或请求次数受限',
  '4202': 'IP受限',
  '4301': '第三方系统错误',
  '4302': '文件读写错误',
  '4500': '内部错误',
  '4501': '未知错误',
} as const;

/** A code of the document. */
export type ReCode = keyof typeof meanings;

/** A good answer, in the words that the document gives the operation. */
export const good = (msg: string) => ({ re_code: '0', msg });

/** A bad answer: the document words none of them, so its table does. */
export const bad = (code: Exclude<ReCode, '0'>) => ({ re_code: code, msg: meanings[code] });
