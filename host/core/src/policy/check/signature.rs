//! What a schema cannot say of signatures: one form, which signs what it promises and can be read in one way.

use crate::checked_toml::File;
use crate::header;
use crate::mistake::Mistake;
use crate::policy::{OnceBy, PartnerPolicy, SignatureForm, SignatureScheme, SignedPart};

/// Said of a name that no header field has, or that means something else.
pub(super) const HEADER_HINT: &str = "lower case, such as `x-signature`; not one that means something else already";

/// Checks what a partner's entry `at` says of its signatures.
pub(super) fn check(
    partner: &File<PartnerPolicy>,
    scheme: Option<SignatureScheme>,
    form: Option<&SignatureForm>,
    at: &str,
    mistakes: &mut Vec<Mistake>,
) {
    let Some(form) = form else { return };
    let mut wrong = |key: &str, problem: &str, hint: &str| {
        mistakes.push(partner.mistake(&format!("{at}/{key}"), problem, Some(hint.to_owned())));
    };
    if scheme.is_some() {
        wrong("scheme", "is given beside `signature`", "name a provider's scheme, or write the form down");
    }
    let headers = [
        ("header", Some(&form.header)),
        ("timestamp_header", form.timestamp_header.as_ref()),
        ("id_header", form.id_header.as_ref()),
    ];
    for (key, name) in headers {
        if name.is_some_and(|name| !header::is_free(name)) {
            wrong(&format!("signature/{key}"), "is no header field for this", HEADER_HINT);
        }
    }
    for (key, prefix) in [("prefix", Some(&form.prefix)), ("timestamp_prefix", form.timestamp_prefix.as_ref())] {
        let splits = |byte: u8| form.separator.as_ref().is_some_and(|separator| separator.as_bytes().contains(&byte));
        if prefix.is_some_and(|prefix| !prefix.bytes().all(|byte| byte.is_ascii_graphic() && !splits(byte))) {
            wrong(&format!("signature/{key}"), "cannot stand there", "visible ASCII without the separator");
        }
    }
    match form.parts() {
        Ok(parts) => signed(form, &parts, &mut wrong),
        Err(_) => {
            let hint = "the parts are `{body}`, `{timestamp}`, `{id}`, `{method}` and `{path}`; no other braces";
            wrong("signature/signed", "has a brace that belongs to no part", hint);
        }
    }
}

fn signed(form: &SignatureForm, parts: &[SignedPart], wrong: &mut impl FnMut(&str, &str, &str)) {
    let count = |part: SignedPart| parts.iter().filter(|own| **own == part).count();
    let (bodies, times, ids) = (count(SignedPart::Body), count(SignedPart::Timestamp), count(SignedPart::Id));
    if bodies != 1 || times > 1 || ids > 1 {
        wrong(
            "signature/signed",
            "must have `{body}` once, and no part twice",
            "what is not signed anybody can change",
        );
    }
    let places = usize::from(form.timestamp_header.is_some()) + usize::from(form.timestamp_prefix.is_some());
    match (times, places) {
        (0, 0) | (1, 1) => {}
        (0, _) => wrong(
            "signature/signed",
            "leaves the time out",
            "add `{timestamp}`: a time that is not signed proves nothing",
        ),
        (_, 0) => wrong(
            "signature/signed",
            "has a time that comes from nowhere",
            "give `timestamp_header` or `timestamp_prefix`",
        ),
        (_, _) => wrong(
            "signature/timestamp_prefix",
            "is given beside `timestamp_header`",
            "there is one time; name one place",
        ),
    }
    if form.timestamp_prefix.is_some() && form.separator.is_none() {
        wrong("signature/timestamp_prefix", "needs a `separator`", "such as `,` in `t=…,v1=…`");
    }
    if ids > 0 && form.id_header.is_none() {
        wrong("signature/signed", "has an id that comes from nowhere", "give `id_header`");
    }
    let parted = |pair: &[SignedPart]| pair[0] != SignedPart::Id || matches!(pair[1], SignedPart::Text(_));
    if !parts.windows(2).all(parted) {
        let hint = "write a character between them, or two messages can be signed alike";
        wrong("signature/signed", "does not part the id from what follows it", hint);
    }
    if form.once_by == OnceBy::BodyAndTime && (times == 0 || ids > 0) {
        let hint = "leave it out: only where a time is signed and no id can the time tell messages apart";
        wrong("signature/once_by", "does not fit what is signed", hint);
    }
}
