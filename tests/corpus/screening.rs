//! Screening over the samples' own lists: how many of those who are listed are found however their names are written, and how many
//! who are not are taken for one of them.
//!
//! The samples stand beside the checkout; without them the tests say so and prove nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use portgate_lists::{Edition, read, update};
use portgate_names::Lists;
use portgate_tests::samples;
use serde_json::{Value, json};

use super::bench::{Answer, Bench};

/// The lists of the samples: what the table calls them, the day of those that do not say it, and their files.
const LISTS: &[(&str, &[&str])] = &[
    (
        "ofac-sdn",
        &[
            "ofac-sdn-csv/moov-io_vessels-sdn.csv",
            "ofac-sdn-csv/moov-io_individuals-sdn.csv",
            "ofac-sdn-csv/moov-io_individuals-alt.csv",
            "ofac-sdn-csv/moov-io_vessels-add.csv",
            "ofac-sdn-csv/moov-io_individuals-add.csv",
            "ofac-sdn/sdn.csv",
            "ofac-sdn/alt.csv",
        ],
    ),
    ("un", &["un-consolidated-xml/moov-io_excerpt-dprk-iran.xml"]),
    ("csl", &["csl/consolidated_small.csv"]),
    ("bis-dpl", &["us-bis-dpl/moov-io_bench_dpl.txt"]),
];

/// How many parties are screened in one message.
const AT_ONCE: usize = 100;

fn lists(folder: &Path) -> Lists {
    let mut table: Option<Lists> = None;
    for (id, files) in LISTS {
        let edition = Edition {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            date: Some("2026-02-27".to_owned()),
            version: None,
        };
        let read_file = |file: &&str| ((*file).to_owned(), std::fs::read(folder.join(file)).expect("a sample"));
        let files: Vec<_> = files.iter().map(read_file).collect();
        let (source, entries) = read(&edition, &files).unwrap_or_else(|error| panic!("{id}: {error}"));
        let (next, changes) = update(table.as_ref(), source, entries).expect("no list is older than itself");
        println!("{id:<10} {} entries", changes.added);
        table = Some(next);
    }
    table.expect("there are lists")
}

/// A generator whose numbers are the same in each run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }

    fn one_of<'o>(&mut self, of: &[&'o str]) -> &'o str {
        of[self.roll(of.len())]
    }
}

/// One slip: a letter too few, too many or another one, or two turned round.
fn typo(name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let places: Vec<usize> = (0..letters.len()).filter(|at| letters[*at].is_alphabetic()).collect();
    let at = places[dice.roll(places.len())];
    let other = char::from(b'a' + dice.roll(26) as u8);
    match dice.roll(4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, other),
        2 => letters[at] = other,
        _ if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = other,
    }
    letters.into_iter().collect()
}

fn turned_round(name: &str, dice: &mut Dice) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let one = dice.roll(words.len());
    let other = (one + 1 + dice.roll(words.len() - 1)) % words.len();
    words.swap(one, other);
    words.join(" ")
}

/// The name with accents that it does not have, as a system writes it that has them where the list has none, or without its own.
fn other_accents(name: &str, dice: &mut Dice) -> String {
    let accents = [
        ('a', "áàâä"),
        ('e', "éèêë"),
        ('i', "íìîï"),
        ('o', "óòôö"),
        ('u', "úùûü"),
        ('c', "ç"),
        ('n', "ñ"),
        ('s', "š"),
        ('z', "ž"),
    ];
    name.chars()
        .map(|c| {
            let of = accents.iter().find(|(plain, _)| *plain == c.to_ascii_lowercase()).map(|(_, of)| *of);
            match of.map(|of| of.chars().collect::<Vec<_>>()) {
                Some(of) if dice.roll(2) == 0 => of[dice.roll(of.len())],
                _ => c,
            }
        })
        .collect()
}

