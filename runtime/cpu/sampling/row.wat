;; What the sampler does for every token of a row. Addresses and lengths are in bytes; every array has 4 bytes a token.
;; `node scripts/assemble-row.mjs` makes row-module.ts of it.
(module
  (import "ricci" "memory" (memory 1 65536 shared))

  ;; Copies logits, NaN as -inf. Whether all were finite.
  (func (export "read") (param $from i32) (param $to i32) (param $bytes i32) (result i32)
    (local $at i32) (local $x f32) (local $finite i32)
    (local.set $finite (i32.const 1))
    (loop $next
      (local.set $x (f32.load (i32.add (local.get $from) (local.get $at))))
      (local.set $finite (i32.and (local.get $finite) (f32.lt (f32.abs (local.get $x)) (f32.const inf))))
      (f32.store (i32.add (local.get $to) (local.get $at))
        (select (local.get $x) (f32.const -inf) (f32.eq (local.get $x) (local.get $x))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $bytes))))
    (local.get $finite))

  ;; The first of the largest logits, which are not NaN: its place in bytes.
  (func (export "likeliest") (param $logits i32) (param $bytes i32) (result i32)
    (local $at i32) (local $best i32) (local $x f32) (local $highest f32)
    (local.set $highest (f32.const -inf))
    (loop $next
      (local.set $x (f32.load (i32.add (local.get $logits) (local.get $at))))
      (if (f32.gt (local.get $x) (local.get $highest))
        (then
          (local.set $highest (local.get $x))
          (local.set $best (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $bytes))))
    (local.get $best))

  ;; c - floor(slope * fraction / 2^32), a step of Horner's rule
  (func $step (param $c i64) (param $slope i64) (param $fraction i64) (result i64)
    (i64.sub (local.get $c) (i64.shr_u (i64.mul (local.get $slope) (local.get $fraction)) (i64.const 32))))

  ;; round(2^31 * 2^-halvings): halvedWeight of runtime/sampling/weights.ts
  (func $halved (param $halvings f32) (result i64)
    (local $fixed i64) (local $whole i64) (local $fraction i64) (local $slope i64)
    (local.set $fixed (i64.trunc_sat_f64_s
      (f64.mul (f64.promote_f32 (local.get $halvings)) (f64.const 4294967296))))
    (local.set $whole (i64.shr_u (local.get $fixed) (i64.const 32)))
    (local.set $fraction (i64.and (local.get $fixed) (i64.const 4294967295)))
    (local.set $slope (call $step (i64.const 5482065) (i64.const 469816) (local.get $fraction)))
    (local.set $slope (call $step (i64.const 41153319) (local.get $slope) (local.get $fraction)))
    (local.set $slope (call $step (i64.const 238338570) (local.get $slope) (local.get $fraction)))
    (local.set $slope (call $step (i64.const 1031758041) (local.get $slope) (local.get $fraction)))
    (local.set $slope (call $step (i64.const 2977044187) (local.get $slope) (local.get $fraction)))
    (i64.shr_u
      (i64.add
        (i64.sub (i64.const 2147483648)
          (i64.shr_u (i64.mul (local.get $slope) (local.get $fraction)) (i64.const 33)))
        (i64.shr_u (i64.shl (i64.const 1) (local.get $whole)) (i64.const 1)))
      (local.get $whole)))

  ;; The weights of logits that are not NaN (weightOf of runtime/sampling/weights.ts). Their sum.
  (func (export "weigh") (param $logits i32) (param $weights i32) (param $bytes i32)
    (param $heaviest f32) (param $perHalf f32) (param $cutoff f32) (result f64)
    (local $at i32) (local $x f32) (local $half f32) (local $weight i64) (local $sum i64)
    (loop $next
      (local.set $x (f32.load (i32.add (local.get $logits) (local.get $at))))
      (local.set $half
        (f32.sub (f32.mul (local.get $heaviest) (f32.const 0.5)) (f32.mul (local.get $x) (f32.const 0.5))))
      (local.set $weight
        (if (result i64) (f32.lt (local.get $half) (local.get $cutoff))
          (then (call $halved (f32.mul (local.get $half) (local.get $perHalf))))
          ;; two equal infinities have no difference
          (else (select (i64.const 2147483648) (i64.const 0) (f32.eq (local.get $x) (local.get $heaviest))))))
      (i64.store32 (i32.add (local.get $weights) (local.get $at)) (local.get $weight))
      (local.set $sum (i64.add (local.get $sum) (local.get $weight)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $bytes))))
    (f64.convert_i64_u (local.get $sum)))

  ;; Puts every token that weighs anything into a bin, by its distance from the heaviest; what is beyond goes into the
  ;; last bin, and the bin of tokens that weigh nothing is -1. Counts (i32) and masses (f64), which are 0 before, become
  ;; those of each bin and all before it.
  (func (export "rank") (param $logits i32) (param $weights i32) (param $bins i32) (param $bytes i32)
    (param $heaviest f32) (param $binsPerLogit f64) (param $last i32) (param $counts i32) (param $masses i32)
    (local $at i32) (local $x f32) (local $weight i32) (local $bin i32) (local $place i32)
    (local $count i32) (local $mass f64)
    (loop $next
      (local.set $x (f32.load (i32.add (local.get $logits) (local.get $at))))
      (local.set $weight (i32.load (i32.add (local.get $weights) (local.get $at))))
      (local.set $bin (i32.const -1))
      (if (local.get $weight)
        (then
          ;; two equal infinities have no difference: as unsigned, NaN is 0
          (local.set $bin (i32.trunc_sat_f64_u (f64.mul (local.get $binsPerLogit)
            (f64.sub (f64.promote_f32 (local.get $heaviest)) (f64.promote_f32 (local.get $x))))))
          (local.set $bin
            (select (local.get $bin) (local.get $last) (i32.lt_u (local.get $bin) (local.get $last))))
          (local.set $place (i32.add (local.get $counts) (i32.shl (local.get $bin) (i32.const 2))))
          (i32.store (local.get $place) (i32.add (i32.load (local.get $place)) (i32.const 1)))
          (local.set $place (i32.add (local.get $masses) (i32.shl (local.get $bin) (i32.const 3))))
          (f64.store (local.get $place)
            (f64.add (f64.load (local.get $place)) (f64.convert_i32_u (local.get $weight))))))
      (i32.store (i32.add (local.get $bins) (local.get $at)) (local.get $bin))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $bytes))))
    (local.set $bin (i32.const 0))
    (loop $next
      (local.set $count (i32.add (local.get $count) (i32.load (local.get $counts))))
      (local.set $mass (f64.add (local.get $mass) (f64.load (local.get $masses))))
      (i32.store (local.get $counts) (local.get $count))
      (f64.store (local.get $masses) (local.get $mass))
      (local.set $counts (i32.add (local.get $counts) (i32.const 4)))
      (local.set $masses (i32.add (local.get $masses) (i32.const 8)))
      (local.set $bin (i32.add (local.get $bin) (i32.const 1)))
      (br_if $next (i32.le_u (local.get $bin) (local.get $last)))))

  ;; Copies the logits of one bin.
  (func (export "gather") (param $logits i32) (param $bins i32) (param $bytes i32) (param $bin i32) (param $to i32)
    (local $at i32)
    (loop $next
      (if (i32.eq (i32.load (i32.add (local.get $bins) (local.get $at))) (local.get $bin))
        (then
          (f32.store (local.get $to) (f32.load (i32.add (local.get $logits) (local.get $at))))
          (local.set $to (i32.add (local.get $to) (i32.const 4)))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $bytes)))))

  ;; Leaves the weights that are at least the minimum, of logits above the lowest and of the first `ties` of its equals;
  ;; the others become 0. Their sum.
  (func (export "keep") (param $logits i32) (param $weights i32) (param $bytes i32)
    (param $lowest f32) (param $ties i32) (param $minimum i32) (result f64)
    (local $at i32) (local $x f32) (local $weight i32) (local $kept i32) (local $sum i64)
    (loop $next
      (local.set $x (f32.load (i32.add (local.get $logits) (local.get $at))))
      (local.set $weight (i32.load (i32.add (local.get $weights) (local.get $at))))
      (local.set $kept (f32.gt (local.get $x) (local.get $lowest)))
      (if (f32.eq (local.get $x) (local.get $lowest))
        (then
          (local.set $kept (i32.gt_s (local.get $ties) (i32.const 0)))
          (local.set $ties (i32.sub (local.get $ties) (i32.const 1)))))
      (if (i32.and (local.get $kept) (i32.ge_u (local.get $weight) (local.get $minimum)))
        (then (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $weight)))))
        (else (i32.store (i32.add (local.get $weights) (local.get $at)) (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $bytes))))
    (f64.convert_i64_u (local.get $sum)))

  ;; The first token up to which more than the target lies, which all together do: its place in bytes.
  (func (export "draw") (param $weights i32) (param $target f64) (result i32)
    (local $at i32) (local $sum f64)
    (loop $next
      (local.set $sum (f64.add (local.get $sum)
        (f64.convert_i32_u (i32.load (i32.add (local.get $weights) (local.get $at))))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (f64.le (local.get $sum) (local.get $target))))
    (i32.sub (local.get $at) (i32.const 4))))
