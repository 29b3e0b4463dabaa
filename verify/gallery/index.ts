export { galleryOf, picturesOf, type Drawn, type Gallery } from './gallery.ts';
export { matricesOf } from './matrices.ts';
export type { Picture } from './picture.ts';
