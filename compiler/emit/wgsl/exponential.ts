/**
 * e^x for f32 within 2 units in the last place (tested against doubles). WGSL lets `exp` miss by 3 + 2|x| units, and
 * drivers use it: a model that raises such values to powers shows it.
 *
 * e^x = 2^n·e^r with n = round(x·log2 e). ln 2 is taken in two parts, the first so short that n times it is exact.
 */
export const EXPONENTIAL = `fn exponential(x: f32) -> f32 {
  // By its bits: a driver may assume that a comparison never meets one.
  if ((bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u) { return x; }
  let inside = clamp(x, -104f, 89f);
  let n = round(inside * 1.44269504f);
  let r = (inside - n * 0.693359375f) + n * 0.000212194440f;
  let whole = 1f + (r + r * r * (0.5f + r * (0.166666667f + r * (0.0416666667f
    + r * (0.00833333333f + r * (0.00138888889f + r * 0.000198412698f))))));
  // In two steps, since the scale of the smallest and largest results is no number itself.
  let half = i32(n) / 2;
  return ldexp(ldexp(whole, half), i32(n) - half);
}`;
