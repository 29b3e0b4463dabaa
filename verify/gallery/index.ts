export { galleryOf, picturesOf, textGallery, type Drawn, type Gallery, type TextGallery } from './gallery.ts';
export { matricesOf } from './matrices.ts';
export type { Picture } from './picture.ts';
