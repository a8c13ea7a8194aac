//! Bit sets written as decimal numbers of any size, as `o.fpm` has them (wire contract §3.3).
//!
//! An organization can have more permissions than any machine integer has bits, so these two functions do the little
//! arithmetic needed: schoolbook, on limbs.

/// A decimal limb is less than this.
const NINE_DIGITS: u32 = 1_000_000_000;

/// A binary limb has this many bits, and room for the carry of a multiplication above them.
const LIMB_BITS: usize = 32;
const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;

/// The decimal number whose bit `k` (least significant first) is `bits[k]`.
pub(crate) fn to_decimal(bits: &[bool]) -> String {
    // Little-endian limbs of nine digits; for each bit from the top: number = number * 2 + bit.
    let mut limbs = vec![0_u32];
    for &bit in bits.iter().rev() {
        let mut carry = u32::from(bit);
        for limb in &mut limbs {
            let doubled = *limb * 2 + carry;
            carry = u32::from(doubled >= NINE_DIGITS);
            *limb = doubled - carry * NINE_DIGITS;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut text = String::with_capacity(limbs.len() * 9);
    for limb in limbs.iter().rev() {
        let digits = limb.to_string();
        if !text.is_empty() {
            text.extend(std::iter::repeat_n('0', 9 - digits.len()));
        }
        text.push_str(&digits);
    }
    text
}

/// The lowest `width` bits of a decimal number, least significant first; `None` if the text is not a plain number.
pub(crate) fn from_decimal(text: &str, width: usize) -> Option<Vec<bool>> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Little-endian limbs of 32 bits, cut off at `width`: higher bits belong to no permission.
    let mut limbs = vec![0_u64; width.div_ceil(LIMB_BITS)];
    for digits in text.as_bytes().chunks(9) {
        let (mut carry, mut scale) = (0_u64, 1_u64);
        for digit in digits {
            carry = carry * 10 + u64::from(digit - b'0');
            scale *= 10;
        }
        for limb in &mut limbs {
            let product = *limb * scale + carry;
            carry = product >> LIMB_BITS;
            *limb = product & LIMB_MASK;
        }
    }
    Some((0..width).map(|bit| limbs[bit / LIMB_BITS] >> (bit % LIMB_BITS) & 1 == 1).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_numbers() {
        assert_eq!(to_decimal(&[]), "0");
        assert_eq!(to_decimal(&[true, true]), "3");
        assert_eq!(to_decimal(&[false, true]), "2");
        let mut bit_130 = vec![false; 130];
        bit_130.push(true);
        let two_to_the_130 = "1361129467683753853853498429727072845824";
        assert_eq!(to_decimal(&bit_130), two_to_the_130);
        assert_eq!(from_decimal(two_to_the_130, 131), Some(bit_130));
        assert_eq!(from_decimal(two_to_the_130, 4), Some(vec![false; 4]), "higher bits are cut off");
        assert_eq!(from_decimal("007", 3), Some(vec![true; 3]));
        for odd in ["", "-1", "+1", "0x3", "1e3", "3 ", "٣"] {
            assert_eq!(from_decimal(odd, 4), None, "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn small_numbers_agree_with_the_machine(number: u128) {
            let bits: Vec<bool> = (0..128).map(|bit| number >> bit & 1 == 1).collect();
            prop_assert_eq!(to_decimal(&bits), number.to_string());
            prop_assert_eq!(from_decimal(&number.to_string(), 128), Some(bits));
        }

        #[test]
        fn any_set_survives(bits in prop::collection::vec(any::<bool>(), 0..700)) {
            prop_assert_eq!(from_decimal(&to_decimal(&bits), bits.len()), Some(bits));
        }
    }
}
