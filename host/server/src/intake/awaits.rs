//! Parts, and whole messages, that wait for codes which nobody has written down.
//!
//! A plugin says of a part that it is refused, and that nothing is wrong with it but codes that are waited for. That is believed
//! only where the gateway itself has answered in this very call that a code is to be waited for.

use portgate_core::codes::{AwaitedCodes, CODE_AWAITED, only_awaited};
use portgate_core::document::{Decoded, Part, PartVerdict, Rejection};
use portgate_core::finding::Finding;

/// What a plugin has read, where `awaits` are the codes that it was told to wait for: its parts that wait for them are no
/// longer refused, and a message that waits as a whole is no longer rejected.
///
/// # Errors
///
/// The rejection, where something else is wrong with the message.
pub(super) fn for_codes(
    read: Result<Decoded, Rejection>,
    awaits: AwaitedCodes,
    all_or_nothing: bool,
) -> Result<Decoded, Rejection> {
    if awaits.is_empty() {
        return read;
    }
    let mut decoded = match read {
        Ok(decoded) => decoded,
        Err(rejection) if waits(&rejection) => {
            let Rejection { findings, parts, reply } = rejection;
            Decoded { findings, parts, reply, ..Decoded::default() }
        }
        Err(rejection) => return Err(rejection),
    };
    let is_whole = decoded.parts.is_empty() && only_awaited(&decoded.findings);
    for part in decoded.parts.iter_mut().filter(|part| part.is_refused() && only_awaited(&part.findings)) {
        part.verdict = PartVerdict::AwaitsCode;
    }
    let waits = decoded.parts.iter().any(Part::awaits_code);
    if !waits && !is_whole {
        // It was told to wait for a code, and does without it.
        return Ok(decoded);
    }
    if all_or_nothing && waits && !decoded.parts.iter().any(Part::is_refused) {
        all_wait(&mut decoded);
    }
    Ok(Decoded { awaits, ..decoded })
}

/// Whether nothing is wrong with a rejected message as a whole but codes that are waited for, so that those of its parts which
/// wait for them can.
fn waits(Rejection { findings, parts, .. }: &Rejection) -> bool {
    // Those of the whole stand before those of the parts.
    let of_parts: usize = parts.iter().map(|part| part.findings.len()).sum();
    let of_the_whole = &findings[..findings.len().saturating_sub(of_parts)];
    match parts.is_empty() {
        true => only_awaited(of_the_whole),
        false => {
            let is_well = |finding: &Finding| {
                finding.severity < portgate_core::finding::Severity::Error || finding.code == CODE_AWAITED
            };
            of_the_whole.iter().all(is_well) && parts.iter().any(|part| only_awaited(&part.findings))
        }
    }
}

/// All wait for the one that does: all are taken or none.
fn all_wait(decoded: &mut Decoded) {
    decoded.documents.clear();
    for part in &mut decoded.parts {
        (part.verdict, part.documents) = (PartVerdict::AwaitsCode, 0);
    }
    let detail = "One part waits for a code, and with this contract all are taken or none.";
    decoded.findings.insert(0, Finding::warning("all-or-nothing", "", detail));
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use portgate_core::codes::{AwaitedCode, CodeSide};

    use super::*;

    fn told() -> AwaitedCodes {
        let on = date(2026, 3, 1);
        let code = AwaitedCode { table: "carrier".into(), side: CodeSide::Theirs, code: "OLNE".into(), on };
        AwaitedCodes { partner: "line".into(), agreement: "status".into(), codes: vec![code] }
    }

    fn error(code: &str) -> Finding {
        Finding::error(code.to_owned(), "segment 5", "Wrong.")
    }

    fn part(errors: &[&str]) -> Part {
        let findings: Vec<Finding> = errors.iter().map(|code| error(code)).collect();
        let (verdict, documents) =
            if findings.is_empty() { (PartVerdict::Accepted, 1) } else { (PartVerdict::Refused, 0) };
        Part { location: "set".into(), reference: "1".into(), verdict, documents, findings }
    }

    fn verdicts(read: &Result<Decoded, Rejection>) -> Vec<PartVerdict> {
        read.as_ref()
            .map(|read| &read.parts)
            .unwrap_or_else(|rejection| &rejection.parts)
            .iter()
            .map(|part| part.verdict)
            .collect()
    }

    fn read(parts: &[&[&str]]) -> Result<Decoded, Rejection> {
        let parts: Vec<Part> = parts.iter().map(|errors| part(errors)).collect();
        let findings = parts.iter().flat_map(|part| part.findings.clone()).collect();
        match parts.iter().all(Part::is_refused) {
            true => Err(Rejection { findings, parts, reply: None }),
            false => Ok(Decoded { findings, parts, ..Decoded::default() }),
        }
    }

    #[test]
    fn a_part_waits_where_nothing_else_is_wrong_with_it() {
        use PartVerdict::{Accepted, AwaitsCode, Refused};
        let waiting = for_codes(read(&[&[], &[CODE_AWAITED], &[CODE_AWAITED, "TIME"]]), told(), false);
        assert_eq!(verdicts(&waiting), [Accepted, AwaitsCode, Refused]);
        assert_eq!(waiting.expect("read").awaits, told());
        let none_accepted = for_codes(read(&[&[CODE_AWAITED], &["TIME"]]), told(), false);
        assert_eq!(verdicts(&none_accepted), [AwaitsCode, Refused]);
        assert!(none_accepted.is_ok());
        assert!(for_codes(read(&[&["TIME"]]), told(), false).is_err());
    }

    #[test]
    fn a_plugin_that_was_not_told_to_wait_is_not_believed() {
        let claims = read(&[&[], &[CODE_AWAITED]]);
        let kept = for_codes(claims.clone(), AwaitedCodes::default(), false);
        assert_eq!(kept, claims);
    }

    #[test]
    fn a_message_that_is_one_thing_waits_as_a_whole() {
        let rejection = |codes: &[&str]| Err(Rejection::of(codes.iter().map(|code| error(code)).collect()));
        let waiting = for_codes(rejection(&[CODE_AWAITED]), told(), false).expect("it waits");
        assert!(waiting.documents.is_empty() && waiting.awaits == told());
        assert!(for_codes(rejection(&[CODE_AWAITED, "TIME"]), told(), false).is_err());
    }

    #[test]
    fn where_all_are_taken_or_none_all_wait() {
        use PartVerdict::{AwaitsCode, Refused};
        assert_eq!(verdicts(&for_codes(read(&[&[], &[CODE_AWAITED]]), told(), true)), [AwaitsCode, AwaitsCode]);
        let refused = for_codes(read(&[&[], &[CODE_AWAITED], &["TIME"]]), told(), true);
        assert!(verdicts(&refused).contains(&Refused), "which then refuses all");
    }
}