/// Two places written as another way of writing the same sounds in Latin letters has them.
fn other_spelling(name: &str, dice: &mut Dice) -> String {
    let ways = [
        ("muhammad", "mohamed"),
        ("mohammad", "muhammed"),
        ("ahmad", "ahmed"),
        ("husayn", "hussein"),
        ("yusuf", "youssef"),
        ("q", "k"),
        ("ou", "u"),
        ("ee", "i"),
        ("y", "i"),
        ("w", "v"),
        ("sh", "ch"),
        ("kh", "h"),
        ("aa", "a"),
        ("dh", "d"),
        ("th", "t"),
        ("ai", "ay"),
        ("ei", "ey"),
        ("gh", "g"),
        ("al-", "el-"),
        ("-", " "),
        ("ie", "i"),
        ("ca", "ka"),
        ("co", "ko"),
        ("ss", "s"),
        ("mm", "m"),
        ("ll", "l"),
        ("ph", "f"),
        ("o", "u"),
        ("e", "i"),
        ("v", "w"),
        ("ks", "x"),
    ];
    let mut text = name.to_lowercase();
    for _ in 0..2 {
        let first = dice.roll(ways.len());
        let fitting = (0..ways.len()).map(|more| ways[(first + more) % ways.len()]).find(|(one, _)| text.contains(one));
        if let Some((one, other)) = fitting {
            text = text.replacen(one, other, 1);
        }
    }
    text
}

/// What screening makes of each of these names: the entries that it is taken for, as `list/id`.
async fn screened(bench: &Bench, names: &[String]) -> Vec<BTreeSet<String>> {
    let mut all = Vec::new();
    for names in names.chunks(AT_ONCE) {
        let parties: Vec<Value> = names.iter().map(|name| json!({ "role": "buyer", "name": name })).collect();
        let body = json!({ "id": "batch", "parties": parties }).to_string().into_bytes();
        let answer = bench.answer("screen-csl", "screening-request", "1", body).await.expect("an answer");
        let Answer::Taken(documents, findings) = answer else { panic!("the parties were refused") };
        assert_eq!((documents.len(), findings.len()), (names.len(), 0), "{findings:?}");
        for document in documents {
            let result: Value = serde_json::from_slice(&document.body).expect("JSON");
            let matches = result["matches"].as_array().cloned().unwrap_or_default();
            assert_eq!(matches.is_empty(), result["outcome"] == "clear");
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            all.push(
                matches.iter().map(|one| format!("{}/{}", text(&one["listId"]), text(&one["entityId"]))).collect(),
            );
        }
    }
    all
}

