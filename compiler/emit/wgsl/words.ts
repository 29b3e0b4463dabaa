/** Words with a meaning of their own in WGSL ("Keywords" and "Reserved Words" of its specification). */
const RESERVED = `alias break case const const_assert continue continuing default diagnostic discard else enable false
fn for if let loop override requires return struct switch true var while NULL Self abstract active alignas alignof as
asm asm_fragment async attribute auto await become cast catch class co_await co_return co_yield coherent column_major
common compile compile_fragment concept const_cast consteval constexpr constinit crate debugger decltype delete demote
demote_to_helper do dynamic_cast enum explicit export extends extern external fallthrough filter final finally friend
from fxgroup get goto groupshared highp impl implements import inline instanceof interface layout lowp macro
macro_rules match mediump meta mod module move mut mutable namespace new nil noexcept noinline nointerpolation
non_coherent noncoherent noperspective null nullptr of operator package packoffset partial pass patch pixelfragment
precise precision premerge priv protected pub public readonly ref regardless register reinterpret_cast require
resource restrict self set shared sizeof smooth snorm static static_assert static_cast std subroutine super target
template this thread_local throw trait try type typedef typeid typename typeof union unless unorm unsafe unsized use
using varying virtual volatile wgsl where with writeonly yield`;

/** Types and functions of WGSL that kernels use: a variable of that name would hide them. */
const PREDECLARED = `f32 i32 u32 bool vec3 vec4 array ptr abs atan2 bitcast ceil clamp cos dot exp exp2 extractBits floor
fma fract frexp ldexp log log2 max min pow round select sign sin sqrt subgroupAdd subgroupBroadcast subgroupMul
subgroupMax subgroupMin tanh trunc unpack2x16float vec2 workgroupBarrier`;

/** Names that modules declare. */
const OWN = `Sizes sizes one main lane cell group thread workgroup workgroups lanes_sum lanes_prod lanes_max lanes_min
as_rounded top_half add_product lanes_compensated exponential power permute positive_power power_of_two high_part
random_uniform hyperbolic_tangent four_exponential four_power four_hyperbolic_tangent infinity_bits nan_bits bf16_at
four_bf16 f16_at four_f16 int8_at four_int8`;

const WORDS: ReadonlySet<string> = new Set(`${RESERVED} ${PREDECLARED} ${OWN}`.split(/\s+/));

/** Whether a word may not name a variable of a kernel. */
export const isWord = (name: string): boolean => WORDS.has(name);

/** A name that may be declared: a word of the language gets an underscore (one more, where it has some). */
export const declarable = (name: string): string => (isWord(name.replace(/_+$/, '')) ? `${name}_` : name);
