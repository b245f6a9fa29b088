//! Container numbers (ISO 6346): owner code, category, serial number and check digit, in one form whatever partners write.

use crate::text::Invalid;

/// A container number as ISO 6346 has it in data: `CSQU3054383`.
///
/// Partners write it with blanks, hyphens, points or slashes, in small letters, and without the check digit. It is one
/// container all the same, and systems find it only by one form.
///
/// ```
/// use portgate_canonical::ContainerNumber;
///
/// let container = ContainerNumber::read("CSQU 305438-3").unwrap();
/// assert_eq!(container.as_str(), "CSQU3054383");
/// assert!(container.complaint().is_none());
/// assert!(ContainerNumber::read("PALLET 7").is_err(), "a number of the shipper's own");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerNumber {
    number: String,
    complaint: Option<String>,
}

impl ContainerNumber {
    /// Reads a number as a partner writes it. The check digit of a freight container (category U, J or Z) is reckoned
    /// where it is missing; one that is wrong is kept, with a [complaint](Self::complaint), for real messages carry dummies.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is no container number: its owner numbers it in a way of its own.
    pub fn read(written: &str) -> Result<Self, Invalid> {
        let separates = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '/' | '_' | '\u{2010}'..='\u{2015}');
        let mut number: String = written.chars().filter(|c| !separates(*c)).collect();
        number.make_ascii_uppercase();
        let bytes = number.as_bytes();
        let shaped = matches!(bytes.len(), 10 | 11)
            && bytes[..4].iter().all(u8::is_ascii_uppercase)
            && bytes[4..].iter().all(u8::is_ascii_digit);
        if !shaped {
            return Err(Invalid::new("four letters, six digits and a check digit (ISO 6346)"));
        }
        let reckoned = check_digit(&bytes[..10]);
        let complaint = match bytes.get(10).map(|digit| digit - b'0') {
            Some(written) if written != reckoned => {
                Some(format!("The check digit of the container number is {written}, but ISO 6346 reckons {reckoned}."))
            }
            Some(_) => None,
            // Only freight containers and what is fixed to them are numbered by ISO 6346.
            None if matches!(bytes[3], b'U' | b'J' | b'Z') => {
                number.push(char::from(b'0' + reckoned));
                None
            }
            None => None,
        };
        Ok(ContainerNumber { number, complaint })
    }

    /// A container number in the one form, or what is none as it was written, without blanks around it. This is what
    /// references, lanes and searches go by.
    pub fn one_form(written: &str) -> String {
        ContainerNumber::read(written).map_or_else(|_| written.trim().to_owned(), |container| container.number)
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// What is wrong with it and worth a warning, if anything.
    pub fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
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

    fn complaint(written: &str) -> Option<String> {
        ContainerNumber::read(written).expect(written).complaint().map(str::to_owned)
    }

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
    fn a_number_has_one_form_however_it_is_written() {
        for written in [
            "CSQU3054383",
            " CSQU 305438 3 ",
            "CSQU 305438-3",
            "CSQU-305438-3",
            "CSQU/305.438/3",
            "csqu3054383",
            "CSQU\u{a0}305438\u{2013}3",
            "CSQU305438",
        ] {
            let container = ContainerNumber::read(written).expect(written);
            assert_eq!(container.as_str(), "CSQU3054383", "{written}");
            assert_eq!(container.complaint(), None);
            assert_eq!(ContainerNumber::one_form(container.as_str()), "CSQU3054383");
        }
        assert_eq!(ContainerNumber::one_form("CSQU 305438-4"), "CSQU3054384", "a wrong digit is kept");
        assert_eq!(ContainerNumber::one_form("ABCD 123456"), "ABCD123456", "this is no category of ISO 6346");
    }

    #[test]
    fn what_is_no_container_number_stays_as_it_was_written() {
        for written in ["123", "ABCD12345678", "ABC1234567", "PALLET 7", "ÄBCD1234567", "", "CSQU3054383 / TGHU7596898"]
        {
            assert!(ContainerNumber::read(written).is_err(), "{written}");
            assert_eq!(ContainerNumber::one_form(&format!(" {written} ")), written);
        }
    }
}
