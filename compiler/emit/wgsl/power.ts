/**
 * x^y = 2^(y·log2 x) for f32, with the logarithm and the product in two numbers each: within 2 units in the last place
 * for 1e-9 ≤ x ≤ 1e4 and |y| ≤ 2 (tested against doubles), where WGSL's own `pow` may miss by hundreds.
 *
 * log2(2^e·m) = e + (2/ln 2)·artanh(s), s = (m − 1)/(m + 1), for m within √½ … √2. High parts are cut to 12 bits by a
 * mask on their bits, so that their products are exact, and no compiler may simplify the cut away.
 */
export const POWER = `// As in IEEE 754: x^0 = 1, and a negative base takes integer exponents.
fn power(x: f32, y: f32) -> f32 {
  if (y == 0f) { return 1f; }
  let size = positive_power(abs(x), y);
  if (x >= 0f) { return size; }
  let odd = fract(abs(y) * 0.5f) != 0f;
  return select(bitcast<f32>(nan_bits), select(size, -size, odd), fract(y) == 0f);
}

fn high_part(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }

fn power_of_two(n: i32) -> f32 { return bitcast<f32>(u32(n + 127) << 23u); }

fn positive_power(x: f32, y: f32) -> f32 {
  if (!(x >= 1.1754944e-38f && x <= 3.4028234663852886e38f)) { return pow(x, y); }
  // x = m * 2^e, with m from the root of a half to the root of two
  let bits = bitcast<u32>(x) + (0x3f800000u - 0x3f3504f3u);
  let e = f32(i32(bits >> 23u) - 127);
  let f = bitcast<f32>((bits & 0x7fffffu) + 0x3f3504f3u) - 1f;
  // s = f / (2 + f), and what its high part leaves
  let s = f / (2f + f);
  let s_high = high_part(s);
  let f_high = high_part(f);
  let s_low = (((f - 2f * s_high) - s_high * f_high) - s_high * (f - f_high)) / (2f + f);
  // log2(m) = a + b
  let z = s * s;
  let series = z * (0.333333333f + z * (0.2f + z * (0.142857143f + z * (0.111111111f + z * 0.0909090909f))));
  let a = 2.884765625f * s_high;
  let b = 2.884765625f * s_low + 0.000624456778f * s_high + 2.88539008f * s * series;
  // y * log2(x): two exact products, and the rest
  let y_high = high_part(y);
  let y_low = y - y_high;
  let a_high = high_part(a);
  let p = y_high * e;
  let q = y_high * a_high;
  let rest = y_low * e + (y_high * (a - a_high) + (y_low * a + y * b));
  let n = clamp(round(p + q + rest), -252f, 252f);
  let r = clamp(((p - n) + q) + rest, -1f, 1f) * 0.693147181f;
  let whole = 1f + r * (1f + r * (0.5f + r * (0.166666667f + r * (0.0416666667f
    + r * (0.00833333333f + r * (0.00138888889f + r * 0.000198412698f))))));
  let half = i32(n) / 2;
  return whole * power_of_two(half) * power_of_two(i32(n) - half);
}`;
