//! Local reference numbers.

use crate::sha256::sha256;

/// Letters and digits that nobody takes for each other (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits of the part that says which shipment and filing it is: 80 bits.
const NAMED: usize = 16;

/// The local reference number of a filing's declaration of this number, from 1: at most 22 letters and digits, as the standards
/// have it (an..22), the same wherever and whenever it is made, and no other filing's.
pub fn lrn(shipment: &str, filing: &str, number: u32) -> String {
    let digest = sha256(format!("{shipment}\n{filing}").as_bytes());
    let mut bits: u128 = digest.iter().take(10).fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    let mut named = [b'0'; NAMED];
    for place in named.iter_mut().rev() {
        *place = DIGITS[(bits & 31) as usize];
        bits >>= 5;
    }
    format!("PG{}{number:02}", String::from_utf8_lossy(&named))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_number_is_short_the_same_again_and_no_other_filings() {
        let one = lrn("a", "uk-import", 1);
        assert_eq!(one, lrn("a", "uk-import", 1));
        let several: BTreeSet<String> =
            [("a", "uk-import", 1), ("a", "uk-import", 2), ("a", "uk-export", 1), ("b", "uk-import", 1)]
                .into_iter()
                .map(|(shipment, filing, number)| lrn(shipment, filing, number))
                .collect();
        assert_eq!(several.len(), 4);
        for number in [1, 99, 9_999] {
            let lrn = lrn("0f1e2d3c-4b5a-8978-8695-a4b3c2d1e0f0", "a-filing-with-a-very-long-name-indeed", number);
            assert!(lrn.len() <= 22 && lrn.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{lrn}");
        }
    }
}