#[tokio::test]
async fn who_is_listed_is_found_however_the_name_is_written() {
    let Some(shared) = samples::shared() else { return };
    let lists = lists(&shared.join("samples/screening"));
    let bench = Bench::with(&BTreeMap::from([("denied-parties", lists.write().into_bytes())]));
    let on = "2026-03-01";
    let is_listed =
        |from: Option<&str>, to: Option<&str>| from.is_none_or(|from| from <= on) && to.is_none_or(|to| on < to);
    let mut names: Vec<(String, String)> = Vec::new();
    for entry in lists.entries().iter().filter(|entry| is_listed(entry.from.as_deref(), entry.to.as_deref())) {
        names.extend(entry.names.iter().map(|name| (name.clone(), format!("{}/{}", entry.list, entry.id))));
    }
    println!("{} names of {} entries", names.len(), lists.entries().len());
    let has_words = |name: &str| name.split_whitespace().count() > 1;
    let has_letters = |name: &str| name.chars().filter(|c| c.is_ascii_alphabetic()).count() > 1;
    type Written = fn(&str, &mut Dice) -> String;
    let ways: [(&str, Written); 5] = [
        ("as it is listed", |name, _| name.to_owned()),
        ("one slip", typo),
        ("words turned round", turned_round),
        ("other accents", other_accents),
        ("another spelling", other_spelling),
    ];
    let mut missed = Vec::new();
    for (way, written) in ways {
        let mut dice = Dice(7);
        let fitting: Vec<&(String, String)> = names
            .iter()
            .filter(|(name, _)| has_letters(name) && (way != "words turned round" || has_words(name)))
            .collect();
        let asked: Vec<String> = fitting.iter().map(|(name, _)| written(name, &mut dice)).collect();
        let found = screened(&bench, &asked).await;
        let lost: Vec<_> =
            fitting.iter().zip(&asked).zip(&found).filter(|(((_, entry), _), found)| !found.contains(entry)).collect();
        let recall = 1.0 - lost.len() as f64 / asked.len() as f64;
        println!("{way:<20} {:>5} names, {recall:.4} found", asked.len());
        lost.iter().take(12).for_each(|(((name, _), asked), _)| println!("    {asked:?} for {name:?}"));
        if recall < 0.98 {
            missed.push(format!("{way}: {recall:.4}"));
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// Given names and family names as they are common in many countries, and words that companies are called by.
const GIVEN: &str = "Anna Maria Elena Sofia Laura Julia Emma Olivia Lucia Ingrid Astrid Fatima Aisha Leila Noor Priya Ananya Mei Yuki \
    Hana Soo-jin Linh Thu Siti Nadia Olga Irina Katarzyna Agnieszka Zsofia Ioana Chloe Camille Beatriz Joana Amara Chioma Wanjiru \
    John Peter Paul Thomas Michael David Daniel Lukas Jonas Erik Lars Mikko Pavel Dmitri Sergei Andrzej Tomasz Gabor Andrei Pierre \
    Antoine Luis Carlos Diego Javier Joao Rafael Omar Karim Hassan Tariq Arjun Rahul Wei Ming Hiroshi Kenji Min-jun Nguyen Budi \
    Kwame Tunde Sipho";
const FAMILY: &str = "Smith Johnson Brown Taylor Wilson Evans Roberts Walker Müller Schneider Fischer Weber Becker Hoffmann Dubois Moreau \
    Lefebvre Rossi Ferrari Bianchi Romano García Fernández Moreno Navarro Silva Santos Pereira Oliveira Jansen Visser Bakker Hansen \
    Nielsen Johansson Lindqvist Korhonen Virtanen Kowalski Nowak Novák Svoboda Horváth Popescu Ionescu Petrov Sokolov Kuznetsova \
    Papadopoulos Yılmaz Demir Haddad Nasser Mansour Rahimi Sharma Patel Iyer Chatterjee Tanaka Suzuki Watanabe Kim Park Choi Chen \
    Huang Lin Tran Pham Wijaya Santoso Okafor Mensah Dlamini Kamau Tesfaye Murphy Byrne Campbell Fraser";
const FIRST: &str = "Blue Green Golden Silver Northern Southern Western Harbour River Valley Summit Coastal Alpine Baltic Iberian Nordic \
    Pacific Bright Clear Swift Prime Grand Royal Urban Modern Classic Fresh Pure Solid Smart Rapid Stellar Lunar Solar Crimson \
    Emerald Maple Cedar Willow Juniper";
const SECOND: &str = "Ceramics Furniture Textiles Garments Footwear Electronics Optics Instruments Bakery Foods Coffee Spices Tiles \
    Glassware Toys Bicycles Tools Fasteners Valves Pumps Lighting Batteries Packaging Paper Plastics Coatings Adhesives Cosmetics \
    Pharmacy Orchards Vineyards Fisheries Timber Stoneworks Carpets Cutlery Clocks Cameras Drones Robotics";
const FORMS: &str =
    "Ltd|GmbH|S.A.|B.V.|Inc.|LLC|Pty Ltd|Oy|AB|S.r.l.|Co., Ltd.|Trading Company|Group|International|Holding AG|& Sons";

#[tokio::test]
async fn who_is_not_listed_is_seldom_taken_for_somebody_who_is() {
    let Some(shared) = samples::shared() else { return };
    let folder = shared.join("samples/screening");
    let lists = lists(&folder);
    let words = |of: &'static str| of.split_whitespace().collect::<Vec<&str>>();
    let (given, family, first, second) = (words(GIVEN), words(FAMILY), words(FIRST), words(SECOND));
    let forms: Vec<&str> = FORMS.split('|').collect();
    let mut dice = Dice(11);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for file in
        ["opensanctions_yente_validation_negatives_global.csv", "opensanctions_yente_validation_negatives_us.csv"]
    {
        let text = std::fs::read_to_string(folder.join("name-match-tests").join(file)).expect("a sample");
        names.extend(text.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned));
    }
    while names.len() < 6_000 {
        let middle = if dice.roll(3) == 0 { format!(" {}", dice.one_of(&given)) } else { String::new() };
        names.insert(format!("{}{middle} {}", dice.one_of(&given), dice.one_of(&family)));
    }
    while names.len() < 10_000 {
        let whose = if dice.roll(2) == 0 { dice.one_of(&first) } else { dice.one_of(&family) };
        names.insert(format!("{whose} {} {}", dice.one_of(&second), dice.one_of(&forms)));
    }
    let names: Vec<String> = names.into_iter().collect();
    let bench = Bench::with(&BTreeMap::from([("denied-parties", lists.write().into_bytes())]));
    let found = screened(&bench, &names).await;
    let alarms: Vec<_> = names.iter().zip(&found).filter(|(_, found)| !found.is_empty()).collect();
    let share = alarms.len() as f64 / names.len() as f64;
    println!("{} made-up names, {} taken for somebody who is listed: {share:.4}", names.len(), alarms.len());
    alarms.iter().take(20).for_each(|(name, found)| println!("    {name:?} for {found:?}"));
    assert!(names.len() >= 10_000 && share <= 0.01, "{share:.4}");
}
