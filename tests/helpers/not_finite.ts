/** Bits of NaN, of both signs, and of ∞: compilers may assume that no number is one of them. */
export const NOT_FINITE: readonly number[] = [
  0x7fc00000,
  0xffc00000,
  0x7f800000,
];
