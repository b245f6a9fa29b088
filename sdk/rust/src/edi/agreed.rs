//! Envelopes as they were agreed.

use portgate_writers::{Mode, Stamp, edifact, x12};

use crate::agreement::{self, Agreement, ControlNumbers, Identifier, Level};
use crate::finding::{Finding, Rejection};

/// `ISA12` of an interchange whose edition is not settled.
const ISA_VERSION: &str = "00401";

impl Agreement {
    /// The header of an X12 interchange from us to the partner, under these numbers; `now` is RFC 3339. `ISA12` is that of the
    /// edition, 00401 where none is settled.
    ///
    /// # Errors
    ///
    /// The agreement names one of the two sides on no interchange, or `now` is no time.
    pub fn x12_header(&self, numbers: ControlNumbers, now: &str) -> Result<x12::InterchangeHeader, Rejection> {
        let (ours, theirs) = self.sides()?;
        let [ours, theirs] = [ours, theirs].map(|side| (&*side.qualifier, &*side.value));
        let made = Stamp::rfc3339(now)?;
        let header = x12::InterchangeHeader::new(ours, theirs, made, numbers.interchange, self.written_mode());
        Ok(header.version(isa_version(&self.edition)))
    }

    /// The header of a group in it, such as `QM` for 214: from and to the identifiers of groups, where there are none to those
    /// of interchanges.
    pub fn x12_group(&self, functional_id: &str, numbers: ControlNumbers, version: &str) -> x12::GroupHeader {
        let named = |group: Option<&Identifier>, interchange: Option<&Identifier>| {
            group.or(interchange).map(|identifier| identifier.value.clone()).unwrap_or_default()
        };
        let ours = named(self.our(Level::Group), self.our(Level::Interchange));
        let theirs = named(self.their(Level::Group), self.their(Level::Interchange));
        x12::GroupHeader::new(functional_id, ours, theirs, numbers.group, version)
    }

    /// The header of an EDIFACT interchange from us to the partner in this character set and syntax version, such as `UNOC` and
    /// 3; `now` is RFC 3339.
    ///
    /// # Errors
    ///
    /// The agreement names one of the two sides on no interchange, or `now` is no time.
    pub fn edifact_header(
        &self,
        (syntax, version): (&str, u8),
        numbers: ControlNumbers,
        now: &str,
    ) -> Result<edifact::InterchangeHeader, Rejection> {
        let (ours, theirs) = self.sides()?;
        let [ours, theirs] = [ours, theirs].map(|side| (&*side.value, &*side.qualifier));
        let made = Stamp::rfc3339(now)?;
        let mode = self.written_mode();
        Ok(edifact::InterchangeHeader::new(syntax, version, ours, theirs, made, numbers.interchange, mode))
    }

    /// Us and the partner, as interchanges call both.
    fn sides(&self) -> Result<(&Identifier, &Identifier), Finding> {
        let missing = |list: &str| {
            let detail = format!(
                "The agreement `{}` has no identifier of interchanges in `{list}`, which the envelope is written with; add one.",
                self.name
            );
            Finding::error("NO-IDENTIFIER", "", detail)
        };
        let ours = self.our(Level::Interchange).ok_or_else(|| missing("ours"))?;
        Ok((ours, self.their(Level::Interchange).ok_or_else(|| missing("theirs"))?))
    }

    fn written_mode(&self) -> Mode {
        match self.mode {
            agreement::Mode::Production => Mode::Production,
            agreement::Mode::Test => Mode::Test,
        }
    }
}

/// `ISA12` for an edition as `GS08` has it: 00401 for 004010.
fn isa_version(edition: &str) -> &str {
    let is_version = |version: &&str| version.bytes().all(|byte| byte.is_ascii_digit());
    edition.get(..5).filter(is_version).unwrap_or(ISA_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Acknowledgement;

    fn identifier(level: Level, qualifier: &str, value: &str) -> Identifier {
        Identifier { level, qualifier: qualifier.to_owned(), value: value.to_owned() }
    }

    fn agreement() -> Agreement {
        Agreement {
            name: "status-out".to_owned(),
            ours: vec![identifier(Level::Group, "", "PGD"), identifier(Level::Interchange, "ZZ", "PORTGATEDEMO")],
            theirs: vec![
                identifier(Level::Interchange, "02", "LDGT"),
                identifier(Level::Interchange, "ZZ", "LEDGERTMS"),
            ],
            edition: "005010".to_owned(),
            mode: agreement::Mode::Test,
            acknowledgement: Acknowledgement::None,
            all_or_nothing: false,
            settings: Vec::new(),
        }
    }

    const NUMBERS: ControlNumbers = ControlNumbers { interchange: 42, group: 7, first_message: 1, messages: 1 };
    const NOW: &str = "2026-03-01T08:15:00Z";

    #[test]
    fn an_envelope_has_the_first_identifiers_of_its_level_and_the_mode() {
        let header = agreement().x12_header(NUMBERS, NOW).expect("a header");
        assert_eq!((&*header.sender.qualifier, &*header.sender.id), ("ZZ", "PORTGATEDEMO"));
        assert_eq!((&*header.receiver.qualifier, &*header.receiver.id), ("02", "LDGT"));
        assert_eq!((header.version.as_str(), header.mode), ("00501", Mode::Test));
        let group = agreement().x12_group("QM", NUMBERS, "005010");
        assert_eq!(
            (group.sender.as_str(), group.receiver.as_str()),
            ("PGD", "LDGT"),
            "that of the interchange for one"
        );
        let header = agreement().edifact_header(("UNOC", 3), NUMBERS, NOW).expect("a header");
        assert_eq!((&*header.sender.id, &*header.receiver.qualifier, header.mode), ("PORTGATEDEMO", "02", Mode::Test));
    }

    #[test]
    fn an_agreement_without_identifiers_of_interchanges_says_whose_are_missing() {
        let bare = Agreement { theirs: Vec::new(), edition: String::new(), ..agreement() };
        let refused = bare.x12_header(NUMBERS, NOW).expect_err("nobody to address");
        assert_eq!(refused.findings[0].code, "NO-IDENTIFIER");
        assert!(refused.findings[0].detail.contains("`status-out`") && refused.findings[0].detail.contains("`theirs`"));
    }

    #[test]
    fn the_version_of_an_interchange_is_that_of_the_edition() {
        let versions = ["004010", "005010X222A1", "", "D00B"].map(isa_version);
        assert_eq!(versions, ["00401", "00501", "00401", "00401"]);
    }
}
