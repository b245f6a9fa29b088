//! Two partners that speak EDI by agreement. One is acknowledged set by set, the other acknowledges, late.

use std::time::Instant;

use super::{Part, Playing};
use crate::demo::credentials::Auth;
use crate::demo::edi;
use crate::demo::message::{Message, Run, X12, message};
use crate::demo::stage::{GATEWAY, Sent, Stage, shown};
use crate::demo::timeline::Timeline;

/// Two status reports, the second of which names no status.
const REPORTS: Message = message!(
    Auth::ApiKey("feeder-line"),
    "two reports, one without a status, X12 315",
    "x12-315/4010",
    X12,
    "feeder-315.edi"
);

/// By which the transport management system takes what it was sent, too late.
const LATE: Message = Message {
    from: Auth::ApiKey("tms"),
    what: "its acknowledgement, X12 997",
    contract: "x12-acknowledgement/1",
    media_type: X12,
    file: "",
    payload: "",
};

pub(super) const PART: Part = Part {
    name: "acknowledgement",
    title: "Partners that speak EDI count as received what is acknowledged",
    messages: &[&REPORTS],
    play,
};

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        // The system has numbered interchanges of its own in other parts of the day, and uses no number twice.
        stage.run = Run::fresh();
        let sent = one_set_is_refused(stage).await?;
        an_acknowledgement_comes_late(stage, &sent).await
    })
}

/// The feeder line sends an interchange with one bad set, and gets its 997 in the answer.
async fn one_set_is_refused(stage: &mut Stage<'_>) -> Result<Sent, String> {
    let answer = stage.post(&REPORTS, stage.run.fill(REPORTS.payload).into_bytes()).await?;
    let status = answer.status.as_u16();
    let in_part = status == 200 && answer.text.contains("~AK9*P*2*2*1~");
    let outcome = match in_part {
        true => format!("200 in {}, and the answer is a 997", shown(answer.took)),
        false => format!("a 997 that takes one of two was expected, and it is {status}: {}", answer.text.trim()),
    };
    stage.told(in_part, &REPORTS, &outcome)?;
    stage.takes(&REPORTS);
    for segment in answer.text.split('~').map(str::trim).filter(|segment| segment.starts_with("AK")) {
        println!("                 {:<24}{}", format!("{segment}~"), edi::meaning(segment));
    }
    Ok(Sent { place: answer.place.clone().unwrap_or_default(), answer })
}

/// The report that was taken goes to the transport management system under control numbers, which is silent for longer than was
/// agreed.
async fn an_acknowledgement_comes_late(stage: &mut Stage<'_>, sent: &Sent) -> Result<(), String> {
    let what = "the report that was taken, X12 214";
    let deliveries = stage.comes_to(sent, "tms", what, "sent").await?;
    let got = deliveries.first().and_then(|delivery| stage.received("tms", delivery));
    let got = got.ok_or("the transport management system never got the report")?;
    let (interchange, set) = (edi::element(&got.body, "ISA", 13), edi::element(&got.body, "ST", 2));
    let outcome = format!("it has it as interchange {interchange}, set {set}, and says nothing");
    Timeline::tell(true, GATEWAY, "tms", what, &outcome);
    let since = Instant::now();
    stage.comes_to(sent, "tms", what, "overdue").await?;
    Timeline::note(true, &format!("{} later it is overdue, and `portgate status` says so", shown(since.elapsed())));
    let late = edi::functional_acknowledgement(&got.body, &stage.run.fill("{NUM+2}"));
    let answer = stage.post(&LATE, late.into_bytes()).await?;
    stage.comes_to(sent, "tms", what, "delivered").await?;
    stage.told(answer.status.as_u16() == 200, &LATE, &format!("{}, the 214 is taken", answer.status.as_u16()))?;
    stage.takes(&LATE);
    stage.timeline.delivered += 1;
    Ok(())
}
