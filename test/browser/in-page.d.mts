export function widths(): { readonly content: number; readonly window: number };
export function unfold(): void;
export function faintTexts(least: number): readonly string[];
