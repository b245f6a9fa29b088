//! The demo's third act: two partners that speak EDI by agreement. One is acknowledged set by set, the other acknowledges, late.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Scene;
use super::client::{Answer, Client};
use super::script::Auth;

/// How long each turn of the story may take.
const PATIENCE: Duration = Duration::from_secs(30);

const FEEDER_LINE: Auth = Auth::ApiKey("feeder-line");
const TMS: Auth = Auth::ApiKey("tms");
const X12: &str = "application/edi-x12";

/// Two status reports, the second of which names no status.
const REPORTS: &str = "plugins/carrier-ocean/cases/x12-315-acknowledged-in-part/message.edi";

impl Scene<'_> {
    /// Plays it and prints an account; true if all went as it should.
    pub(super) async fn partners_acknowledge(&self) -> Result<bool, String> {
        println!(
            "Partners that speak EDI count a message as received when it is acknowledged. Two of them do, by agreement.\n"
        );
        let client = Client::new(self.settings.partner);
        let Some(exchange) = self.one_set_is_refused(&client).await? else { return Ok(false) };
        let done = self.an_acknowledgement_comes_late(&client, &exchange).await?;
        println!();
        Ok(done)
    }

    /// The feeder line sends an interchange with one bad set, and gets its 997 in the answer. The exchange that came of it.
    async fn one_set_is_refused(&self, client: &Client) -> Result<Option<String>, String> {
        println!(
            "    The feeder line sends an interchange with two status reports, of which the second names no status."
        );
        let number = fresh_number();
        let case = std::fs::read_to_string(REPORTS).map_err(|error| format!("{REPORTS}: {error}"))?;
        let interchange = case
            .replace("*ZZ*OCEANLINE      *ZZ*IMPORTER       *", "*ZZ*FEEDERLINE     *ZZ*PORTGATEDEMO   *")
            .replace("*000000041", &format!("*{number:09}"));
        let file = self.credentials.keep("feeder-line.edi", &interchange)?;
        let path = "/v1/messages/x12-315/4010";
        let answer = client.post(FEEDER_LINE, path, X12, interchange.into_bytes(), self.credentials).await?;
        let Answer { status, text, place, took, .. } = answer;
        let in_part = status == 200 && text.contains("~AK9*P*2*2*1~");
        println!("    {} {} in {} µs. Its answer is a 997:\n", mark(in_part), status.as_u16(), took.as_micros());
        for segment in text.split('~').map(str::trim).filter(|segment| !segment.is_empty()) {
            let meaning = meaning(segment);
            println!("{}", format!("        {:<46}{meaning}", format!("{segment}~")).trim_end());
        }
        let (_, headers) = self.credentials.shell(FEEDER_LINE, "");
        println!("\n    Who sends it again gets the same 997, and nothing happens a second time:");
        println!(
            "    curl -sS http://{}{path} -H 'Content-Type: {X12}'{headers} --data-binary @{}\n",
            self.settings.partner,
            file.display()
        );
        Ok(place.filter(|_| in_part))
    }

    /// The report that was taken goes to the transport management system under control numbers, which is silent for longer
    /// than was agreed.
    async fn an_acknowledgement_comes_late(&self, client: &Client, exchange: &str) -> Result<bool, String> {
        println!("    The report that was taken goes on to the transport management system, as X12 214.");
        if !self.turns(exchange, "sent").await? {
            return Ok(false);
        }
        let sent = self.tms.last();
        let (interchange, group, set) = (element(&sent, "ISA", 13), element(&sent, "GS", 6), element(&sent, "ST", 2));
        println!(
            "    ✓ It has it, under the control numbers {interchange} of the interchange, {group} of the group, {set} of the set,"
        );
        println!("      and has two seconds to acknowledge it, by its agreement. It says nothing.");
        let since = Instant::now();
        if !self.turns(exchange, "overdue").await? {
            return Ok(false);
        }
        println!(
            "    ✓ {:.1} s later the delivery is overdue, and `portgate status` says so.",
            since.elapsed().as_secs_f64()
        );
        println!("    Now its 997 comes, which names that group.");
        let acknowledgement = acknowledgement(&group, &set);
        let path = "/v1/messages/x12-acknowledgement/1";
        let answer = client.post(TMS, path, X12, acknowledgement.into_bytes(), self.credentials).await?;
        let took = answer.took;
        if !self.turns(exchange, "delivered").await? {
            return Ok(false);
        }
        println!("    ✓ {} in {} µs, and the delivery is done.", answer.status.as_u16(), took.as_micros());
        Ok(true)
    }

    /// Waits until the exchange's delivery to the transport management system is in this state; false, and said, where it
    /// does not come there.
    async fn turns(&self, exchange: &str, state: &str) -> Result<bool, String> {
        let began = Instant::now();
        loop {
            let deliveries = self.deliveries(FEEDER_LINE, exchange).await?;
            let own: Vec<String> =
                deliveries.into_iter().filter(|one| one.destination == "tms").map(|one| one.state).collect();
            if own.iter().any(|now| now == state) {
                return Ok(true);
            }
            if began.elapsed() > PATIENCE {
                println!("    ✗ after {} s it is not {state}, but {}.", PATIENCE.as_secs(), own.join(", "));
                return Ok(false);
            }
            // Below the rate of requests that the partner may have.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn mark(ok: bool) -> char {
    if ok { '✓' } else { '✗' }
}

/// A control number that no demo before has used: the journal of one that has ended is still there.
fn fresh_number() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_micros() % 999_999_999 + 1
}

/// An element of the first segment with this tag.
fn element(interchange: &str, tag: &str, number: usize) -> String {
    let mut segments = interchange.split('~').map(|segment| segment.trim().split('*'));
    let segment = segments.find(|segment| segment.clone().next() == Some(tag));
    segment.and_then(|mut segment| segment.nth(number)).unwrap_or_default().to_owned()
}

/// What a segment of a 997 says (X12 004010); nothing of those that only frame it.
fn meaning(segment: &str) -> String {
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

/// The 997 by which the transport management system takes the one set of a group that it was sent.
fn acknowledgement(group: &str, set: &str) -> String {
    let number = fresh_number();
    format!(
        "ISA*00*          *00*          *02*LDGT           *ZZ*PORTGATEDEMO   *260301*0900*U*00401*{number:09}*0*P*>~\n\
         GS*FA*LDGT*PORTGATEDEMO*20260301*0900*{number}*X*004010~\n\
         ST*997*0001~\nAK1*QM*{group}~\nAK2*214*{set}~\nAK5*A~\nAK9*A*1*1*1~\nSE*6*0001~\n\
         GE*1*{number}~\nIEA*1*{number:09}~\n"
    )
}
