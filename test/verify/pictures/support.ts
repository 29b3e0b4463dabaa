import fc from 'fast-check';
import { PNG } from 'pngjs';
import type { Matrix, Rgb } from '../../../verify/pictures/index.ts';
import { elementsNamed, type XmlElement } from './xml.ts';

/** All numbers, NaN and infinities among them. */
export const anyNumber = fc.oneof(
  fc.double(), fc.double({ min: -3, max: 3 }), fc.constantFrom(0, NaN, Infinity, -Infinity),
);

/** Finite numbers of a size that sums of them stay exact enough. */
export const tameNumber = fc.double({ min: -1e3, max: 1e3, noNaN: true });

/** Matrices of any shape up to so many rows and columns. */
export const matrices = (most: number, value: fc.Arbitrary<number> = anyNumber): fc.Arbitrary<Matrix> =>
  fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most })).chain(([rows, columns]) =>
    fc.array(value, { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ rows, columns, values })));

/** Texts with markup, controls, lone halves of surrogate pairs, emoji and all else that a token may hold. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))).map((units) => units.join('')),
  fc.constantFrom('<script>alert(1)</script>', '&amp;', ']]>', '"\'<&>', '<!--', '\u0000', '\ud800', '\uffff'),
  fc.constantFrom('', ' ', '\n', '火'),
);

/** A terminal's sequences for colours, each of which U+001B begins, and a text without them. */
export const SEQUENCE = new RegExp(`${String.fromCharCode(27)}\\[([0-9;]*)m`, 'g');
export const plain = (text: string): string => text.replace(SEQUENCE, '');

export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly colours: readonly Rgb[];
}

/** The colours of an image, row by row. */
export function pixelsOf(png: Uint8Array): Pixels {
  const { width, height, data } = PNG.sync.read(Buffer.from(png));
  const colourOf = (at: number): Rgb => [data[at], data[at + 1], data[at + 2]];
  return { width, height, colours: Array.from({ length: width * height }, (_, i) => colourOf(4 * i)) };
}

/** The images that a picture holds, in order. */
export const imagesOf = (picture: XmlElement): readonly Pixels[] =>
  elementsNamed(picture, 'image').map(({ attributes: { href } }) => {
    const [head, data] = href.split(',');
    if (head !== 'data:image/png;base64') throw new Error(`an image from elsewhere: ${head}`);
    return pixelsOf(Buffer.from(data, 'base64'));
  });

const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** L*, a* and b* of CIELAB for a colour in sRGB, with the white of D65 (IEC 61966-2-1 and CIE 15). */
export function cieLab(colour: Rgb): readonly [lightness: number, a: number, b: number] {
  const [r, g, b] = colour.map((part) => linear(part / 255));
  const root = (t: number): number => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = root(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = root((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
