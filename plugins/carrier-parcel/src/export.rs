//! How a parcel leaves customs of its own country: by an exemption, by an ITN of the United States, or by a declaration of
//! another country.

use portgate_sdk::canonical::CustomsParticulars;

/// What there is to tell of the export.
pub(crate) struct Export {
    /// The ITN that AES has given out.
    pub(crate) itn: Option<String>,
    /// The citation of the exemption, as it is written.
    pub(crate) exemption: Option<String>,
    /// The number of a declaration that is no ITN.
    pub(crate) declaration: Option<String>,
}

impl Export {
    /// What the particulars tell.
    pub(crate) fn of(particulars: &CustomsParticulars) -> Self {
        let declaration = particulars.export_declaration.as_ref().map(ToString::to_string);
        let itn = declaration.as_deref().and_then(itn);
        Export {
            exemption: particulars.export_exemption.as_ref().map(ToString::to_string),
            declaration: declaration.filter(|_| itn.is_none()),
            itn,
        }
    }
}

/// An ITN (`X` and fourteen digits), whether `AES` is written before it or not.
fn itn(number: &str) -> Option<String> {
    let number = number.trim();
    let bare = number.strip_prefix("AES").unwrap_or(number).trim_start();
    let digits = bare.strip_prefix('X')?;
    (digits.len() == 14 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_itn_is_told_from_declarations_of_other_countries() {
        for written in ["X20260502123456", "AES X20260502123456", "AESX20260502123456"] {
            assert_eq!(itn(written).as_deref(), Some("X20260502123456"), "{written}");
        }
        for other in ["26GB000000000007A1", "X2026", "AES", "", "NOEEI 30.37(a)", "X2026050212345Ä"] {
            assert_eq!(itn(other), None, "{other}");
        }
    }
}
