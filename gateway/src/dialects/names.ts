/** The documents that the gateway can serve, in the order in which the OpenAPI page shows them. */
export const dialectNames = ['repair', 'accounts', 'medicine', 'openid', 'charity'] as const;
export type DialectName = (typeof dialectNames)[number];
