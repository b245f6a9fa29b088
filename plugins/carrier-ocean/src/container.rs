//! Container numbers (ISO 6346): owner code, category, serial number and a check digit.

/// What is wrong with a container number, if anything. `None` says that it is right, or that it has no check digit.
///
/// The check is a warning everywhere: real messages carry dummies and containers of shippers' own numbering.
pub(crate) fn complaint(id: &str) -> Option<String> {
    let bytes = id.as_bytes();
    let shaped = bytes.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_uppercase)
        && bytes[4..].iter().all(u8::is_ascii_digit)
        && bytes.len() <= 11;
    if !shaped {
        return Some("A container number is four capital letters, six digits and a check digit (ISO 6346).".to_owned());
    }
    let expected = check_digit(&bytes[..10]);
    match bytes.get(10).map(|digit| digit - b'0') {
        Some(written) if written != expected => {
            Some(format!("The check digit of the container number is {written}, but ISO 6346 reckons {expected}."))
        }
        _ => None,
    }
}

/// ISO 6346 §A.2: each character has a value (letters skip the multiples of 11), the nth counts 2ⁿ times, and the sum
/// modulo 11, with 10 as 0, is the digit.
fn check_digit(first_ten: &[u8]) -> u8 {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        letter => {
            let place = u32::from(letter - b'A') + 10;
            place + (place - 1) / 10
        }
    };
    let sum: u32 = first_ten.iter().enumerate().map(|(place, byte)| value(*byte) << place).sum();
    (sum % 11 % 10) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_iso_6346() {
        for id in ["CSQU3054383", "MSKU6011672", "TGHU7596898"] {
            assert_eq!(complaint(id), None, "{id}");
        }
        assert!(complaint("CSQU3054384").is_some_and(|text| text.contains("is 4") && text.contains("reckons 3")));
    }

    #[test]
    fn letters_count_around_the_multiples_of_eleven() {
        let value = |letter| {
            (0..10).find(|digit| complaint(&format!("{letter}AAA000000{digit}")).is_none()).expect("one digit is right")
        };
        // A is 10, B is 12, K is 21, L is 23, U is 32, V is 34; AAA is 20 + 40 + 80 = 140.
        for (letter, worth) in [('A', 10), ('B', 12), ('K', 21), ('L', 23), ('U', 32), ('V', 34), ('Z', 38)] {
            assert_eq!(value(letter), (worth + 140) % 11 % 10, "{letter}");
        }
    }

    #[test]
    fn what_is_no_container_number_is_said_and_a_missing_check_digit_is_not() {
        assert!(complaint("123").is_some() && complaint("ABCD12345678").is_some() && complaint("abcd123456").is_some());
        assert_eq!(complaint("ABCD123456"), None);
    }
}
