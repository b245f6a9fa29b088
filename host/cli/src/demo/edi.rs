//! The little of EDI that a partner of the demo needs: to find a number in what it was sent, and to acknowledge it.

/// An element of the first segment with this tag.
pub(super) fn element(interchange: &str, tag: &str, number: usize) -> String {
    let mut segments = interchange.split('~').map(|segment| segment.trim().split('*'));
    let segment = segments.find(|segment| segment.clone().next() == Some(tag));
    segment.and_then(|mut segment| segment.nth(number)).unwrap_or_default().trim().to_owned()
}

/// The 997 by which a partner takes the one set of an X12 interchange that it was sent, under a number of its own.
pub(super) fn functional_acknowledgement(interchange: &str, number: &str) -> String {
    let of = |tag, number| element(interchange, tag, number);
    let (ours, theirs) = ((of("ISA", 7), of("ISA", 8)), (of("ISA", 5), of("ISA", 6)));
    format!(
        "ISA*00*          *00*          *{}*{:<15}*{}*{:<15}*260303*0900*U*00401*{number}*0*P*>~\n\
         GS*FA*{}*{}*20260303*0900*{number}*X*004010~\n\
         ST*997*0001~\nAK1*{}*{}~\nAK2*{}*{}~\nAK5*A~\nAK9*A*1*1*1~\nSE*6*0001~\n\
         GE*1*{number}~\nIEA*1*{number}~\n",
        ours.0,
        ours.1,
        theirs.0,
        theirs.1,
        of("GS", 3),
        of("GS", 2),
        of("GS", 1),
        of("GS", 6),
        of("ST", 1),
        of("ST", 2),
    )
}

/// The CONTRL by which a partner takes an EDIFACT interchange whole.
pub(super) fn control(interchange: &str) -> String {
    let envelope =
        interchange.split('\'').map(str::trim).find(|segment| segment.starts_with("UNB+")).unwrap_or_default();
    let part = |number: usize| envelope.split('+').nth(number).unwrap_or_default();
    let (theirs, ours, number) = (part(2), part(3), part(5));
    format!(
        "UNB+UNOC:3+{ours}+{theirs}+260303:0900+{number}'UNH+1+CONTRL:D:3:UN'UCI+{number}+{theirs}+{ours}+7'UNT+3+1'UNZ+1+{number}'"
    )
}

/// What a segment of a 997 says (X12 004010); nothing of those that only frame it.
pub(super) fn meaning(segment: &str) -> String {
    let elements: Vec<&str> = segment.split('*').collect();
    let at = |number: usize| elements.get(number).copied().unwrap_or_default();
    match at(0) {
        "AK1" => format!("of the group {}", at(2)),
        "AK2" => format!("the set {}", at(2)),
        "AK3" => format!("its segment {}, {}", at(2), at(1)),
        "AK4" if at(3) == "1" => format!("element {} is missing", at(1)),
        "AK5" if at(1) == "A" => "is taken".to_owned(),
        "AK5" => "is refused".to_owned(),
        "AK9" => format!("taken: {} of {}", at(4), at(2)),
        _ => String::new(),
    }
}
