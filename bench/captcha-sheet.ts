// Twenty pictures of svg-captcha on the left, twenty of ours on the right, for people to compare; their texts go to the
// standard output, row by row. usage: node bin/launch.mjs node bench/captcha-sheet.ts docs/captcha-pictures.png
import { writeFile } from 'node:fs/promises';
import { renderAsync } from '@resvg/resvg-js';
import { kinds, randomText } from './captcha-kinds.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: captcha-sheet.ts FILE');
const [across, down] = [370, 130];
const [rows, columnsOfKind] = [10, 2];

const images: string[] = [];
const texts: Record<string, string[]> = {};
for (const [kindColumn, [kind, draw]] of Object.entries(kinds).entries()) {
  const drawn = Array.from({ length: rows * columnsOfKind }, (_, index) => randomText(4 + (index % 3)));
  texts[kind] = drawn;
  for (const [index, text] of drawn.entries()) {
    const x = across * (kindColumn * columnsOfKind + (index % columnsOfKind)) + (kindColumn + 1) * 10;
    const y = down * Math.floor(index / columnsOfKind) + 10;
    const data = (await draw(text)).toString('base64');
    images.push(`<image x="${x}" y="${y}" width="360" height="120" href="data:image/png;base64,${data}"/>`);
  }
}
const [width, height] = [across * 2 * columnsOfKind + 20, down * rows + 10];
const sheet = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${images.join('')}</svg>`;
await writeFile(file, (await renderAsync(sheet, { background: '#c8d4e0' })).asPng());
for (const [kind, drawn] of Object.entries(texts)) console.log(`${kind}: ${drawn.join(' ')}`);
