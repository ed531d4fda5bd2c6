/**
 * The mobile numbers of mainland China as a pattern for schemas: 11 digits that begin with a network number
 * of the ministry's list (MIIT, allocations up to March 2023), without 162, 165, 167, 170 and 171, which
 * belong to the virtual operators.
 */
export const mobilePattern = '^1(?:3[0-9]|4[5-9]|5[0-35-9]|66|7[2-8]|8[0-9]|9[0-35-9])[0-9]{8}$';

/** A phone that is only written down, not proved: 5 to 20 of digits, `+`, `-` and space, as repair and openid hold it. */
export const phoneTextPattern = '^[0-9+ -]{5,20}$';

const mobile = new RegExp(mobilePattern);

/** Whether text is a mobile number that accounts and medicine take. */
export const isMobileNumber = (text: string): boolean => mobile.test(text);
